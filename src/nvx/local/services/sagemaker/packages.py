"""Model packages: versions of a group, or single ones."""

from __future__ import annotations

from nvx.local import tags
from nvx.local.context import Context, Params, operation
from nvx.local.services.sagemaker.arns import last_part, own_name, user_context
from nvx.local.services.sagemaker.groups import GROUPS, PACKAGES, find_group
from nvx.local.services.sagemaker.listing import Order, listed
from nvx.local.services.sagemaker.refusals import invalid
from nvx.local.services.sagemaker.settling import settle

_NOT_KEPT = frozenset({"Tags", "ClientToken"})
_NOT_SHOWN = frozenset({"Serial", "ClientToken"})
_SUMMARY = ("ModelPackageName", "ModelPackageGroupName", "ModelPackageVersion", "ModelPackageArn",
            "ModelPackageDescription", "CreationTime", "ModelPackageStatus", "ModelApprovalStatus",
            "ModelLifeCycle", "ModelPackageRegistrationType")  # fmt: skip
_ORDER = Order("ModelPackageArn", members={"Name": "ModelPackageArn"})
_UPDATABLE = ("ModelApprovalStatus", "ModelPackageRegistrationType", "ApprovalDescription",
              "InferenceSpecification", "SourceUri", "ModelCard", "ModelLifeCycle")  # fmt: skip


def find_package(ctx: Context, name_or_arn: str) -> Params:
    """The document of a package; ValidationException where there is none."""
    key = own_name(ctx, "model-package", name_or_arn)
    doc = None if key is None else ctx.table(PACKAGES).get(_key(key))
    if doc is None:
        arn = name_or_arn
        if not arn.startswith("arn:"):
            arn = ctx.arn("sagemaker", f"model-package/{name_or_arn}")
        raise invalid(f"ModelPackage {arn} does not exist.")
    return doc


def register_package(ctx: Context, params: Params) -> str:
    """Keep a package, the next version where it names a group; its ARN."""
    now = ctx.now
    group = params.get("ModelPackageGroupName")
    doc = {key: value for key, value in params.items() if key not in _NOT_KEPT}
    path = params.get("ModelPackageName", "")
    if group:
        path = _next_version(ctx, group, doc)
    doc |= {
        "ModelPackageName": last_part(path) if not group else doc["ModelPackageGroupName"],
        "ModelPackageArn": ctx.arn("sagemaker", f"model-package/{path}"),
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
        "CreationTime": now,
        "LastModifiedTime": now,
        "Serial": ctx.store.sequence("sagemaker"),
    }
    doc.setdefault("ModelApprovalStatus", "PendingManualApproval")
    doc.setdefault("CertifyForMarketplace", False)
    ctx.table(PACKAGES).put(_key(path), doc)
    arn: str = doc["ModelPackageArn"]
    return arn


@operation("sagemaker", "CreateModelPackage")
def create_model_package(ctx: Context, params: Params) -> Params:
    """Register a package by hand."""
    settle(ctx)
    name, group = params.get("ModelPackageName"), params.get("ModelPackageGroupName")
    if bool(name) == bool(group):
        raise invalid("Exactly one of ModelPackageName and ModelPackageGroupName is required.")
    again = _same_token(ctx, params.get("ClientToken"))
    if again is not None:
        return {"ModelPackageArn": again}
    if name and _key(name) in ctx.table(PACKAGES):
        arn = ctx.arn("sagemaker", f"model-package/{name}")
        raise invalid(f"Model Package already exists: {arn}")
    arn = register_package(ctx, params)
    _remember_token(ctx, arn, params.get("ClientToken"))
    tags.set_tags(ctx, arn, tags.from_list(params.get("Tags")))
    return {"ModelPackageArn": arn}


@operation("sagemaker", "DescribeModelPackage")
def describe_model_package(ctx: Context, params: Params) -> Params:
    """One package."""
    settle(ctx)
    return package_view(ctx, find_package(ctx, params["ModelPackageName"]))


def package_view(ctx: Context, doc: Params) -> Params:
    """A package as DescribeModelPackage shows it."""
    shown = {key: value for key, value in doc.items() if key not in _NOT_SHOWN}
    return {**shown, "CreatedBy": user_context(ctx), "LastModifiedBy": user_context(ctx)}


@operation("sagemaker", "ListModelPackages")
def list_model_packages(ctx: Context, params: Params) -> Params:
    """Packages: single ones, or the versions of the group named."""
    settle(ctx)
    group = params.get("ModelPackageGroupName")
    if group:
        group = find_group(ctx, group)["ModelPackageGroupName"]
    approval = params.get("ModelApprovalStatus")
    kind = params.get("ModelPackageType", "Versioned" if group else "Unversioned")
    rows = [
        (doc["Serial"], {key: doc[key] for key in _SUMMARY if key in doc})
        for _, doc in ctx.table(PACKAGES).items()
        if (not group or doc.get("ModelPackageGroupName") == group)
        and (not approval or doc["ModelApprovalStatus"] == approval)
        and kind in ("Both", "Versioned" if "ModelPackageVersion" in doc else "Unversioned")
    ]
    summaries, token = listed(ctx, rows, params, _ORDER)
    return {"ModelPackageSummaryList": summaries, **token}


@operation("sagemaker", "UpdateModelPackage")
def update_model_package(ctx: Context, params: Params) -> Params:
    """Change the approval and the texts of a package."""
    settle(ctx)
    doc = find_package(ctx, params["ModelPackageArn"])
    properties = {**doc.get("CustomerMetadataProperties", {})}
    properties |= params.get("CustomerMetadataProperties", {})
    for name in params.get("CustomerMetadataPropertiesToRemove", []):
        properties.pop(name, None)
    added = params.get("AdditionalInferenceSpecificationsToAdd", [])
    specifications = [*doc.get("AdditionalInferenceSpecifications", []), *added]
    changed = {key: params[key] for key in _UPDATABLE if key in params}
    if properties:
        changed["CustomerMetadataProperties"] = properties
    if specifications:
        changed["AdditionalInferenceSpecifications"] = specifications
    own = _key_of_arn(ctx, doc["ModelPackageArn"])
    ctx.table(PACKAGES).put(own, {**doc, **changed, "LastModifiedTime": ctx.now})
    return {"ModelPackageArn": doc["ModelPackageArn"]}


@operation("sagemaker", "DeleteModelPackage")
def delete_model_package(ctx: Context, params: Params) -> Params:
    """Delete a package."""
    settle(ctx)
    doc = find_package(ctx, params["ModelPackageName"])
    ctx.table(PACKAGES).delete(_key_of_arn(ctx, doc["ModelPackageArn"]))
    tags.delete_all(ctx, doc["ModelPackageArn"])
    return {}


def _next_version(ctx: Context, group_name: str, doc: Params) -> str:
    group = find_group(ctx, group_name)
    version = group["LastVersion"] + 1
    # Numbers of deleted versions are not given out again.
    ctx.table(GROUPS).put(group["ModelPackageGroupName"], {**group, "LastVersion": version})
    doc |= {
        "ModelPackageGroupName": group["ModelPackageGroupName"],
        "ModelPackageVersion": version,
        "ModelPackageRegistrationType": doc.get("ModelPackageRegistrationType", "Registered"),
    }
    return f"{group['ModelPackageGroupName']}/{version}"


def _key(path: str) -> str:
    group, slash, version = path.rpartition("/")
    return f"{group}/{int(version):09d}" if slash and version.isdecimal() else path


def _key_of_arn(ctx: Context, arn: str) -> str:
    return _key(own_name(ctx, "model-package", arn) or "")


def _same_token(ctx: Context, token: str | None) -> str | None:
    known = ctx.table("sagemaker.model-package-tokens").get(token) if token else None
    if known is None or _key_of_arn(ctx, known["Arn"]) not in ctx.table(PACKAGES):
        return None
    arn: str = known["Arn"]
    return arn


def _remember_token(ctx: Context, arn: str, token: str | None) -> None:
    if token:
        ctx.table("sagemaker.model-package-tokens").put(token, {"Arn": arn})
