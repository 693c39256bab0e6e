"""The CreateTrainingJob request of a Nova recipe. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nvx.core.cloud import Rejected
from nvx.core.resource import Wish
from nvx.core.state import Intent
from nvx.kinds.common.marks import as_list, marks_of, user_tags
from nvx.kinds.common.nova_fields import NovaJobFields
from nvx.kinds.common.serverless import group_arn, role_of

RECIPE_FILE = "recipe.yaml"
_MOUNTED = f"/opt/ml/input/data/recipe/{RECIPE_FILE}"


@dataclass(frozen=True, slots=True)
class Channel:
    """Data that a job reads."""

    name: str
    uri: str
    type: str = "S3Prefix"


@dataclass(frozen=True, slots=True)
class RecipeJob:
    """What a recipe's job is made of, beside the circumstances of its block."""

    image: str
    recipe_uri: str
    output: str
    replicas: int
    model_path: str
    model_type: str
    channels: tuple[Channel, ...] = ()
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    """What this recipe needs beside its model."""
    source_group: str = ""
    """The group of the model package that is gone on from."""


def recipe_request(
    wish: Wish, intent: Intent, config: NovaJobFields, job: RecipeJob
) -> Mapping[str, Any]:
    """Everything that is sent. The image has its own entry point, so nothing else is."""
    scope = wish.scope
    role = role_of(scope.stack, config.role or "")
    channels = (Channel("recipe", job.recipe_uri), *job.channels)
    marks = marks_of(scope, intent).tags()
    request: dict[str, Any] = {
        "TrainingJobName": intent.name,
        "RoleArn": role,
        "AlgorithmSpecification": {"TrainingImage": job.image, "TrainingInputMode": "File"},
        "HyperParameters": _hyperparameters(job),
        "InputDataConfig": [_channel(one) for one in channels],
        "OutputDataConfig": {"S3OutputPath": job.output},
        "ResourceConfig": {
            "InstanceType": config.instance_type,
            "InstanceCount": job.replicas,
            "VolumeSizeInGB": config.volume_gb,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": config.max_runtime},
        "TensorBoardOutputConfig": {"S3OutputPath": job.output},
        "ProfilerConfig": {"DisableProfiler": True},
        "RemoteDebugConfig": {"EnableRemoteDebug": False},
        "Tags": as_list({**user_tags(wish.declared.marks), **marks}),
    }
    key = config.kms_key or scope.stack.kms_key
    if key:
        request["OutputDataConfig"]["KmsKeyId"] = key
    if config.vpc is not None:
        request["VpcConfig"] = config.vpc.wire
    packages = _packages(wish, config, role, job)
    return {**request, "ModelPackageConfig": packages} if packages else request


def _channel(channel: Channel) -> Mapping[str, Any]:
    source = {
        "S3DataType": channel.type,
        "S3DataDistributionType": "FullyReplicated",
        "S3Uri": channel.uri,
    }
    return {
        "ChannelName": channel.name,
        "InputMode": "File",
        "DataSource": {"S3DataSource": source},
    }


def _hyperparameters(job: RecipeJob) -> Mapping[str, str]:
    """What both clients of AWS send together; values are text without quotes."""
    values = {"sagemaker_recipe_local_path": _MOUNTED, **job.hyperparameters}
    if job.model_type:
        values["model_type"] = job.model_type
    if job.model_path.startswith("s3://"):
        values["base_model_location"] = job.model_path
    elif job.model_path and not job.model_path.startswith("arn:"):
        values["base_model"] = job.model_path
    return values


def _packages(
    wish: Wish, config: NovaJobFields, role: str, job: RecipeJob
) -> Mapping[str, str]:
    group = str(config.model_group or job.source_group or "")
    from_package = job.model_path.startswith("arn:")
    if not group:
        if from_package:
            raise Rejected(f"{job.model_path} belongs to no group: set model_group")
        return {}
    packages = {"ModelPackageGroupArn": group_arn(wish.scope.stack, role, group)}
    if from_package:
        packages["SourceModelPackageArn"] = job.model_path
    return packages
