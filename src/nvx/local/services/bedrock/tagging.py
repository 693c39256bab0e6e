"""Tags of Bedrock's jobs and models."""

from __future__ import annotations

from nvx.local import tags
from nvx.local.context import Context, Params, operation
from nvx.local.services.bedrock.customization import CUSTOMIZATIONS, find_customization
from nvx.local.services.bedrock.evaluation_jobs import find_evaluation
from nvx.local.services.bedrock.jobs import tags_from
from nvx.local.services.bedrock.refusals import not_found


@operation("bedrock", "TagResource")
def tag_resource(ctx: Context, params: Params) -> Params:
    """Add tags, or give them other values."""
    tags.set_tags(ctx, _checked(ctx, params["resourceARN"]), tags_from(params["tags"]))
    return {}


@operation("bedrock", "UntagResource")
def untag_resource(ctx: Context, params: Params) -> Params:
    """Take tags away."""
    tags.remove_tags(ctx, _checked(ctx, params["resourceARN"]), params["tagKeys"])
    return {}


@operation("bedrock", "ListTagsForResource")
def list_tags_for_resource(ctx: Context, params: Params) -> Params:
    """The tags of a resource."""
    found = tags.tags_of(ctx, _checked(ctx, params["resourceARN"]))
    return {"tags": [{"key": key, "value": value} for key, value in found.items()]}


def _checked(ctx: Context, arn: str) -> str:
    kind = arn.split(":", 5)[-1].partition("/")[0]
    if kind == "evaluation-job":
        find_evaluation(ctx, arn)
    elif kind == "model-customization-job":
        find_customization(ctx, arn)
    elif not any(doc["ModelArn"] == arn for _, doc in ctx.table(CUSTOMIZATIONS).items()):
        raise not_found(f"The resource {arn} could not be found.")
    return arn
