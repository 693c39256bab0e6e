"""List and change the versions of a pipeline."""

from __future__ import annotations

from nvx.local.context import Context, Params, operation
from nvx.local.services.sagemaker.listing import Order, listed
from nvx.local.services.sagemaker.pipelines import find_pipeline
from nvx.local.services.sagemaker.settling import settle
from nvx.local.services.sagemaker.versions import (
    change_aliases,
    find_version,
    put_version,
    versions_of,
)

_ORDER = Order("PipelineArn", descending=True)
_MEMBERS = {
    "PipelineVersionDisplayName": "DisplayName",
    "PipelineVersionDescription": "Description",
    "LastExecutionPipelineExecutionArn": "LastExecutionArn",
}


@operation("sagemaker", "ListPipelineVersions")
def list_pipeline_versions(ctx: Context, params: Params) -> Params:
    """The versions of a pipeline, newest first unless asked otherwise."""
    settle(ctx)
    pipeline = find_pipeline(ctx, params["PipelineName"])
    rows = [
        (doc["Serial"], _summary(pipeline, doc))
        for doc in versions_of(ctx, pipeline["PipelineName"])
    ]
    summaries, token = listed(ctx, rows, params, _ORDER)
    return {"PipelineVersionSummaries": summaries, **token}


@operation("sagemaker", "UpdatePipelineVersion")
def update_pipeline_version(ctx: Context, params: Params) -> Params:
    """Change the names and the aliases of a version."""
    settle(ctx)
    pipeline = find_pipeline(ctx, params["PipelineArn"])
    doc = find_version(ctx, pipeline["PipelineName"], params["PipelineVersionId"], None)
    operations = params.get("PipelineVersionAliasOperations", {})
    doc = change_aliases(ctx, doc, operations.get("Add", []), operations.get("Remove", []))
    for member in ("PipelineVersionDisplayName", "PipelineVersionDescription"):
        if member in params:
            doc[_MEMBERS[member]] = params[member]
    put_version(ctx, doc)
    return {"PipelineArn": pipeline["PipelineArn"], "PipelineVersionId": doc["Id"]}


def _summary(pipeline: Params, doc: Params) -> Params:
    return {
        "PipelineArn": pipeline["PipelineArn"],
        "PipelineVersionId": doc["Id"],
        "CreationTime": doc["CreationTime"],
        "PipelineVersionAliases": doc["Aliases"],
        **{member: doc[key] for member, key in _MEMBERS.items() if key in doc},
    }
