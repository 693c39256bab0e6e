"""Model package groups."""

from __future__ import annotations

from nvx.local import tags
from nvx.local.context import Context, Params, operation
from nvx.local.services.sagemaker.arns import own_name, user_context
from nvx.local.services.sagemaker.listing import Order, listed, visible
from nvx.local.services.sagemaker.refusals import conflict, invalid
from nvx.local.services.sagemaker.settling import settle

GROUPS = "sagemaker.model-package-groups"
PACKAGES = "sagemaker.model-packages"

_SHOWN = ("ModelPackageGroupName", "ModelPackageGroupArn", "ModelPackageGroupDescription",
          "ManagedConfiguration", "CreationTime")  # fmt: skip
_ORDER = Order("ModelPackageGroupName", members={"Name": "ModelPackageGroupName"})


def group_arn(ctx: Context, name: str) -> str:
    """The ARN of the caller's group of a name."""
    return ctx.arn("sagemaker", f"model-package-group/{name}")


def find_group(ctx: Context, name_or_arn: str) -> Params:
    """The document of a group; ValidationException where there is none."""
    name = own_name(ctx, "model-package-group", name_or_arn)
    doc = None if name is None else ctx.table(GROUPS).get(name)
    if doc is None:
        arn = name_or_arn if name_or_arn.startswith("arn:") else group_arn(ctx, name_or_arn)
        raise invalid(f"ModelPackageGroup {arn} does not exist.")
    return doc


@operation("sagemaker", "CreateModelPackageGroup")
def create_model_package_group(ctx: Context, params: Params) -> Params:
    """Make a group."""
    name = params["ModelPackageGroupName"]
    arn = group_arn(ctx, name)
    if name in ctx.table(GROUPS):
        raise invalid(f"Model Package Group already exists: {arn}")
    doc = {key: params[key] for key in _SHOWN if key in params}
    doc |= {
        "ModelPackageGroupArn": arn,
        "CreationTime": ctx.now,
        "LastVersion": 0,
        "Serial": ctx.store.sequence("sagemaker"),
    }
    ctx.table(GROUPS).put(name, doc)
    tags.set_tags(ctx, arn, tags.from_list(params.get("Tags")))
    return {"ModelPackageGroupArn": arn}


@operation("sagemaker", "DescribeModelPackageGroup")
def describe_model_package_group(ctx: Context, params: Params) -> Params:
    """One group."""
    doc = find_group(ctx, params["ModelPackageGroupName"])
    if not visible(ctx, doc["CreationTime"]):
        raise invalid(f"ModelPackageGroup {doc['ModelPackageGroupArn']} does not exist.")
    return group_view(ctx, doc)


def group_view(ctx: Context, doc: Params) -> Params:
    """A group as DescribeModelPackageGroup shows it."""
    return {**_summary(doc), "CreatedBy": user_context(ctx)}


@operation("sagemaker", "ListModelPackageGroups")
def list_model_package_groups(ctx: Context, params: Params) -> Params:
    """The caller's groups."""
    rows = [(doc["Serial"], _summary(doc)) for _, doc in ctx.table(GROUPS).items()]
    if params.get("CrossAccountFilterOption") == "CrossAccount":
        rows = []
    summaries, token = listed(ctx, rows, params, _ORDER)
    return {"ModelPackageGroupSummaryList": summaries, **token}


@operation("sagemaker", "DeleteModelPackageGroup")
def delete_model_package_group(ctx: Context, params: Params) -> Params:
    """Delete an empty group."""
    settle(ctx)
    doc = find_group(ctx, params["ModelPackageGroupName"])
    name = doc["ModelPackageGroupName"]
    if any(key.startswith(f"{name}/") for key, _ in ctx.table(PACKAGES).items()):
        raise conflict(
            f"Model Package Group {doc['ModelPackageGroupArn']} cannot be deleted because it "
            "still contains model packages."
        )
    ctx.table(GROUPS).delete(name)
    tags.delete_all(ctx, doc["ModelPackageGroupArn"])
    return {}


def _summary(doc: Params) -> Params:
    shown = {key: doc[key] for key in _SHOWN if key in doc}
    return {**shown, "ModelPackageGroupStatus": "Completed"}
