"""Lists of hub contents: one row per name, or one per version."""

from __future__ import annotations

from nvx.local.context import Context, Params, operation
from nvx.local.services.sagemaker.contents import Shelf, number_of, shelves, status_of
from nvx.local.services.sagemaker.hubs import find_hub
from nvx.local.services.sagemaker.listing import Order, Row, listed
from nvx.local.services.sagemaker.refusals import not_found

_SUMMARY = ("HubContentName", "HubContentArn", "HubContentVersion", "HubContentType",
            "DocumentSchemaVersion", "HubContentDisplayName", "HubContentDescription",
            "SupportStatus", "HubContentSearchKeywords", "CreationTime")  # fmt: skip
_ORDER = Order(
    "HubContentName",
    members={"HubContentName": "HubContentName", "HubContentStatus": "HubContentStatus"},
)


@operation("sagemaker", "ListHubContents")
def list_hub_contents(ctx: Context, params: Params) -> Params:
    """The newest version of every name of a type."""
    _, hub = find_hub(ctx, params["HubName"])
    rows = []
    for shelf in shelves(ctx, hub, params["HubContentType"]):
        doc = shelf.get(None)
        if doc is not None and _schema_fits(doc, params):
            rows.append(_row(ctx, shelf, doc))
    summaries, token = listed(ctx, rows, params, _ORDER)
    return {"HubContentSummaries": summaries, **token}


@operation("sagemaker", "ListHubContentVersions")
def list_hub_content_versions(ctx: Context, params: Params) -> Params:
    """Every version of one name."""
    _, hub = find_hub(ctx, params["HubName"])
    shelf = Shelf(ctx, hub, params["HubContentType"], params["HubContentName"])
    versions = shelf.versions()
    if not versions:
        raise not_found(f"Hub content {shelf.arn} does not exist.")
    lowest = number_of(params.get("MinVersion", "0.0.0"))
    docs = [shelf.get(version) for version in versions if number_of(version) >= lowest]
    rows = [
        _row(ctx, shelf, doc) for doc in docs if doc is not None and _schema_fits(doc, params)
    ]
    summaries, token = listed(ctx, rows, params, _ORDER)
    return {"HubContentSummaries": summaries, **token}


def _row(ctx: Context, shelf: Shelf, doc: Params) -> Row:
    summary = {key: doc[key] for key in _SUMMARY if key in doc}
    summary["HubContentStatus"] = status_of(ctx, doc)
    summary["OriginalCreationTime"] = shelf.first_created()
    return doc["Serial"], summary


def _schema_fits(doc: Params, params: Params) -> bool:
    highest = params.get("MaxSchemaVersion")
    return highest is None or number_of(doc["DocumentSchemaVersion"]) <= number_of(highest)
