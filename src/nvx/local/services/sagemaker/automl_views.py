"""AutoML jobs and their candidates as Describe and List show them."""

from __future__ import annotations

from nvx.local.context import Context, Params, operation
from nvx.local.services.sagemaker.automl_jobs import (
    all_automl_jobs,
    automl_ended_at,
    automl_modified_at,
    find_automl_job,
    is_automl_job_over,
    missing_automl_job,
    secondary_status_of,
    status_of_automl_job,
)
from nvx.local.services.sagemaker.listing import Order, listed, visible
from nvx.local.services.sagemaker.settling import settle

_ORDER = Order(
    "AutoMLJobName",
    descending=True,
    members={"Name": "AutoMLJobName", "Status": "AutoMLJobStatus"},
)
_CANDIDATES = Order("CandidateName", members={"Status": "CandidateStatus"})
_DEPLOYMENT_FAILED = "The model was tuned, but could not be deployed to the endpoint."


@operation("sagemaker", "DescribeAutoMLJobV2")
def describe_auto_ml_job_v2(ctx: Context, params: Params) -> Params:
    """One job: what was asked, how far it is, its best candidate, its endpoint."""
    settle(ctx)
    doc = find_automl_job(ctx, params["AutoMLJobName"])
    if not visible(ctx, doc["CreationTime"]):
        raise missing_automl_job(params["AutoMLJobName"])
    view = {
        **doc["Request"],
        **_common(ctx, doc),
        "AutoMLProblemTypeConfigName": "TextGeneration",
        "ResolvedAttributes": _resolved(doc),
    }
    if "Candidate" in doc:
        view["BestCandidate"] = _candidate(ctx, doc)
    if doc.get("Deployed"):
        view["ModelDeployResult"] = {"EndpointName": doc["Deployed"]}
    return view


@operation("sagemaker", "ListAutoMLJobs")
def list_auto_ml_jobs(ctx: Context, params: Params) -> Params:
    """The caller's jobs; newest first, or by name where that is asked for."""
    settle(ctx)
    rows = [(doc["Serial"], _common(ctx, doc)) for doc in all_automl_jobs(ctx)]
    wanted = params.get("StatusEquals")
    if wanted is not None:
        rows = [row for row in rows if row[1]["AutoMLJobStatus"] == wanted]
    chosen = {"SortBy": "Name", **params}
    summaries, token = listed(ctx, rows, chosen, _ORDER)
    return {"AutoMLJobSummaries": summaries, **token}


@operation("sagemaker", "ListCandidatesForAutoMLJob")
def list_candidates_for_auto_ml_job(ctx: Context, params: Params) -> Params:
    """The one candidate of a job, once there is one."""
    settle(ctx)
    doc = find_automl_job(ctx, params["AutoMLJobName"])
    rows = [(doc["Serial"], _candidate(ctx, doc))] if "Candidate" in doc else []
    for member, name in (
        ("StatusEquals", "CandidateStatus"),
        ("CandidateNameEquals", "CandidateName"),
    ):
        if member in params:
            rows = [row for row in rows if row[1][name] == params[member]]
    candidates, token = listed(ctx, rows, params, _CANDIDATES)
    return {"Candidates": candidates, **token}


def _common(ctx: Context, doc: Params) -> Params:
    view: Params = {
        "AutoMLJobName": doc["Name"],
        "AutoMLJobArn": doc["Arn"],
        "AutoMLJobStatus": status_of_automl_job(ctx, doc),
        "AutoMLJobSecondaryStatus": secondary_status_of(ctx, doc),
        "CreationTime": doc["CreationTime"],
        "LastModifiedTime": automl_modified_at(ctx, doc),
    }
    if is_automl_job_over(ctx, doc):
        view["EndTime"] = automl_ended_at(doc)
    if view["AutoMLJobStatus"] == "Failed":
        view["FailureReason"] = doc["FailureReason"]
    if view["AutoMLJobSecondaryStatus"] == "ModelDeploymentError":
        reason = {"PartialFailureMessage": _DEPLOYMENT_FAILED}
        view["PartialFailureReasons"] = [reason]
    return view


def _resolved(doc: Params) -> Params:
    config = doc["Request"]["AutoMLProblemTypeConfig"]["TextGenerationJobConfig"]
    attributes = {"TextGenerationResolvedAttributes": {"BaseModelName": doc["BaseModel"]}}
    criteria = {
        "MaxCandidates": 1,
        "MaxRuntimePerTrainingJobInSeconds": 259_200,
        **config.get("CompletionCriteria", {}),
    }
    return {
        "CompletionCriteria": criteria,
        "AutoMLProblemTypeResolvedAttributes": attributes,
    }


def _candidate(ctx: Context, doc: Params) -> Params:
    arn = ctx.arn("sagemaker", f"training-job/{doc['Name']}-llm")
    container = {
        "Image": f"{ctx.account}.dkr.ecr.{ctx.region}.amazonaws.com/local-llm:simulated",
        "ModelDataUrl": doc["Candidate"]["ModelDataUrl"],
        "Environment": {"NVX_LOCAL_SIMULATED": "true"},
    }
    step = {
        "CandidateStepType": "AWS::SageMaker::TrainingJob",
        "CandidateStepArn": arn,
        "CandidateStepName": f"{doc['Name']}-llm",
    }
    return {
        "CandidateName": f"{doc['Name']}-llm",
        "ObjectiveStatus": "Succeeded",
        "CandidateSteps": [step],
        "CandidateStatus": "Completed",
        "InferenceContainerDefinitions": {"GPU": [container]},
        "CreationTime": doc["CreationTime"],
        "EndTime": automl_ended_at(doc),
        "LastModifiedTime": automl_ended_at(doc),
        "CandidateProperties": {"CandidateMetrics": doc["Candidate"]["Metrics"]},
    }
