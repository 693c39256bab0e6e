"""What CreateAutoMLJobV2 refuses beyond the shapes of its members."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nvx.local.context import AwsError, Context, Params
from nvx.local.dispatch import NOT_IMPLEMENTED
from nvx.local.services.sagemaker.automl_models import DEFAULT, tunable_models
from nvx.local.services.sagemaker.inputs import check_output, objects_under
from nvx.local.services.sagemaker.refusals import invalid
from nvx.local.services.sagemaker.roles import check_role

CONTENT_TYPES = (
    "text/csv",
    "text/csv;header=present",
    "x-application/vnd.amazon+parquet",
)
_LONGEST_OUTPUT = 512


def check_automl(ctx: Context, params: Params) -> Params:
    """The text generation settings of a request that could run; refuses any other."""
    config: Params | None = params["AutoMLProblemTypeConfig"].get("TextGenerationJobConfig")
    if config is None:
        text = "The local AWS runs AutoML jobs for text generation only."
        raise AwsError(NOT_IMPLEMENTED, text, 501)
    _check_members(params, config)
    _check_channels(params)
    _check_hyperparameters(config.get("TextGenerationHyperParameters", {}))
    _check_model(config)
    check_role(ctx, params["RoleArn"])
    check_output(ctx, params["OutputDataConfig"]["S3OutputPath"])
    for channel in params["AutoMLJobInputDataConfig"]:
        objects_under(ctx, uri_of(channel), params["RoleArn"])
    return config


def uri_of(channel: Params) -> str:
    """Where the data of a channel is."""
    uri: str = channel["DataSource"]["S3DataSource"]["S3Uri"]
    return uri


def is_csv(channel: Params) -> bool:
    """Whether a channel holds CSV; that is the default."""
    return str(channel.get("ContentType", "text/csv")).startswith("text/csv")


def _check_members(params: Params, config: Params) -> None:
    if "AutoMLJobObjective" in params:
        raise invalid("AutoMLJobObjective is not supported for text generation.")
    if "AutoMLComputeConfig" in params:
        raise invalid("AutoMLComputeConfig is not supported for text generation.")
    if len(params["OutputDataConfig"]["S3OutputPath"]) > _LONGEST_OUTPUT:
        raise invalid(f"S3OutputPath can have up to {_LONGEST_OUTPUT} characters.")
    if config.get("CompletionCriteria", {}).get("MaxCandidates", 1) != 1:
        raise invalid("MaxCandidates must be 1 for text generation.")
    deploy = params.get("ModelDeployConfig")
    if deploy is None:
        return
    if bool(deploy.get("AutoGenerateEndpointName")) == bool(deploy.get("EndpointName")):
        raise invalid(
            "Specify EndpointName if and only if AutoGenerateEndpointName is False in "
            "ModelDeployConfig."
        )


def _check_channels(params: Params) -> None:
    channels = params["AutoMLJobInputDataConfig"]
    for channel in channels:
        _check_channel(channel)
    kinds = sorted(channel.get("ChannelType", "training") for channel in channels)
    if kinds not in (["training"], ["training", "validation"]):
        raise invalid("Exactly one training and at most one validation channel are required.")
    if len({channel.get("ContentType", "text/csv;header=present") for channel in channels}) > 1:
        raise invalid("The channels must have the same ContentType.")
    fraction = params.get("DataSplitConfig", {}).get("ValidationFraction")
    if fraction is None:
        return
    if len(channels) > 1:
        raise invalid("ValidationFraction cannot be set together with a validation channel.")
    if not 0 < fraction < 1:
        raise invalid("ValidationFraction must be between 0 and 1, both exclusive.")


def _check_channel(channel: Params) -> None:
    if "S3DataSource" not in channel.get("DataSource", {}):
        raise invalid("DataSource is required in AutoMLJobInputDataConfig.")
    if channel["DataSource"]["S3DataSource"]["S3DataType"] != "S3Prefix":
        raise invalid("S3DataType must be S3Prefix for text generation.")
    if channel.get("CompressionType", "None") != "None":
        raise invalid("CompressionType must be None for text generation.")
    if channel.get("ContentType", CONTENT_TYPES[0]) not in CONTENT_TYPES:
        raise invalid(f"ContentType must be one of {', '.join(CONTENT_TYPES)}.")


def _whole(least: int, most: int) -> Callable[[str], bool]:
    return lambda text: text.isascii() and text.isdigit() and least <= int(text) <= most


def _share(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False


_HYPERPARAMETERS: Mapping[str, Callable[[str], bool]] = {
    "epochCount": _whole(1, 10),
    "batchSize": _whole(1, 64),
    "learningRate": _share,
    "learningRateWarmupSteps": _whole(0, 250),
}


def _check_hyperparameters(values: Mapping[str, str]) -> None:
    for name, value in values.items():
        allowed = _HYPERPARAMETERS.get(name)
        if allowed is None:
            raise invalid(f"{name} is not a hyperparameter of text generation.")
        if not allowed(value):
            raise invalid(f"{value} is not a valid value of the hyperparameter {name}.")


def _check_model(config: Params) -> None:
    name = config.get("BaseModelName", DEFAULT)
    model = tunable_models().get(name)
    if model is None:
        raise invalid(f"BaseModelName {name} is not supported for text generation.")
    if model.licence and not config.get("ModelAccessConfig", {}).get("AcceptEula"):
        raise invalid(
            f"The base model {name} requires accepting its end-user license agreement (EULA). "
            "Set AcceptEula to true in ModelAccessConfig."
        )
