"""One serverless job of an evaluation as a step of a pipeline. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nvx.kinds.evaluation.terms import Package, Terms


def training_step(
    name: str,
    terms: Terms,
    package: Package | None,
    hyperparameters: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A serverless job. A package makes it evaluate the tuned weights, so a base step has none."""
    arguments: dict[str, Any] = {
        "RoleArn": terms.role,
        "ServerlessJobConfig": _job(terms),
        "StoppingCondition": {"MaxRuntimeInSeconds": terms.max_runtime},
        "HyperParameters": dict(
            terms.hyperparameters if hyperparameters is None else hyperparameters
        ),
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
