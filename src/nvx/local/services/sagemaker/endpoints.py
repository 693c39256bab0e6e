"""Endpoints: created, described, listed, deleted. They serve nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from nvx.local import tags
from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.services.sagemaker.endpoint_parts import (
    find_config,
    put_config,
    put_model,
)
from nvx.local.services.sagemaker.listing import Order, listed
from nvx.local.services.sagemaker.refusals import invalid
from nvx.local.services.sagemaker.timetable import schedule, state_at

ENDPOINTS = "sagemaker.endpoints"
_CREATING, _DELETING = 420.0, 60.0
_ORDER = Order(
    "EndpointName",
    descending=True,
    members={"Name": "EndpointName", "Status": "EndpointStatus"},
)


@operation("sagemaker", "CreateEndpoint")
def create_endpoint(ctx: Context, params: Params) -> Params:
    """Start an endpoint of a configuration."""
    name = params["EndpointName"]
    config = find_config(ctx, params["EndpointConfigName"])
    _refuse_taken(ctx, name)
    table = schedule(ctx, ctx.now, [("Creating", _CREATING), ("InService", 0.0)])
    _put(ctx, name, config["EndpointConfigName"], table)
    tags.set_tags(ctx, _arn(ctx, name), tags.from_list(params.get("Tags")))
    return {"EndpointArn": _arn(ctx, name)}


@operation("sagemaker", "DescribeEndpoint")
def describe_endpoint(ctx: Context, params: Params) -> Params:
    """One endpoint."""
    doc = find_endpoint(ctx, params["EndpointName"])
    return {**_summary(ctx, doc), "EndpointConfigName": doc["Config"]}


@operation("sagemaker", "ListEndpoints")
def list_endpoints(ctx: Context, params: Params) -> Params:
    """The caller's endpoints, newest first unless asked otherwise."""
    names = [name for name, _ in ctx.table(ENDPOINTS).items()]
    docs = [doc for name in names if (doc := get_endpoint(ctx, name)) is not None]
    rows = [(doc["Serial"], _summary(ctx, doc)) for doc in docs]
    wanted = params.get("StatusEquals")
    if wanted is not None:
        rows = [row for row in rows if row[1]["EndpointStatus"] == wanted]
    summaries, token = listed(ctx, rows, params, _ORDER)
    return {"Endpoints": summaries, **token}


@operation("sagemaker", "DeleteEndpoint")
def delete_endpoint(ctx: Context, params: Params) -> Params:
    """Delete an endpoint; its configuration and its model stay."""
    doc = find_endpoint(ctx, params["EndpointName"])
    if "Deletion" not in doc:
        gone = ctx.now + timedelta(seconds=ctx.clock.seconds(_DELETING))
        deletion = {"From": ctx.now, "Gone": gone}
        ctx.table(ENDPOINTS).put(doc["Name"], {**doc, "Deletion": deletion})
    return {}


def get_endpoint(ctx: Context, name: str) -> Params | None:
    """The document of an endpoint, or None; one whose deletion has ended is dropped."""
    doc = ctx.table(ENDPOINTS).get(name)
    if doc is not None and "Deletion" in doc and doc["Deletion"]["Gone"] <= ctx.now:
        ctx.table(ENDPOINTS).delete(name)
        tags.delete_all(ctx, doc["Arn"])
        return None
    return doc


def find_endpoint(ctx: Context, name: str) -> Params:
    """The document of an endpoint; ValidationException where there is none, as on AWS."""
    doc = get_endpoint(ctx, name)
    if doc is None:
        raise _missing(ctx, name)
    return doc


def deploy(ctx: Context, name: str, model: str, ready_at: datetime) -> None:
    """A model, a configuration and an endpoint that is in service, as an AutoML job makes them."""
    _refuse_taken(ctx, name)
    put_model(ctx, {"ModelName": model})
    variant = {"VariantName": "AllTraffic", "ModelName": model, "InitialInstanceCount": 1}
    put_config(ctx, {"EndpointConfigName": name, "ProductionVariants": [variant]})
    _put(ctx, name, name, [{"State": "InService", "From": ready_at}])


def _put(ctx: Context, name: str, config: str, table: list[Params]) -> None:
    doc = {
        "Name": name,
        "Arn": _arn(ctx, name),
        "Config": config,
        "CreationTime": table[0]["From"],
        "Timetable": table,
        "Serial": ctx.store.sequence("sagemaker"),
    }
    ctx.table(ENDPOINTS).put(name, doc)


def _summary(ctx: Context, doc: Params) -> Params:
    deleting = "Deletion" in doc
    return {
        "EndpointName": doc["Name"],
        "EndpointArn": doc["Arn"],
        "EndpointStatus": "Deleting" if deleting else state_at(doc["Timetable"], ctx.now),
        "CreationTime": doc["CreationTime"],
        "LastModifiedTime": doc["Deletion"]["From"] if deleting else doc["CreationTime"],
    }


def _refuse_taken(ctx: Context, name: str) -> None:
    if get_endpoint(ctx, name) is not None:
        raise invalid(f"Cannot create already existing endpoint '{_arn(ctx, name)}'.")


def _arn(ctx: Context, name: str) -> str:
    return ctx.arn("sagemaker", f"endpoint/{name}")


def _missing(ctx: Context, name: str) -> AwsError:
    return invalid(f'Could not find endpoint "{_arn(ctx, name)}".')
