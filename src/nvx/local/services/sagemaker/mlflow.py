"""MLflow apps: records only, no MLflow behind them."""

from __future__ import annotations

from nvx.local import tags
from nvx.local.context import Context, Params, operation
from nvx.local.services.sagemaker.arns import own_name, user_context
from nvx.local.services.sagemaker.executions import letters_of
from nvx.local.services.sagemaker.listing import Order, listed
from nvx.local.services.sagemaker.refusals import not_found
from nvx.local.services.sagemaker.roles import check_role
from nvx.local.services.sagemaker.timetable import GONE, rescheduled, schedule, state_at

_TABLE = "sagemaker.mlflow-apps"
_VERSION = "3.10.0"
_MUTABLE = ("Name", "ArtifactStoreUri", "ModelRegistrationMode", "WeeklyMaintenanceWindowStart",
            "DefaultDomainIdList", "AccountDefaultStatus")  # fmt: skip
_KEPT = (*_MUTABLE, "RoleArn", "KmsKeyId")
_SUMMARY = ("Arn", "Name", "CreationTime", "LastModifiedTime")
_ORDER = Order("Name", descending=True, members={"Name": "Name", "Status": "Status"})


def find_app(ctx: Context, arn: str) -> Params:
    """The document of an app; ResourceNotFound where there is none."""
    key = own_name(ctx, "mlflow-app", arn)
    doc = None if key is None else ctx.table(_TABLE).get(key)
    if doc is None or state_at(doc["Timetable"], ctx.now) == GONE:
        raise not_found(f"MLflow app {arn} does not exist.")
    return doc


@operation("sagemaker", "CreateMlflowApp")
def create_mlflow_app(ctx: Context, params: Params) -> Params:
    """Make an app; names are not unique."""
    check_role(ctx, params["RoleArn"])
    serial = ctx.store.sequence("sagemaker")
    key = f"app-{letters_of(f'{ctx.account}/{ctx.region}/{serial}', 12).upper()}"
    arn = ctx.arn("sagemaker", f"mlflow-app/{key}")
    now = ctx.now
    doc = {name: params[name] for name in _KEPT if name in params}
    doc.setdefault("AccountDefaultStatus", "DISABLED")
    doc.setdefault("ModelRegistrationMode", "AutoModelRegistrationDisabled")
    doc |= {
        "Arn": arn,
        "CreationTime": now,
        "LastModifiedTime": now,
        "Serial": serial,
        "Timetable": schedule(ctx, now, [("Creating", 300.0), ("Created", 0.0)]),
    }
    ctx.table(_TABLE).put(key, doc)
    tags.set_tags(ctx, arn, tags.from_list(params.get("Tags")))
    return {"Arn": arn}


@operation("sagemaker", "DescribeMlflowApp")
def describe_mlflow_app(ctx: Context, params: Params) -> Params:
    """One app."""
    doc = find_app(ctx, params["Arn"])
    shown = {key: value for key, value in doc.items() if key not in ("Serial", "Timetable")}
    who = user_context(ctx)
    return {
        **shown,
        "Status": state_at(doc["Timetable"], ctx.now),
        "MlflowVersion": _VERSION,
        "CreatedBy": who,
        "LastModifiedBy": who,
    }


@operation("sagemaker", "ListMlflowApps")
def list_mlflow_apps(ctx: Context, params: Params) -> Params:
    """The caller's apps, newest first unless asked otherwise."""
    rows = [(doc["Serial"], _summary(ctx, doc)) for _, doc in ctx.table(_TABLE).items()
            if _wanted(ctx, doc, params)]  # fmt: skip
    summaries, token = listed(ctx, rows, params, _ORDER)
    return {"Summaries": summaries, **token}


@operation("sagemaker", "UpdateMlflowApp")
def update_mlflow_app(ctx: Context, params: Params) -> Params:
    """Change an app."""
    doc = find_app(ctx, params["Arn"])
    now = ctx.now
    changed = {name: params[name] for name in _MUTABLE if name in params}
    table = rescheduled(ctx, doc["Timetable"], now, [("Updating", 60.0), ("Updated", 0.0)])
    _put(ctx, {**doc, **changed, "LastModifiedTime": now, "Timetable": table})
    return {"Arn": doc["Arn"]}


@operation("sagemaker", "DeleteMlflowApp")
def delete_mlflow_app(ctx: Context, params: Params) -> Params:
    """Delete an app."""
    doc = find_app(ctx, params["Arn"])
    table = rescheduled(ctx, doc["Timetable"], ctx.now, [("Deleting", 60.0), (GONE, 0.0)])
    _put(ctx, {**doc, "Timetable": table})
    tags.delete_all(ctx, doc["Arn"])
    return {"Arn": doc["Arn"]}


def _put(ctx: Context, doc: Params) -> None:
    ctx.table(_TABLE).put(own_name(ctx, "mlflow-app", doc["Arn"]) or "", doc)


def _summary(ctx: Context, doc: Params) -> Params:
    shown = {key: doc[key] for key in _SUMMARY}
    return {**shown, "Status": state_at(doc["Timetable"], ctx.now), "MlflowVersion": _VERSION}


def _wanted(ctx: Context, doc: Params, params: Params) -> bool:
    status = state_at(doc["Timetable"], ctx.now)
    domain = params.get("DefaultForDomainId")
    return (
        status != GONE
        and params.get("Status") in (None, status)
        and params.get("MlflowVersion") in (None, _VERSION)
        and params.get("AccountDefaultStatus") in (None, doc["AccountDefaultStatus"])
        and (domain is None or domain in doc.get("DefaultDomainIdList", []))
    )
