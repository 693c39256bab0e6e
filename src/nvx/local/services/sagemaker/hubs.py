"""Hubs: the private ones of an account, and the public one of AWS."""

from __future__ import annotations

from datetime import datetime

from nvx.local import tags
from nvx.local.context import Context, Params, operation
from nvx.local.services.sagemaker.arns import parse, user_context
from nvx.local.services.sagemaker.contents import is_empty
from nvx.local.services.sagemaker.listing import Order, listed, visible
from nvx.local.services.sagemaker.refusals import denied, in_use, not_found
from nvx.local.services.sagemaker.timetable import GONE, Phase, rescheduled, schedule, state_at

PUBLIC_HUB = "SageMakerPublicHub"
AWS_ACCOUNT = "aws"
"""The account in the ARNs of what AWS itself owns."""

_TABLE = "sagemaker.hubs"
_SHOWN = ("HubName", "HubArn", "HubDisplayName", "HubDescription", "HubSearchKeywords",
          "S3StorageConfig", "CreationTime", "LastModifiedTime")  # fmt: skip
_SUMMARY = frozenset(_SHOWN) - {"S3StorageConfig"}
_MUTABLE = ("HubDescription", "HubDisplayName", "HubSearchKeywords")
_ORDER = Order("HubName", members={"HubName": "HubName", "HubStatus": "HubStatus"})


def owner_and_name(ctx: Context, name_or_arn: str) -> tuple[str, str]:
    """The account that owns the hub named, and the hub's bare name."""
    arn = parse(name_or_arn)
    if arn is not None:
        if arn.region != ctx.region or arn.kind != "hub":
            raise not_found(f"Hub {name_or_arn} does not exist.")
        return arn.account, "/".join(arn.path)
    return (AWS_ACCOUNT if name_or_arn == PUBLIC_HUB else ctx.account), name_or_arn


def find_hub(ctx: Context, name_or_arn: str) -> tuple[str, Params]:
    """The owner and the document of a hub; ResourceNotFound where there is none."""
    owner, name = owner_and_name(ctx, name_or_arn)
    doc = ctx.table(_TABLE, account=owner).get(name) if _readable(ctx, owner) else None
    if doc is not None and state_at(doc["Timetable"], ctx.now) == GONE:
        ctx.table(_TABLE, account=owner).delete(name)
        tags.delete_all(ctx, doc["HubArn"])
        doc = None
    if doc is None:
        raise not_found(
            f"Hub {ctx.arn('sagemaker', f'hub/{name}', account=owner)} does not exist."
        )
    return owner, doc


def own_hub(ctx: Context, name_or_arn: str) -> Params:
    """The document of a hub that the caller may change."""
    owner, doc = find_hub(ctx, name_or_arn)
    if owner != ctx.account:
        raise denied(
            f"User: arn:{ctx.partition}:iam::{ctx.account}:root is not authorized to perform: "
            f"sagemaker:{ctx.operation} on resource: {doc['HubArn']}"
        )
    return doc


def hub_status(ctx: Context, doc: Params) -> str:
    """The state of a hub now."""
    return state_at(doc["Timetable"], ctx.now)


@operation("sagemaker", "CreateHub")
def create_hub(ctx: Context, params: Params) -> Params:
    """Make a hub; it is Creating for a nominal minute."""
    name = params["HubName"]
    arn = ctx.arn("sagemaker", f"hub/{name}")
    if name == PUBLIC_HUB or _exists(ctx, name):
        raise in_use(f"Hub {arn} already exists.")
    phases = [("Creating", 60.0), ("InService", 0.0)]
    put_hub(ctx, ctx.account, {**params, "HubArn": arn}, ctx.now, phases)
    tags.set_tags(ctx, arn, tags.from_list(params.get("Tags")))
    return {"HubArn": arn}


def put_hub(
    ctx: Context, owner: str, members: Params, created: datetime, phases: list[Phase]
) -> None:
    """Keep a hub that goes through the phases given."""
    doc = {key: members[key] for key in _SHOWN if key in members}
    doc |= {
        "CreationTime": created,
        "LastModifiedTime": created,
        "Serial": ctx.store.sequence("sagemaker"),
    }
    doc["Timetable"] = schedule(ctx, created, phases)
    ctx.table(_TABLE, account=owner).put(doc["HubName"], doc)


@operation("sagemaker", "DescribeHub")
def describe_hub(ctx: Context, params: Params) -> Params:
    """One hub."""
    owner, doc = find_hub(ctx, params["HubName"])
    if owner == ctx.account and not visible(ctx, doc["CreationTime"]):
        raise not_found(f"Hub {doc['HubArn']} does not exist.")
    shown = {key: doc[key] for key in _SHOWN if key in doc}
    who = {} if owner == AWS_ACCOUNT else {"CreatedBy": user_context(ctx)}
    return {**shown, **who, "HubStatus": hub_status(ctx, doc)}


@operation("sagemaker", "UpdateHub")
def update_hub(ctx: Context, params: Params) -> Params:
    """Change the texts and keywords of a hub."""
    doc = own_hub(ctx, params["HubName"])
    if hub_status(ctx, doc) != "InService":
        raise in_use(f"Hub {doc['HubArn']} is in status {hub_status(ctx, doc)}.")
    changed = {key: params[key] for key in _MUTABLE if key in params}
    now = ctx.now
    table = rescheduled(ctx, doc["Timetable"], now, [("Updating", 10.0), ("InService", 0.0)])
    ctx.table(_TABLE).put(
        doc["HubName"], {**doc, **changed, "LastModifiedTime": now, "Timetable": table}
    )
    return {"HubArn": doc["HubArn"]}


@operation("sagemaker", "DeleteHub")
def delete_hub(ctx: Context, params: Params) -> Params:
    """Delete an empty hub."""
    doc = own_hub(ctx, params["HubName"])
    if not is_empty(ctx, doc):
        raise in_use(f"Hub {doc['HubArn']} is not empty: delete its contents first.")
    table = rescheduled(ctx, doc["Timetable"], ctx.now, [("Deleting", 10.0), (GONE, 0.0)])
    ctx.table(_TABLE).put(doc["HubName"], {**doc, "Timetable": table})
    return {}


@operation("sagemaker", "ListHubs")
def list_hubs(ctx: Context, params: Params) -> Params:
    """The hubs that the caller can read: its own, and the public one."""
    rows = [
        (doc["Serial"], _summary(ctx, doc))
        for owner in (AWS_ACCOUNT, ctx.account)
        for _, doc in ctx.table(_TABLE, account=owner).items()
        if hub_status(ctx, doc) != GONE
    ]
    summaries, token = listed(ctx, rows, params, _ORDER)
    return {"HubSummaries": summaries, **token}


def _summary(ctx: Context, doc: Params) -> Params:
    shown = {key: doc[key] for key in doc if key in _SUMMARY}
    return {**shown, "HubStatus": hub_status(ctx, doc)}


def _readable(ctx: Context, owner: str) -> bool:
    return owner in (ctx.account, AWS_ACCOUNT)


def _exists(ctx: Context, name: str) -> bool:
    doc = ctx.table(_TABLE).get(name)
    return doc is not None and hub_status(ctx, doc) != GONE
