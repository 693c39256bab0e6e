"""Tags of SageMaker resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nvx.local import tags
from nvx.local.context import Context, Params, operation
from nvx.local.paging import page
from nvx.local.services.sagemaker.arns import Arn, parse
from nvx.local.services.sagemaker.automl_jobs import find_automl_job
from nvx.local.services.sagemaker.contents import Shelf
from nvx.local.services.sagemaker.endpoint_parts import find_config, find_model
from nvx.local.services.sagemaker.endpoints import find_endpoint
from nvx.local.services.sagemaker.executions import find_execution
from nvx.local.services.sagemaker.groups import find_group
from nvx.local.services.sagemaker.hubs import find_hub, own_hub
from nvx.local.services.sagemaker.jobs import find_job
from nvx.local.services.sagemaker.lineage import ACTION, ARTIFACT, CONTEXT, find_entity
from nvx.local.services.sagemaker.mlflow import find_app
from nvx.local.services.sagemaker.packages import find_package
from nvx.local.services.sagemaker.pipelines import find_pipeline
from nvx.local.services.sagemaker.refusals import invalid, limit_exceeded, not_found
from nvx.local.services.sagemaker.settling import settle

_MOST = 50


@operation("sagemaker", "AddTags")
def add_tags(ctx: Context, params: Params) -> Params:
    """Add tags, or give them other values."""
    arn = _checked(ctx, params["ResourceArn"])
    given = tags.from_list(params["Tags"])
    for key in given:
        if key.lower().startswith("aws:"):
            raise invalid(f"Tag key {key} is not allowed: keys must not begin with aws:.")
    if len({**tags.tags_of(ctx, arn), **given}) > _MOST:
        raise limit_exceeded(f"A resource can have up to {_MOST} tags.")
    tags.set_tags(ctx, arn, given)
    return {"Tags": tags.to_list(tags.tags_of(ctx, arn))}


@operation("sagemaker", "ListTags")
def list_tags(ctx: Context, params: Params) -> Params:
    """The tags of a resource."""
    arn = _checked(ctx, params["ResourceArn"])
    rows = tags.to_list(tags.tags_of(ctx, arn))
    shown, token = page(rows, params, default=_MOST, key=lambda row: row["Key"])
    return {"Tags": shown, **({"NextToken": token} if token else {})}


@operation("sagemaker", "DeleteTags")
def delete_tags(ctx: Context, params: Params) -> Params:
    """Take tags away."""
    tags.remove_tags(ctx, _checked(ctx, params["ResourceArn"]), params["TagKeys"])
    return {}


def _checked(ctx: Context, text: str) -> str:
    settle(ctx)
    arn = parse(text)
    find = _FINDERS.get(arn.kind) if arn is not None and arn.service == "sagemaker" else None
    if arn is None or find is None or arn.region != ctx.region:
        raise invalid(f"{text} is not the ARN of a SageMaker resource in {ctx.region}.")
    find(ctx, text, arn)
    return text


def _find_hub(ctx: Context, text: str, _arn: Arn) -> None:
    (find_hub if ctx.operation == "ListTags" else own_hub)(ctx, text)


def _find_content(ctx: Context, text: str, arn: Arn) -> None:
    hub, content_type, name, *version = [*arn.path, "", "", ""][: max(3, len(arn.path))]
    if version and ctx.operation != "ListTags":
        raise invalid(f"Tags belong to hub content without its version, not to {text}.")
    doc_of_hub = f"{text.split(':hub-content/')[0]}:hub/{hub}"
    _find_hub(ctx, doc_of_hub, arn)
    _, found = find_hub(ctx, doc_of_hub)
    if version or Shelf(ctx, found, content_type, name).get(None) is None:
        raise not_found(f"Hub content {text} does not exist.")


def _find_pipeline(ctx: Context, text: str, arn: Arn) -> None:
    (find_execution if "execution" in arn.path else find_pipeline)(ctx, text)


def _find_job(ctx: Context, _text: str, arn: Arn) -> None:
    find_job(ctx, "/".join(arn.path))


_FINDERS: Mapping[str, Callable[[Context, str, Arn], object]] = {
    "hub": _find_hub,
    "hub-content": _find_content,
    "training-job": _find_job,
    "automl-job": lambda ctx, _, arn: find_automl_job(ctx, "/".join(arn.path)),
    "endpoint": lambda ctx, _, arn: find_endpoint(ctx, "/".join(arn.path)),
    "endpoint-config": lambda ctx, _, arn: find_config(ctx, "/".join(arn.path)),
    "model": lambda ctx, _, arn: find_model(ctx, "/".join(arn.path)),
    "model-package-group": lambda ctx, text, _: find_group(ctx, text),
    "model-package": lambda ctx, text, _: find_package(ctx, text),
    "pipeline": _find_pipeline,
    "artifact": lambda ctx, text, _: find_entity(ctx, ARTIFACT, text),
    "action": lambda ctx, text, _: find_entity(ctx, ACTION, text),
    "context": lambda ctx, text, _: find_entity(ctx, CONTEXT, text),
    "mlflow-app": lambda ctx, text, _: find_app(ctx, text),
}
