"""Training jobs as Describe and List show them."""

from __future__ import annotations

import hashlib
from datetime import datetime

from nvx.local.context import Context, Params, operation
from nvx.local.services.sagemaker.jobs import (
    all_jobs,
    ended_at,
    find_job,
    is_over,
    job_status,
    missing_job,
    modified_at,
    secondary_status,
)
from nvx.local.services.sagemaker.listing import Order, listed, visible
from nvx.local.services.sagemaker.progress import progress_of
from nvx.local.services.sagemaker.settling import settle
from nvx.local.services.sagemaker.timetable import reached

_DEFAULT_STOPPING = {"MaxRuntimeInSeconds": 86400}
_ORDER = Order(
    "TrainingJobName",
    descending=True,
    members={"Name": "TrainingJobName", "Status": "TrainingJobStatus"},
)
_MESSAGES = {
    "Starting": "Starting the training job",
    "Downloading": "Downloading the input data",
    "Training": "Training job in progress",
    "Uploading": "Uploading the generated training model",
    "Stopping": "Stopping the training job",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds",
    "Completed": "Training job completed",
}


@operation("sagemaker", "DescribeTrainingJob")
def describe_training_job(ctx: Context, params: Params) -> Params:
    """One job: what was asked, and how far it is."""
    settle(ctx)
    doc = find_job(ctx, params["TrainingJobName"])
    if not visible(ctx, doc["CreationTime"]):
        raise missing_job()
    return job_view(ctx, doc)


def job_view(ctx: Context, doc: Params) -> Params:
    """A job as DescribeTrainingJob shows it."""
    view = {
        **_echo(doc),
        "TrainingJobArn": doc["Arn"],
        "TrainingJobStatus": job_status(ctx, doc),
        "SecondaryStatus": secondary_status(ctx, doc),
        "SecondaryStatusTransitions": _transitions(ctx, doc),
        "ModelArtifacts": {"S3ModelArtifacts": artifacts_uri(doc)},
        "CreationTime": doc["CreationTime"],
        "LastModifiedTime": modified_at(ctx, doc),
        **_times(ctx, doc),
        **progress_of(ctx, doc),
    }
    if "MlflowConfig" in doc["Request"]:
        view["MlflowDetails"] = _mlflow(doc)
    if secondary_status(ctx, doc) == "Failed":
        view["FailureReason"] = doc["FailureReason"]
    return {**view, **doc.get("Results", {})}


def artifacts_uri(doc: Params) -> str:
    """Where the model of a job is, or is going to be."""
    base = doc["Request"]["OutputDataConfig"]["S3OutputPath"].rstrip("/")
    file = "model" if "ServerlessJobConfig" in doc["Request"] else "model.tar.gz"
    return f"{base}/{doc['Name']}/output/{file}"


@operation("sagemaker", "ListTrainingJobs")
def list_training_jobs(ctx: Context, params: Params) -> Params:
    """The caller's jobs, newest first unless asked otherwise."""
    settle(ctx)
    rows = [(doc["Serial"], _summary(ctx, doc)) for doc in all_jobs(ctx)]
    wanted = params.get("StatusEquals")
    if wanted is not None:
        rows = [row for row in rows if row[1]["TrainingJobStatus"] == wanted]
    for member in ("WarmPoolStatusEquals", "TrainingPlanArnEquals"):
        if member in params:
            rows = []
    summaries, token = listed(ctx, rows, params, _ORDER)
    return {"TrainingJobSummaries": summaries, **token}


def _summary(ctx: Context, doc: Params) -> Params:
    summary = {
        "TrainingJobName": doc["Name"],
        "TrainingJobArn": doc["Arn"],
        "CreationTime": doc["CreationTime"],
        "LastModifiedTime": modified_at(ctx, doc),
        "TrainingJobStatus": job_status(ctx, doc),
        "SecondaryStatus": secondary_status(ctx, doc),
    }
    if is_over(ctx, doc):
        summary["TrainingEndTime"] = ended_at(doc)
    return summary


def _echo(doc: Params) -> Params:
    request = {**doc["Request"]}
    request.setdefault("StoppingCondition", _DEFAULT_STOPPING)
    serverless = request.get("ServerlessJobConfig")
    if serverless is None:
        return request
    # Whatever version was asked for, the service takes the newest and says so.
    root = serverless["BaseModelArn"].split("/Model/")[0]
    arn = f"{root}/Model/{doc['Plan']['BaseModel']}/{doc['Plan']['BaseModelVersion']}"
    return {**request, "ServerlessJobConfig": {**serverless, "BaseModelArn": arn}}


def _transitions(ctx: Context, doc: Params) -> list[Params]:
    entries = reached(doc["Timetable"], ctx.now)
    ends: list[datetime | None] = [entry["From"] for entry in entries[1:]]
    ends.append(entries[-1]["From"] if is_over(ctx, doc) else None)
    transitions = []
    for entry, end in zip(entries, ends, strict=True):
        message = _MESSAGES.get(entry["State"]) or doc["FailureReason"]
        shown = {"Status": entry["State"], "StartTime": entry["From"], "StatusMessage": message}
        transitions.append(shown if end is None else {**shown, "EndTime": end})
    return transitions


def _times(ctx: Context, doc: Params) -> Params:
    entries = reached(doc["Timetable"], ctx.now)
    started = [entry["From"] for entry in entries if entry["State"] == "Downloading"]
    times: Params = {}
    if started:
        times["TrainingStartTime"] = started[0]
    if is_over(ctx, doc):
        times["TrainingEndTime"] = ended_at(doc)
        spent = ended_at(doc) - (started[0] if started else ended_at(doc))
        times["TrainingTimeInSeconds"] = times["BillableTimeInSeconds"] = max(
            1, round(spent.total_seconds())
        )
    return times


def _mlflow(doc: Params) -> Params:
    config = doc["Request"]["MlflowConfig"]
    experiment = config.get("MlflowExperimentName", doc["Name"])
    return {
        "MlflowExperimentId": str(int(_digest(experiment)[:12], 16)),
        "MlflowRunId": _digest(doc["Arn"])[:32],
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
