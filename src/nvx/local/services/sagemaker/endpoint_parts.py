"""What an endpoint is made of: models and endpoint configurations, as far as they are needed."""

from __future__ import annotations

from nvx.local import tags
from nvx.local.context import Context, Params, operation
from nvx.local.services.sagemaker.refusals import invalid

CONFIGS = "sagemaker.endpoint-configs"
MODELS = "sagemaker.models"


@operation("sagemaker", "CreateModel")
def create_model(ctx: Context, params: Params) -> Params:
    """Keep a model."""
    name = params["ModelName"]
    if name in ctx.table(MODELS):
        raise invalid(f"Cannot create already existing model '{_model_arn(ctx, name)}'.")
    put_model(ctx, params)
    return {"ModelArn": _model_arn(ctx, name)}


@operation("sagemaker", "DescribeModel")
def describe_model(ctx: Context, params: Params) -> Params:
    """One model."""
    return find_model(ctx, params["ModelName"])


@operation("sagemaker", "DeleteModel")
def delete_model(ctx: Context, params: Params) -> Params:
    """Delete a model."""
    doc = find_model(ctx, params["ModelName"])
    ctx.table(MODELS).delete(doc["ModelName"])
    tags.delete_all(ctx, doc["ModelArn"])
    return {}


@operation("sagemaker", "CreateEndpointConfig")
def create_endpoint_config(ctx: Context, params: Params) -> Params:
    """Keep a configuration of models that exist."""
    name = params["EndpointConfigName"]
    arn = _config_arn(ctx, name)
    if name in ctx.table(CONFIGS):
        raise invalid(f"Cannot create already existing endpoint configuration '{arn}'.")
    for variant in params["ProductionVariants"]:
        if "ModelName" in variant:
            find_model(ctx, variant["ModelName"])
    put_config(ctx, params)
    return {"EndpointConfigArn": arn}


@operation("sagemaker", "DescribeEndpointConfig")
def describe_endpoint_config(ctx: Context, params: Params) -> Params:
    """One configuration."""
    return find_config(ctx, params["EndpointConfigName"])


@operation("sagemaker", "DeleteEndpointConfig")
def delete_endpoint_config(ctx: Context, params: Params) -> Params:
    """Delete a configuration."""
    doc = find_config(ctx, params["EndpointConfigName"])
    ctx.table(CONFIGS).delete(doc["EndpointConfigName"])
    tags.delete_all(ctx, doc["EndpointConfigArn"])
    return {}


def find_model(ctx: Context, name: str) -> Params:
    """The document of a model; ValidationException where there is none, as on AWS."""
    doc = ctx.table(MODELS).get(name)
    if doc is None:
        raise invalid(f'Could not find model "{_model_arn(ctx, name)}".')
    return doc


def find_config(ctx: Context, name: str) -> Params:
    """The document of a configuration; ValidationException where there is none, as on AWS."""
    doc = ctx.table(CONFIGS).get(name)
    if doc is None:
        raise invalid(f'Could not find endpoint configuration "{_config_arn(ctx, name)}".')
    return doc


def put_model(ctx: Context, params: Params) -> None:
    """Keep a model, whatever was there."""
    arn = _model_arn(ctx, params["ModelName"])
    _put(ctx, MODELS, params["ModelName"], params, {"ModelArn": arn})


def put_config(ctx: Context, params: Params) -> None:
    """Keep a configuration, whatever was there."""
    arn = _config_arn(ctx, params["EndpointConfigName"])
    _put(ctx, CONFIGS, params["EndpointConfigName"], params, {"EndpointConfigArn": arn})


def _put(ctx: Context, table: str, name: str, params: Params, named: Params) -> None:
    kept = {key: value for key, value in params.items() if key != "Tags"}
    ctx.table(table).put(name, {**kept, **named, "CreationTime": ctx.now})
    (arn,) = named.values()
    tags.set_tags(ctx, arn, tags.from_list(params.get("Tags")))


def _model_arn(ctx: Context, name: str) -> str:
    return ctx.arn("sagemaker", f"model/{name}")


def _config_arn(ctx: Context, name: str) -> str:
    return ctx.arn("sagemaker", f"endpoint-config/{name}")
