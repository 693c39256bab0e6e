"""Import, describe, change, delete hub contents."""

from __future__ import annotations

from datetime import datetime

from nvx.local import tags
from nvx.local.context import Context, Params, operation
from nvx.local.services.sagemaker.arns import user_context
from nvx.local.services.sagemaker.contents import Shelf, next_major, number_of, status_of
from nvx.local.services.sagemaker.documents import check_document
from nvx.local.services.sagemaker.hubs import find_hub, hub_status, own_hub
from nvx.local.services.sagemaker.listing import visible
from nvx.local.services.sagemaker.refusals import in_use, invalid, not_found
from nvx.local.services.sagemaker.timetable import GONE, Phase, rescheduled, schedule

_MUTABLE = ("HubContentDisplayName", "HubContentDescription", "HubContentMarkdown",
            "HubContentSearchKeywords", "SupportStatus")  # fmt: skip
_IMPORTED = (*_MUTABLE, "HubContentName", "HubContentVersion", "HubContentType",
             "DocumentSchemaVersion", "HubContentDocument")  # fmt: skip
_NOT_SHOWN = frozenset({"Timetable", "Serial"})


@operation("sagemaker", "ImportHubContent")
def import_hub_content(ctx: Context, params: Params) -> Params:
    """Import a version; it is Importing for half a nominal minute."""
    hub = own_hub(ctx, params["HubName"])
    _check_hub_ready(ctx, hub)
    shelf = Shelf(ctx, hub, params["HubContentType"], params["HubContentName"])
    versions = shelf.versions()
    version = params.get("HubContentVersion") or next_major(versions)
    number_of(version)
    arn = f"{shelf.arn}/{version}"
    check_document(
        params["HubContentType"], params["DocumentSchemaVersion"], params["HubContentDocument"]
    )
    if version in versions:
        raise in_use(f"Hub content {arn} already exists.")
    given = tags.from_list(params.get("Tags"))
    phases, reason = _phases(ctx, arn, given)
    put_content(ctx, hub, {**params, "HubContentVersion": version, **reason}, ctx.now, phases)
    tags.set_tags(ctx, shelf.arn, given)
    return {"HubArn": hub["HubArn"], "HubContentArn": arn}


def put_content(
    ctx: Context, hub: Params, members: Params, created: datetime, phases: list[Phase]
) -> None:
    """Keep a version that goes through the phases given."""
    shelf = Shelf(ctx, hub, members["HubContentType"], members["HubContentName"])
    doc = {key: members[key] for key in (*_IMPORTED, "FailureReason") if key in members}
    doc.setdefault("SupportStatus", "Supported")
    shelf.put(
        doc
        | {
            "HubName": hub["HubName"],
            "HubArn": hub["HubArn"],
            "HubContentArn": f"{shelf.arn}/{members['HubContentVersion']}",
            "CreationTime": created,
            "LastModifiedTime": created,
            "Serial": ctx.store.sequence("sagemaker"),
            "Timetable": schedule(ctx, created, phases),
        }
    )


@operation("sagemaker", "DescribeHubContent")
def describe_hub_content(ctx: Context, params: Params) -> Params:
    """A version with its document; the newest where none is named."""
    owner, hub = find_hub(ctx, params["HubName"])
    doc = _found(ctx, hub, params)
    if owner == ctx.account and not visible(ctx, doc["CreationTime"]):
        raise not_found(f"Hub content {doc['HubContentArn']} does not exist.")
    return content_view(ctx, doc)


def content_view(ctx: Context, doc: Params) -> Params:
    """A version as DescribeHubContent and Search show it."""
    status = status_of(ctx, doc)
    shown = {key: value for key, value in doc.items() if key not in _NOT_SHOWN}
    if status != "ImportFailed":
        shown.pop("FailureReason", None)
    who = user_context(ctx)
    return {
        **shown,
        "HubContentDependencies": [],
        "HubContentStatus": status,
        "CreatedBy": who,
        "LastModifiedBy": who,
    }


@operation("sagemaker", "UpdateHubContent")
def update_hub_content(ctx: Context, params: Params) -> Params:
    """Change the texts and keywords of a version."""
    hub = own_hub(ctx, params["HubName"])
    doc = _found(ctx, hub, params)
    if ctx.settings.strict and params["HubContentType"] not in ("Model", "Notebook"):
        raise invalid(f"Hub content of type {params['HubContentType']} cannot be updated.")
    _check_settled(ctx, doc)
    changed = {key: params[key] for key in _MUTABLE if key in params}
    shelf = Shelf(ctx, hub, params["HubContentType"], params["HubContentName"])
    shelf.put({**doc, **changed, "LastModifiedTime": ctx.now})
    return {"HubArn": hub["HubArn"], "HubContentArn": doc["HubContentArn"]}


@operation("sagemaker", "DeleteHubContent")
def delete_hub_content(ctx: Context, params: Params) -> Params:
    """Delete one version; it is Deleting for a while."""
    hub = own_hub(ctx, params["HubName"])
    doc = _found(ctx, hub, params)
    _check_settled(ctx, doc)
    table = rescheduled(ctx, doc["Timetable"], ctx.now, [("Deleting", 10.0), (GONE, 0.0)])
    shelf = Shelf(ctx, hub, params["HubContentType"], params["HubContentName"])
    shelf.put({**doc, "Timetable": table})
    return {}


def _found(ctx: Context, hub: Params, params: Params) -> Params:
    shelf = Shelf(ctx, hub, params["HubContentType"], params["HubContentName"])
    version = params.get("HubContentVersion")
    doc = shelf.get(version)
    if doc is None:
        arn = shelf.arn if version is None else f"{shelf.arn}/{version}"
        raise not_found(f"Hub content {arn} does not exist.")
    return doc


def _check_hub_ready(ctx: Context, hub: Params) -> None:
    status = hub_status(ctx, hub)
    # Importing into a hub that is still Creating works: the SageMaker Python SDK never waits.
    if status == "Deleting" or (ctx.settings.strict and status != "InService"):
        raise in_use(f"Hub {hub['HubArn']} is in status {status}.")


def _check_settled(ctx: Context, doc: Params) -> None:
    status = status_of(ctx, doc)
    if status in ("Importing", "Deleting"):
        raise in_use(f"Hub content {doc['HubContentArn']} is in status {status}.")


def _phases(ctx: Context, arn: str, given: dict[str, str]) -> tuple[list[Phase], Params]:
    outcome = ctx.settings.outcome_of(arn, tags=given)
    if outcome is None or outcome.status not in ("ImportFailed", "Failed"):
        return [("Importing", 30.0), ("Available", 0.0)], {}
    reason = outcome.reason or "The content could not be imported."
    return [("Importing", 30.0), ("ImportFailed", 0.0)], {"FailureReason": reason}
