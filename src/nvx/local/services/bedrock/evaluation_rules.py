"""What CreateEvaluationJob refuses beyond the shapes of its members."""

from __future__ import annotations

from nvx.local.context import AwsError, Context, Params
from nvx.local.services.bedrock.jobs import check_bucket, check_role
from nvx.local.services.bedrock.models import model_named
from nvx.local.services.bedrock.refusals import invalid, unknown_here
from nvx.local.services.sagemaker.arns import bucket_and_key

_PREFIX = "Builtin."
_JUDGED = frozenset(
    {
        "Correctness",
        "Completeness",
        "Faithfulness",
        "Helpfulness",
        "Coherence",
        "Relevance",
        "FollowingInstructions",
        "ProfessionalStyleAndTone",
        "Harmfulness",
        "Stereotyping",
        "Refusal",
    }
)


def check_evaluation(ctx: Context, params: Params) -> Params:
    """The automated settings of a judge job that could run; refuses any other."""
    automated = _automated(params)
    _check_inference(params["inferenceConfig"])
    custom = automated.get("customMetricConfig", {})
    names = [
        metric["customMetricDefinition"]["name"] for metric in custom.get("customMetrics", [])
    ]
    if len(set(names)) < len(names):
        raise invalid("The names of custom metrics must be unique.")
    asked = {
        name for config in automated["datasetMetricConfigs"] for name in config["metricNames"]
    }
    _check_metrics(asked, names)
    built_in = any(name.startswith(_PREFIX) for name in asked)
    _check_judge(ctx, automated["evaluatorModelConfig"], built_in=built_in)
    if custom:
        _check_judge(ctx, custom["evaluatorModelConfig"], built_in=False)
    check_role(ctx, params["roleArn"])
    check_bucket(ctx, params["outputDataConfig"]["s3Uri"])
    for config in automated["datasetMetricConfigs"]:
        _check_dataset(ctx, config["dataset"])
    return automated


def _automated(params: Params) -> Params:
    config: Params | None = params["evaluationConfig"].get("automated")
    if config is None or params.get("applicationType", "ModelEvaluation") != "ModelEvaluation":
        raise unknown_here("The local AWS runs automated evaluations of models only.")
    if "evaluatorModelConfig" not in config:
        raise unknown_here("The local AWS runs evaluations with an evaluator model only.")
    return config


def _check_inference(config: Params) -> None:
    models = config.get("models")
    if models is None:
        raise unknown_here("The local AWS evaluates models, not knowledge bases.")
    if len(models) != 1:
        raise invalid("An automated evaluation job takes exactly one model.")


def _check_metrics(asked: set[str], custom: list[str]) -> None:
    for name in asked:
        known = (
            name.removeprefix(_PREFIX) in _JUDGED
            if name.startswith(_PREFIX)
            else name in custom
        )
        if not known:
            raise invalid(
                f"The metric {name} is neither built in nor defined as a custom metric."
            )
    unused = sorted(set(custom) - asked)
    if unused:
        raise invalid(f"The custom metrics {', '.join(unused)} are not among metricNames.")


def _check_judge(ctx: Context, config: Params, *, built_in: bool) -> None:
    identifier = config["bedrockEvaluatorModels"][0]["modelIdentifier"]
    judge = model_named(ctx, identifier)
    if judge is None or not judge.judge or (built_in and judge.custom_only):
        raise invalid(f"The model {identifier} is not supported as an evaluator model.")


def _check_dataset(ctx: Context, dataset: Params) -> None:
    uri = dataset.get("datasetLocation", {}).get("s3Uri")
    if uri is None:
        raise invalid(f"The data set {dataset['name']} needs a datasetLocation.")
    bucket, key = bucket_and_key(uri)
    try:
        ctx.call("s3", "HeadObject", {"Bucket": bucket, "Key": key})
    except AwsError as error:
        raise invalid(f"The data set {uri} does not exist or cannot be read.") from error
