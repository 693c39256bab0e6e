"""The CreateEvaluationJob request of a judged evaluation. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nvx.aws.bedrock import tag_list
from nvx.core.names import slug_of
from nvx.core.resource import Wish
from nvx.core.state import Intent
from nvx.core.values import canonical, normal
from nvx.kinds.common.marks import marks_of, user_tags
from nvx.kinds.common.serverless import output_of, role_of
from nvx.kinds.evaluation.bedrock_fields import BedrockJudgeFields

_TASK = "General"
"""What every evaluation with a judge is sent as, though the service model does not list it."""

_LONGEST_NAME = 63


def evaluation_request(
    wish: Wish, intent: Intent, config: BedrockJudgeFields
) -> Mapping[str, Any]:
    """Everything that is sent. The token is the intent's: sent twice, it makes one job."""
    stack = wish.scope.stack
    tags = {**user_tags(wish.declared.marks), **marks_of(wish.scope, intent).tags()}
    request: dict[str, Any] = {
        "jobName": intent.name,
        "clientRequestToken": intent.token,
        "roleArn": role_of(stack, config.role or ""),
        "jobTags": tag_list(tags),
        "applicationType": "ModelEvaluation",
        "evaluationConfig": {"automated": _automated(wish, config)},
        "inferenceConfig": {"models": [_answering(config)]},
        "outputDataConfig": {"s3Uri": output_of(stack, config.output or "")},
    }
    if config.description:
        request["jobDescription"] = config.description
    key = config.kms_key or stack.kms_key
    return {**request, "customerEncryptionKeyId": key} if key else request


def inference_text(config: BedrockJudgeFields) -> str:
    """How the model is to answer, as the JSON that is sent; "" for nothing."""
    values = config.values().get("inference")
    return canonical(normal(values)) if values else ""  # type: ignore[arg-type]  # plain values


def _automated(wish: Wish, config: BedrockJudgeFields) -> Mapping[str, Any]:
    own = [metric.name for metric in config.metric]
    asked = {
        "taskType": _TASK,
        "dataset": {
            "name": slug_of(wish.declared.address)[:_LONGEST_NAME].strip("-"),
            "datasetLocation": {"s3Uri": str(config.dataset)},
        },
        "metricNames": [*(f"Builtin.{name}" for name in config.names), *own],
    }
    automated: dict[str, Any] = {
        "datasetMetricConfigs": [asked],
        "evaluatorModelConfig": _judge(config.judge),
    }
    if config.metric:
        automated["customMetricConfig"] = {
            "customMetrics": [metric.wire for metric in config.metric],
            "evaluatorModelConfig": _judge(config.custom_judge or config.judge),
        }
    return automated


def _judge(model: str) -> Mapping[str, Any]:
    return {"bedrockEvaluatorModels": [{"modelIdentifier": model}]}


def _answering(config: BedrockJudgeFields) -> Mapping[str, Any]:
    if config.answers is not None:
        return {"precomputedInferenceSource": {"inferenceSourceIdentifier": config.answers}}
    model: dict[str, Any] = {"modelIdentifier": str(config.model)}
    text = inference_text(config)
    if text:
        model["inferenceParams"] = text
    if config.latency is not None:
        model["performanceConfig"] = {"latency": config.latency}
    return {"bedrockModel": model}
