"""The CreateTrainingJob request of a serverless fine-tune. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nvx.core.resource import Scope, Wish
from nvx.core.state import Intent
from nvx.kinds.common.marks import as_list, marks_of, user_tags
from nvx.kinds.common.serverless import group_arn, output_of, role_of, wire_text
from nvx.kinds.fine_tune.fields import ServerlessFields


@dataclass(frozen=True, slots=True)
class Technique:
    """What a method adds to the request that all methods share."""

    name: str
    """`SFT`, `DPO`, `RLVR`, `RLAIF`."""
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    evaluator_arn: str = ""
    converse: bool = False
    """Whether rows of an `s3://` dataset are Converse rows, whose media the service looks up."""


@dataclass(frozen=True, slots=True)
class Base:
    """The base model as the hub has it now, and the group of the model that is gone on from."""

    name: str
    arn: str
    gated: bool = False
    group_arn: str = ""


def training_request(
    wish: Wish, intent: Intent, config: ServerlessFields, technique: Technique, base: Base
) -> Mapping[str, Any]:
    """Everything that is sent: what the user wrote, and no default of the recipe."""
    scope = wish.scope
    role = role_of(scope.stack, config.role or "")
    request: dict[str, Any] = {
        "TrainingJobName": intent.name,
        "RoleArn": role,
        "InputDataConfig": _channels(config, technique),
        "OutputDataConfig": _output(scope, config),
        "ServerlessJobConfig": _job(config, technique, base),
        "ModelPackageConfig": _packages(scope, config, role, base),
        "Tags": as_list(_tags(wish, intent, base)),
    }
    request |= _optional(scope, config)
    values = {name: wire_text(value) for name, value in _written(config).items()}
    values |= technique.hyperparameters
    return {**request, "HyperParameters": values} if values else request


def data_source(uri: str, *, converse: bool = False) -> Mapping[str, Any]:
    """A channel's source: a registered dataset, or objects under an `s3://` address."""
    if uri.startswith("arn:"):
        return {"DatasetSource": {"DatasetArn": uri}}
    return {
        "S3DataSource": {
            "S3DataType": "Converse" if converse else "S3Prefix",
            "S3Uri": uri,
            "S3DataDistributionType": "FullyReplicated",
        }
    }


def _written(config: ServerlessFields) -> Mapping[str, Any]:
    written = config.values().get("hyperparameters", {})
    return written if isinstance(written, Mapping) else {}


def _channels(config: ServerlessFields, technique: Technique) -> list[Mapping[str, Any]]:
    sources = [("train", config.dataset)]
    if config.validation_dataset is not None:
        sources.append(("validation", config.validation_dataset))
    return [
        {"ChannelName": name, "DataSource": data_source(str(uri), converse=technique.converse)}
        for name, uri in sources
    ]


def _output(scope: Scope, config: ServerlessFields) -> Mapping[str, str]:
    output = {"S3OutputPath": output_of(scope.stack, config.output or "")}
    key = config.kms_key or scope.stack.kms_key
    return {**output, "KmsKeyId": key} if key else output


def _job(config: ServerlessFields, technique: Technique, base: Base) -> Mapping[str, Any]:
    job: dict[str, Any] = {
        "BaseModelArn": base.arn,
        "JobType": "FineTuning",
        "CustomizationTechnique": technique.name,
    }
    if config.training_type == "LORA":
        job["Peft"] = "LORA"
    if base.gated:
        job["AcceptEula"] = True
    if technique.evaluator_arn:
        job["EvaluatorArn"] = technique.evaluator_arn
    if config.sequence_length is not None:
        job["SequenceLength"] = config.sequence_length
    return job


def _packages(
    scope: Scope, config: ServerlessFields, role: str, base: Base
) -> Mapping[str, str]:
    group = group_arn(scope.stack, role, str(config.model_group or base.group_arn))
    packages = {"ModelPackageGroupArn": group}
    if config.source_model is not None:
        packages["SourceModelPackageArn"] = str(config.source_model)
    return packages


def _optional(scope: Scope, config: ServerlessFields) -> Mapping[str, Any]:
    optional: dict[str, Any] = {}
    app = config.mlflow.app if config.mlflow is not None else ""
    if app or scope.stack.mlflow:
        optional["MlflowConfig"] = _mlflow(config, app or scope.stack.mlflow)
    if config.vpc is not None:
        optional["VpcConfig"] = config.vpc.wire
    if config.max_runtime is not None:
        optional["StoppingCondition"] = {"MaxRuntimeInSeconds": config.max_runtime}
    return optional


def _mlflow(config: ServerlessFields, app: str) -> Mapping[str, str]:
    named = {
        "MlflowResourceArn": app,
        "MlflowExperimentName": config.mlflow.experiment if config.mlflow else "",
        "MlflowRunName": config.mlflow.run if config.mlflow else "",
    }
    return {name: value for name, value in named.items() if value}


def _tags(wish: Wish, intent: Intent, base: Base) -> Mapping[str, str]:
    """Studio accounts for a tuned model by the two tags of its base model."""
    studio = {
        "sagemaker-sdk:jumpstart-model-id": base.name,
        "sagemaker-sdk:jumpstart-hub-name": "SageMakerPublicHub",
    }
    marks = marks_of(wish.scope, intent).tags()
    return {**user_tags(wish.declared.marks), **studio, **marks}
