"""Pipelines: the containers of versions and executions."""

from __future__ import annotations

from nvx.local import tags
from nvx.local.context import Context, Params, operation
from nvx.local.services.sagemaker.arns import own_name, user_context
from nvx.local.services.sagemaker.definitions import definition_text, parse_definition
from nvx.local.services.sagemaker.listing import Order, listed, visible
from nvx.local.services.sagemaker.refusals import conflict, invalid, not_found
from nvx.local.services.sagemaker.settling import settle
from nvx.local.services.sagemaker.timetable import GONE, schedule, state_at
from nvx.local.services.sagemaker.versions import (
    VERSIONS,
    add_version,
    find_version,
)

PIPELINES = "sagemaker.pipelines"
EXECUTIONS = "sagemaker.pipeline-executions"
TOKENS = "sagemaker.pipeline-tokens"
ACTIVE = ("Executing", "Stopping")

_SHOWN = ("PipelineName", "PipelineArn", "PipelineDisplayName", "PipelineDescription", "RoleArn",
          "ParallelismConfiguration", "CreationTime", "LastModifiedTime", "LastRunTime")  # fmt: skip
_MUTABLE = ("PipelineDisplayName", "PipelineDescription", "RoleArn", "ParallelismConfiguration")
_ORDER = Order("PipelineName", descending=True, members={"Name": "PipelineName"})


def find_pipeline(ctx: Context, name_or_arn: str) -> Params:
    """The document of a pipeline; ResourceNotFound where there is none."""
    name = own_name(ctx, "pipeline", name_or_arn)
    doc = None if name is None else ctx.table(PIPELINES).get(name)
    if doc is not None and state_at(doc["Timetable"], ctx.now) == GONE:
        _drop(ctx, doc)
        doc = None
    if doc is None:
        arn = name_or_arn
        if not arn.startswith("arn:"):
            arn = ctx.arn("sagemaker", f"pipeline/{name_or_arn}")
        raise not_found(f"Pipeline '{arn}' does not exist.")
    return doc


def put_pipeline(ctx: Context, doc: Params) -> None:
    """Keep a pipeline."""
    ctx.table(PIPELINES).put(doc["PipelineName"], doc)


def executions_of(ctx: Context, pipeline: str) -> list[Params]:
    """Every execution of a pipeline."""
    prefix = f"{pipeline}/"
    return [doc for key, doc in ctx.table(EXECUTIONS).items() if key.startswith(prefix)]


def check_active(ctx: Context, doc: Params) -> None:
    """Refuse a pipeline that is on its way out."""
    if state_at(doc["Timetable"], ctx.now) != "Active":
        raise conflict(f"Pipeline '{doc['PipelineArn']}' is being deleted.")


@operation("sagemaker", "CreatePipeline")
def create_pipeline(ctx: Context, params: Params) -> Params:
    """Make a pipeline and its first version; the same token again makes nothing."""
    settle(ctx)
    name = params["PipelineName"]
    arn = ctx.arn("sagemaker", f"pipeline/{name}")
    existing = _existing(ctx, name)
    if existing is not None:
        check_active(ctx, existing)
        if existing["Token"] == params["ClientRequestToken"]:
            return {"PipelineArn": arn}
        raise invalid(
            "Pipeline names must be unique within an AWS account and region. Pipeline with name "
            f"({name}) already exists."
        )
    text = definition_text(ctx, params)
    if text is None:
        raise invalid("PipelineDefinition or PipelineDefinitionS3Location is required.")
    parse_definition(text)
    version = add_version(ctx, name, text, params.get("PipelineVersionAliases", []))
    doc = {key: params[key] for key in _SHOWN if key in params}
    doc.setdefault("PipelineDisplayName", name)
    now = ctx.now
    doc |= {
        "PipelineArn": arn,
        "CreationTime": now,
        "LastModifiedTime": now,
        "Token": params["ClientRequestToken"],
        "Timetable": schedule(ctx, now, [("Active", 0.0)]),
        "Serial": version["Serial"],
    }
    put_pipeline(ctx, doc)
    tags.set_tags(ctx, arn, tags.from_list(params.get("Tags")))
    return {"PipelineArn": arn}


@operation("sagemaker", "UpdatePipeline")
def update_pipeline(ctx: Context, params: Params) -> Params:
    """Change a pipeline; another definition is a new version."""
    settle(ctx)
    doc = find_pipeline(ctx, params["PipelineName"])
    check_active(ctx, doc)
    version = find_version(ctx, doc["PipelineName"], None, None)
    text = definition_text(ctx, params)
    aliases = params.get("PipelineVersionAliases", [])
    if text is not None and text != version["Definition"]:
        parse_definition(text)
        version = add_version(ctx, doc["PipelineName"], text, aliases)
    elif aliases:
        raise invalid(
            "PipelineVersionAliases can be specified only when the update changes the pipeline "
            "definition."
        )
    changed = {key: params[key] for key in _MUTABLE if key in params}
    put_pipeline(ctx, {**doc, **changed, "LastModifiedTime": ctx.now})
    return {"PipelineArn": doc["PipelineArn"], "PipelineVersionId": version["Id"]}


@operation("sagemaker", "DescribePipeline")
def describe_pipeline(ctx: Context, params: Params) -> Params:
    """One pipeline, with the definition of a version: the newest unless another is named."""
    settle(ctx)
    doc = find_pipeline(ctx, params["PipelineName"])
    if not visible(ctx, doc["CreationTime"]):
        raise not_found(f"Pipeline '{doc['PipelineArn']}' does not exist.")
    version = find_version(
        ctx,
        doc["PipelineName"],
        params.get("PipelineVersionId"),
        params.get("PipelineVersionAlias"),
    )
    named = {
        member: version[key]
        for member, key in (
            ("PipelineVersionDisplayName", "DisplayName"),
            ("PipelineVersionDescription", "Description"),
        )
        if key in version
    }
    return {
        **pipeline_view(ctx, doc),
        **named,
        "PipelineDefinition": version["Definition"],
        "PipelineVersionAliases": version["Aliases"],
    }


def pipeline_view(ctx: Context, doc: Params) -> Params:
    """A pipeline without its definition, as Describe and Search show it."""
    who = user_context(ctx)
    return {
        **{key: doc[key] for key in _SHOWN if key in doc},
        "PipelineStatus": state_at(doc["Timetable"], ctx.now),
        "CreatedBy": who,
        "LastModifiedBy": who,
    }


@operation("sagemaker", "ListPipelines")
def list_pipelines(ctx: Context, params: Params) -> Params:
    """The caller's pipelines, newest first unless asked otherwise."""
    settle(ctx)
    prefix = params.get("PipelineNamePrefix", "")
    rows = [
        (doc["Serial"], _summary(doc))
        for _, doc in ctx.table(PIPELINES).items()
        if doc["PipelineName"].startswith(prefix)
        and state_at(doc["Timetable"], ctx.now) != GONE
    ]
    if params.get("ManagedBy") == "AWS":
        rows = []
    summaries, token = listed(ctx, rows, params, _ORDER)
    return {"PipelineSummaries": summaries, **token}


@operation("sagemaker", "DeletePipeline")
def delete_pipeline(ctx: Context, params: Params) -> Params:
    """Delete a pipeline with the records of its executions; refused while one runs."""
    settle(ctx)
    doc = find_pipeline(ctx, params["PipelineName"])
    running = [
        item for item in executions_of(ctx, doc["PipelineName"]) if item["Status"] in ACTIVE
    ]
    if running:
        raise conflict(
            f"Pipeline '{doc['PipelineArn']}' cannot be deleted while it has running executions: "
            f"{running[0]['Arn']}."
        )
    if state_at(doc["Timetable"], ctx.now) == "Active":
        table = schedule(ctx, ctx.now, [("Deleting", 10.0), (GONE, 0.0)])
        put_pipeline(ctx, {**doc, "Timetable": table})
    return {"PipelineArn": doc["PipelineArn"]}


def _existing(ctx: Context, name: str) -> Params | None:
    doc = ctx.table(PIPELINES).get(name)
    if doc is not None and state_at(doc["Timetable"], ctx.now) == GONE:
        _drop(ctx, doc)
        return None
    return doc


def _drop(ctx: Context, doc: Params) -> None:
    name = doc["PipelineName"]
    ctx.table(PIPELINES).delete(name)
    for table in (VERSIONS, EXECUTIONS, TOKENS):
        for key, _ in ctx.table(table).items():
            if key.startswith(f"{name}/"):
                ctx.table(table).delete(key)
    tags.delete_all(ctx, doc["PipelineArn"])


def _summary(doc: Params) -> Params:
    summary = {
        key: doc[key]
        for key in _SHOWN
        if key in doc and key not in ("ParallelismConfiguration", "LastRunTime")
    }
    return (
        {**summary, "LastExecutionTime": doc["LastRunTime"]}
        if "LastRunTime" in doc
        else summary
    )
