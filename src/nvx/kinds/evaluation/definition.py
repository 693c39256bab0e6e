"""The pipeline definition of a serverless evaluation, as data. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nvx.kinds.evaluation.lineage_steps import association_step, creation_step

BASE_STEP = "EvaluateBaseModel"
TUNED_STEP = "EvaluateCustomModel"


@dataclass(frozen=True, slots=True)
class Package:
    """The tuned model that is evaluated: its model package, and the group it belongs to."""

    arn: str
    group_arn: str


@dataclass(frozen=True, slots=True)
class Lineage:
    """What the lineage steps name: the pipeline, the tuned model's artifact, and its place."""

    pipeline: str
    artifact_arn: str
    action_root: str
    """`arn:<partition>:sagemaker:<region>:<account>:action`."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything that an evaluation runs with."""

    evaluation_type: str
    """`BenchmarkEvaluation`, `CustomScorerEvaluation`."""
    role: str
    base_model_arn: str
    hyperparameters: Mapping[str, str]
    output: str
    package: Package | None = None
    compare_base: bool = False
    accept_eula: bool = False
    evaluator_arn: str = ""
    max_runtime: int = 86400
    kms_key: str = ""
    vpc: Mapping[str, Any] | None = None
    channel: Mapping[str, Any] | None = None
    """The data source of the `train` channel, for the types that read rows."""
    mlflow: Mapping[str, str] = field(default_factory=dict)
    """`MlflowResourceArn` and `MlflowExperimentName`; empty for none."""
    lineage: Lineage | None = None


def definition_of(terms: Terms) -> Mapping[str, Any]:
    """The definition document: a step for each model, and the lineage steps around them if wanted.

    Built as data, never from text: quotes and `{{…}}` in values pass through untouched.
    """
    document: dict[str, Any] = {"Version": "2020-12-01", "Metadata": {}, "Parameters": []}
    if terms.mlflow:
        document["MlflowConfig"] = dict(terms.mlflow)
    steps = _training_steps(terms)
    if terms.lineage is not None and terms.package is not None:
        lineage, package = terms.lineage, terms.package.arn
        before = creation_step(
            lineage.pipeline, package, lineage.artifact_arn, lineage.action_root
        )
        reports = {_report(step["Name"]): step["Name"] for step in steps}
        steps = [before, *steps, association_step(reports, lineage.action_root)]
    return {**document, "Steps": steps}


def definition_text(terms: Terms) -> str:
    """The definition as it is sent: the same terms give the same bytes."""
    return json.dumps(definition_of(terms), sort_keys=True, separators=(",", ":"))


def alias_of(definition: str) -> str:
    """The alias of the pipeline version that holds a definition: `nvx-` and 12 hex."""
    return f"nvx-{hashlib.sha256(definition.encode()).hexdigest()[:12]}"


def _training_steps(terms: Terms) -> list[dict[str, Any]]:
    """One step for each model; they run side by side."""
    if terms.package is None:
        return [_training_step(BASE_STEP, terms, None)]
    tuned = _training_step(TUNED_STEP, terms, terms.package)
    return [_training_step(BASE_STEP, terms, None), tuned] if terms.compare_base else [tuned]


def _training_step(name: str, terms: Terms, package: Package | None) -> dict[str, Any]:
    """A serverless job. A package makes it evaluate the tuned weights, so a base step has none."""
    arguments: dict[str, Any] = {
        "RoleArn": terms.role,
        "ServerlessJobConfig": _job(terms),
        "StoppingCondition": {"MaxRuntimeInSeconds": terms.max_runtime},
        "HyperParameters": dict(terms.hyperparameters),
        "OutputDataConfig": _output(terms),
    }
    if package is not None:
        arguments["ModelPackageConfig"] = {
            "ModelPackageGroupArn": package.group_arn,
            "SourceModelPackageArn": package.arn,
        }
    if terms.channel is not None:
        arguments["InputDataConfig"] = [{"ChannelName": "train", "DataSource": terms.channel}]
    if terms.vpc is not None:
        arguments["VpcConfig"] = dict(terms.vpc)
    return {"Name": name, "Type": "Training", "Arguments": arguments}


def _job(terms: Terms) -> dict[str, Any]:
    job: dict[str, Any] = {
        "BaseModelArn": terms.base_model_arn,
        "JobType": "Evaluation",
        "EvaluationType": terms.evaluation_type,
    }
    if terms.accept_eula:
        job["AcceptEula"] = True
    if terms.evaluator_arn:
        job["EvaluatorArn"] = terms.evaluator_arn
    return job


def _output(terms: Terms) -> dict[str, str]:
    """Uncompressed: the scores are read from the objects themselves."""
    output = {"S3OutputPath": terms.output, "CompressionType": "NONE"}
    return {**output, "KmsKeyId": terms.kms_key} if terms.kms_key else output


def _report(step: str) -> str:
    return "base-eval-report" if step == BASE_STEP else "custom-eval-report"
