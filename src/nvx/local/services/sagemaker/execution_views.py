"""Executions and their steps as Describe and List show them."""

from __future__ import annotations

import json

from nvx.local.context import Context, Params, operation
from nvx.local.services.sagemaker.arns import user_context
from nvx.local.services.sagemaker.executions import find_execution
from nvx.local.services.sagemaker.listing import Order, listed
from nvx.local.services.sagemaker.pipelines import executions_of, find_pipeline
from nvx.local.services.sagemaker.settling import settle
from nvx.local.services.sagemaker.versions import find_version

_EXECUTION_ORDER = Order(
    "PipelineExecutionArn",
    created="StartTime",
    descending=True,
    members={"PipelineExecutionArn": "PipelineExecutionArn"},
)
_STEP_ORDER = Order("StepName", created="StartTime", descending=True)
_PARAMETER_ORDER = Order("Name", created="CreationTime")
_NAMED = ("PipelineExecutionDisplayName", "PipelineExecutionDescription")


@operation("sagemaker", "DescribePipelineExecution")
def describe_pipeline_execution(ctx: Context, params: Params) -> Params:
    """One execution."""
    settle(ctx)
    doc = find_execution(ctx, params["PipelineExecutionArn"])
    version = find_version(ctx, doc["PipelineName"], doc["VersionId"], None)
    view = {
        **execution_view(ctx, doc),
        "PipelineVersionAliases": version["Aliases"],
        "RoleArn": doc["RoleArn"],
    }
    mlflow = mlflow_of(json.loads(version["Definition"]), doc)
    return {**view, "MLflowConfig": mlflow} if mlflow else view


def execution_view(ctx: Context, doc: Params) -> Params:
    """An execution as Describe and Search show it."""
    who = user_context(ctx)
    shown = {key: doc[key] for key in (*_NAMED, "FailureReason", "ParallelismConfiguration")
             if key in doc}  # fmt: skip
    return {
        **shown,
        "PipelineArn": doc["Arn"].split("/execution/")[0],
        "PipelineExecutionArn": doc["Arn"],
        "PipelineExecutionStatus": doc["Status"],
        "PipelineVersionId": doc["VersionId"],
        "CreationTime": doc["CreationTime"],
        "LastModifiedTime": doc["LastModifiedTime"],
        "CreatedBy": who,
        "LastModifiedBy": who,
    }


def mlflow_of(definition: Params, doc: Params) -> Params:
    """The MLflow settings of an execution: the definition's, with the experiment of the start."""
    config = definition.get("MlflowConfig")
    config = {**config} if isinstance(config, dict) else {}
    if "MlflowExperimentName" in doc:
        config["MlflowExperimentName"] = doc["MlflowExperimentName"]
    return {
        key: config[key]
        for key in ("MlflowResourceArn", "MlflowExperimentName")
        if isinstance(config.get(key), str)
    }


@operation("sagemaker", "ListPipelineExecutions")
def list_pipeline_executions(ctx: Context, params: Params) -> Params:
    """The executions of a pipeline, or of the version that has an alias now."""
    settle(ctx)
    pipeline = find_pipeline(ctx, params["PipelineName"])
    name = pipeline["PipelineName"]
    docs = executions_of(ctx, name)
    alias = params.get("PipelineVersionAlias")
    if alias is not None:
        wanted = find_version(ctx, name, None, alias)["Id"]
        docs = [doc for doc in docs if doc["VersionId"] == wanted]
    rows = [(doc["Serial"], _summary(ctx, doc)) for doc in docs]
    summaries, token = listed(ctx, rows, params, _EXECUTION_ORDER)
    return {"PipelineExecutionSummaries": summaries, **token}


@operation("sagemaker", "ListPipelineExecutionSteps")
def list_pipeline_execution_steps(ctx: Context, params: Params) -> Params:
    """The steps of an execution that have begun."""
    settle(ctx)
    doc = find_execution(ctx, params.get("PipelineExecutionArn", ""))
    rows = [
        (step["Place"], _step_view(name, step))
        for name, step in doc["Steps"].items()
        if "StartTime" in step
    ]
    steps, token = listed(ctx, rows, params, _STEP_ORDER)
    return {"PipelineExecutionSteps": steps, **token}


@operation("sagemaker", "DescribePipelineDefinitionForExecution")
def describe_pipeline_definition_for_execution(ctx: Context, params: Params) -> Params:
    """The definition that an execution runs."""
    settle(ctx)
    doc = find_execution(ctx, params["PipelineExecutionArn"])
    version = find_version(ctx, doc["PipelineName"], doc["VersionId"], None)
    return {
        "PipelineDefinition": version["Definition"],
        "CreationTime": version["CreationTime"],
    }


@operation("sagemaker", "ListPipelineParametersForExecution")
def list_pipeline_parameters_for_execution(ctx: Context, params: Params) -> Params:
    """The values of the parameters of an execution."""
    settle(ctx)
    doc = find_execution(ctx, params["PipelineExecutionArn"])
    rows = [
        (place, {"Name": name, "Value": str(value), "CreationTime": doc["CreationTime"]})
        for place, (name, value) in enumerate(sorted(doc["Parameters"].items()))
    ]
    shown, token = listed(ctx, rows, params, _PARAMETER_ORDER)
    pairs = [{"Name": row["Name"], "Value": row["Value"]} for row in shown]
    return {"PipelineParameters": pairs, **token}


def _summary(ctx: Context, doc: Params) -> Params:
    version = find_version(ctx, doc["PipelineName"], doc["VersionId"], None)
    summary = {
        "PipelineExecutionArn": doc["Arn"],
        "StartTime": doc["CreationTime"],
        "PipelineExecutionStatus": doc["Status"],
        "PipelineVersionAliases": version["Aliases"],
        **{key: doc[key] for key in _NAMED if key in doc},
    }
    if "FailureReason" in doc:
        summary["PipelineExecutionFailureReason"] = doc["FailureReason"]
    return summary


def _step_view(name: str, step: Params) -> Params:
    view = {
        "StepName": name,
        "StepStatus": step["Status"],
        "StartTime": step["StartTime"],
        "AttemptCount": step["Attempt"],
    }
    for member, key in (
        ("EndTime", "EndTime"),
        ("FailureReason", "FailureReason"),
        ("Metadata", "Metadata"),
        ("StepDisplayName", "DisplayName"),
        ("StepDescription", "Description"),
    ):
        if key in step:
            view[member] = step[key]
    return view
