"""Start, stop, retry and rename executions of pipelines."""

from __future__ import annotations

import hashlib

from nvx.local.context import Context, Params, operation
from nvx.local.services.sagemaker.arns import own_name
from nvx.local.services.sagemaker.definitions import parameter_values, parse_definition
from nvx.local.services.sagemaker.jobs import get_job, job_status, stop_job
from nvx.local.services.sagemaker.pipelines import (
    ACTIVE,
    EXECUTIONS,
    TOKENS,
    check_active,
    find_pipeline,
    put_pipeline,
)
from nvx.local.services.sagemaker.refusals import conflict, invalid, not_found
from nvx.local.services.sagemaker.settling import UNFINISHED, settle
from nvx.local.services.sagemaker.versions import find_version, put_version

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_NAMED = ("PipelineExecutionDisplayName", "PipelineExecutionDescription",
          "ParallelismConfiguration")  # fmt: skip
_AGAIN = ("Failed", "Stopped", "CompletedWithFailures")


def find_execution(ctx: Context, arn: str) -> Params:
    """The document of an execution; ResourceNotFound where there is none."""
    path = (own_name(ctx, "pipeline", arn) or "").split("/")
    if len(path) == 3 and path[1] == "execution":
        find_pipeline(ctx, path[0])
        doc = ctx.table(EXECUTIONS).get(f"{path[0]}/{path[2]}")
        if doc is not None:
            return doc
    raise not_found(f"Pipeline execution '{arn}' does not exist.")


def put_execution(ctx: Context, doc: Params) -> None:
    """Keep an execution, and mark it for settling while it is not over."""
    key = f"{doc['PipelineName']}/{doc['Id']}"
    ctx.table(EXECUTIONS).put(key, doc)
    if doc["Status"] in ACTIVE:
        ctx.table(UNFINISHED).put(f"execution/{key}", {})
    else:
        ctx.table(UNFINISHED).delete(f"execution/{key}")


def letters_of(text: str, length: int) -> str:
    """Lower-case letters and digits that look random and are the same for the same text."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    found = ""
    while len(found) < length:
        number, rest = divmod(number, len(_ALPHABET))
        found += _ALPHABET[rest]
    return found


@operation("sagemaker", "StartPipelineExecution")
def start_pipeline_execution(ctx: Context, params: Params) -> Params:
    """Run a version of a pipeline; the same token again runs nothing."""
    settle(ctx)
    pipeline = find_pipeline(ctx, params["PipelineName"])
    check_active(ctx, pipeline)
    name = pipeline["PipelineName"]
    token_key = f"{name}/{params['ClientRequestToken']}"
    known = ctx.table(TOKENS).get(token_key)
    if known is not None:
        return {"PipelineExecutionArn": known["Arn"]}
    version = find_version(
        ctx, name, params.get("PipelineVersionId"), params.get("PipelineVersionAlias")
    )
    doc = _new_execution(ctx, pipeline, version, params)
    put_execution(ctx, doc)
    ctx.table(TOKENS).put(token_key, {"Arn": doc["Arn"]})
    put_version(ctx, {**version, "LastExecutionArn": doc["Arn"]})
    put_pipeline(ctx, {**pipeline, "LastRunTime": doc["CreationTime"]})
    settle(ctx)
    return {"PipelineExecutionArn": doc["Arn"]}


@operation("sagemaker", "StopPipelineExecution")
def stop_pipeline_execution(ctx: Context, params: Params) -> Params:
    """Let the running steps stop, and start no more."""
    settle(ctx)
    doc = find_execution(ctx, params["PipelineExecutionArn"])
    if doc["Status"] == "Stopping":
        return {"PipelineExecutionArn": doc["Arn"]}
    if doc["Status"] != "Executing":
        raise conflict(f"Pipeline execution '{doc['Arn']}' is in status {doc['Status']}.")
    for step in doc["Steps"].values():
        job = (
            get_job(ctx, step["Job"])
            if step["Status"] == "Executing" and "Job" in step
            else None
        )
        if job is not None and job_status(ctx, job) == "InProgress":
            stop_job(ctx, job)
    put_execution(ctx, {**doc, "Status": "Stopping", "LastModifiedTime": ctx.now})
    settle(ctx)
    return {"PipelineExecutionArn": doc["Arn"]}


@operation("sagemaker", "RetryPipelineExecution")
def retry_pipeline_execution(ctx: Context, params: Params) -> Params:
    """Run the steps again that failed or were stopped, in the same execution."""
    settle(ctx)
    doc = find_execution(ctx, params["PipelineExecutionArn"])
    token_key = f"{doc['PipelineName']}/retry/{params['ClientRequestToken']}"
    if token_key in ctx.table(TOKENS):
        return {"PipelineExecutionArn": doc["Arn"]}
    if doc["Status"] not in _AGAIN:
        raise conflict(f"Pipeline execution '{doc['Arn']}' is in status {doc['Status']}.")
    now = ctx.now
    steps = {name: _reset(step) for name, step in doc["Steps"].items()}
    again = {
        **doc,
        "Status": "Executing",
        "Steps": steps,
        "Resumed": now,
        "LastModifiedTime": now,
    }
    again.pop("FailureReason", None)
    if "ParallelismConfiguration" in params:
        again["ParallelismConfiguration"] = params["ParallelismConfiguration"]
    put_execution(ctx, again)
    ctx.table(TOKENS).put(token_key, {"Arn": doc["Arn"]})
    settle(ctx)
    return {"PipelineExecutionArn": doc["Arn"]}


@operation("sagemaker", "UpdatePipelineExecution")
def update_pipeline_execution(ctx: Context, params: Params) -> Params:
    """Change the names of an execution."""
    settle(ctx)
    doc = find_execution(ctx, params["PipelineExecutionArn"])
    changed = {key: params[key] for key in _NAMED if key in params}
    put_execution(ctx, {**doc, **changed, "LastModifiedTime": ctx.now})
    return {"PipelineExecutionArn": doc["Arn"]}


def _new_execution(ctx: Context, pipeline: Params, version: Params, params: Params) -> Params:
    definition = parse_definition(version["Definition"])
    values = parameter_values(definition, params.get("PipelineParameters", []))
    if "SelectiveExecutionConfig" in params:
        raise invalid("SelectiveExecutionConfig is not supported by the local AWS.")
    serial = ctx.store.sequence("sagemaker")
    now = ctx.now
    identifier = letters_of(f"{ctx.settings.seed}/{pipeline['PipelineArn']}/{serial}", 12)
    doc = {key: params[key] for key in _NAMED if key in params}
    doc.setdefault("PipelineExecutionDisplayName", f"execution-{int(now.timestamp() * 1000)}")
    if "ParallelismConfiguration" in pipeline:
        doc.setdefault("ParallelismConfiguration", pipeline["ParallelismConfiguration"])
    if "MlflowExperimentName" in params:
        doc["MlflowExperimentName"] = params["MlflowExperimentName"]
    return {
        **doc,
        "Id": identifier,
        "Arn": f"{pipeline['PipelineArn']}/execution/{identifier}",
        "PipelineName": pipeline["PipelineName"],
        "VersionId": version["Id"],
        "RoleArn": params.get("RoleArn", pipeline["RoleArn"]),
        "Parameters": values,
        "Status": "Executing",
        "Steps": {},
        "CreationTime": now,
        "LastModifiedTime": now,
        "Resumed": now,
        "Serial": serial,
    }


def _reset(step: Params) -> Params:
    if step["Status"] not in ("Failed", "Stopped"):
        return step
    return {"Status": "Waiting", "Attempt": step["Attempt"], "Place": step["Place"]}
