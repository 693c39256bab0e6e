"""The CreateAutoMLJobV2 request of a fine-tune. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nvx.core.resource import Wish
from nvx.core.state import Intent
from nvx.data.autopilot import tunable_models
from nvx.kinds.common.marks import as_list, marks_of, user_tags
from nvx.kinds.common.serverless import output_of, role_of
from nvx.kinds.fine_tune.autopilot_fields import (
    AutopilotFields,
    content_type_of,
    wire_value,
)


def automl_request(wish: Wish, intent: Intent, config: AutopilotFields) -> Mapping[str, Any]:
    """Everything that is sent: what the user wrote, and no default of the service."""
    request: dict[str, Any] = {
        "AutoMLJobName": intent.name,
        "AutoMLJobInputDataConfig": _channels(config),
        "OutputDataConfig": _output(wish, config),
        "RoleArn": role_of(wish.scope.stack, config.role or ""),
        "AutoMLProblemTypeConfig": {"TextGenerationJobConfig": _text_generation(config)},
        "Tags": as_list(
            {**user_tags(wish.declared.marks), **marks_of(wish.scope, intent).tags()}
        ),
    }
    if config.validation_fraction is not None:
        request["DataSplitConfig"] = {"ValidationFraction": config.validation_fraction}
    if config.deploy:
        request["ModelDeployConfig"] = _deployment(config)
    security = _security(config)
    return {**request, "SecurityConfig": security} if security else request


def _channels(config: AutopilotFields) -> list[Mapping[str, Any]]:
    sources = [("training", str(config.dataset))]
    if config.validation_dataset is not None:
        sources.append(("validation", str(config.validation_dataset)))
    return [
        {
            "ChannelType": kind,
            "ContentType": content_type_of(config, uri),
            "CompressionType": "None",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}},
        }
        for kind, uri in sources
    ]


def _output(wish: Wish, config: AutopilotFields) -> Mapping[str, str]:
    stack = wish.scope.stack
    output = {"S3OutputPath": output_of(stack, config.output or "")}
    key = config.kms_key or stack.kms_key
    return {**output, "KmsKeyId": key} if key else output


def _text_generation(config: AutopilotFields) -> Mapping[str, Any]:
    job: dict[str, Any] = {"BaseModelName": config.base_model}
    model = tunable_models().get(config.base_model)
    if config.accept_eula and (model is None or model.eula):
        job["ModelAccessConfig"] = {"AcceptEula": True}
    criteria = {
        "MaxCandidates": config.max_candidates,
        "MaxRuntimePerTrainingJobInSeconds": config.max_runtime,
        "MaxAutoMLJobRuntimeInSeconds": config.max_job_runtime,
    }
    given = {name: value for name, value in criteria.items() if value is not None}
    if given:
        job["CompletionCriteria"] = given
    if config.hyperparameters:
        job["TextGenerationHyperParameters"] = {
            name: wire_value(value) for name, value in config.hyperparameters.items()
        }
    return job


def _deployment(config: AutopilotFields) -> Mapping[str, Any]:
    if config.endpoint_name is None:
        return {"AutoGenerateEndpointName": True}
    return {"AutoGenerateEndpointName": False, "EndpointName": config.endpoint_name}


def _security(config: AutopilotFields) -> Mapping[str, Any]:
    security: dict[str, Any] = {}
    if config.volume_kms_key is not None:
        security["VolumeKmsKeyId"] = config.volume_kms_key
    if config.encrypt_traffic is not None:
        security["EnableInterContainerTrafficEncryption"] = config.encrypt_traffic
    if config.vpc is not None:
        security["VpcConfig"] = config.vpc.wire
    return security
