"""Create, stop, delete and update training jobs."""

from __future__ import annotations

from datetime import timedelta

from nvx.local import tags
from nvx.local.context import Context, Params, operation
from nvx.local.services.sagemaker.jobs import (
    JOBS,
    all_jobs,
    find_job,
    get_job,
    is_over,
    job_arn,
    job_status,
    put_new_job,
    stop_job,
)
from nvx.local.services.sagemaker.refusals import in_use, invalid, limit_exceeded
from nvx.local.services.sagemaker.settling import settle
from nvx.local.services.sagemaker.timetable import Phase
from nvx.local.services.sagemaker.training_rules import (
    check_members,
    doom,
    is_scored_for_real,
    prepare,
)

_NOT_ECHOED = frozenset({"Tags", "SessionChainingConfig"})
_DURATIONS: dict[str, tuple[float, float, float, float]] = {
    "FineTuning": (120.0, 180.0, 1920.0, 180.0),
    "Evaluation": (60.0, 60.0, 1020.0, 60.0),
    "classic": (120.0, 120.0, 1440.0, 120.0),
}
_QUOTA = "Number of concurrent training jobs"


@operation("sagemaker", "CreateTrainingJob")
def create_training_job(ctx: Context, params: Params) -> Params:
    """Start a job, serverless or classic."""
    settle(ctx)
    name = params["TrainingJobName"]
    check_members(params)
    if get_job(ctx, name) is not None:
        raise in_use(
            "Job name must be unique within an AWS account and region, and a job with this name "
            f"already exists ({job_arn(ctx, name)})"
        )
    plan = prepare(ctx, params)
    _check_quota(ctx)
    given = tags.from_list(params.get("Tags"))
    phases, reason = _phases(ctx, params, plan, given)
    request = {key: value for key, value in params.items() if key not in _NOT_ECHOED}
    doc = {"Name": name, "Request": request, "Plan": plan, "FailureReason": reason}
    if is_scored_for_real(params):
        doc["Unscored"] = True
    put_new_job(ctx, doc, phases)
    tags.set_tags(ctx, job_arn(ctx, name), given)
    return {"TrainingJobArn": job_arn(ctx, name)}


@operation("sagemaker", "StopTrainingJob")
def stop_training_job(ctx: Context, params: Params) -> Params:
    """Stop a running job; a job that is stopping already goes on doing so."""
    settle(ctx)
    doc = find_job(ctx, params["TrainingJobName"])
    status = job_status(ctx, doc)
    if status == "InProgress":
        stop_job(ctx, doc)
    elif status != "Stopping":
        raise invalid(
            f"The request was rejected because the training job is in status {status}."
        )
    return {}


@operation("sagemaker", "DeleteTrainingJob")
def delete_training_job(ctx: Context, params: Params) -> Params:
    """Delete a job that is over; what it made stays."""
    settle(ctx)
    doc = find_job(ctx, params["TrainingJobName"])
    if not is_over(ctx, doc):
        raise in_use(
            f"Training job {doc['Arn']} is in status {job_status(ctx, doc)} and cannot be deleted."
        )
    if "Deletion" not in doc:
        gone = ctx.now + timedelta(seconds=ctx.clock.seconds(10))
        ctx.table(JOBS).put(doc["Name"], {**doc, "Deletion": {"From": ctx.now, "Gone": gone}})
    return {}


@operation("sagemaker", "UpdateTrainingJob")
def update_training_job(ctx: Context, params: Params) -> Params:
    """Change the profiler, the keep-alive time or remote debugging of a classic job."""
    settle(ctx)
    doc = find_job(ctx, params["TrainingJobName"])
    if "ServerlessJobConfig" in doc["Request"]:
        raise invalid("UpdateTrainingJob is not supported for serverless training jobs.")
    if is_over(ctx, doc) and params.keys() - {"TrainingJobName", "ResourceConfig"}:
        raise invalid(
            "The request was rejected because the training job is in status "
            f"{job_status(ctx, doc)}."
        )
    request = {**doc["Request"]}
    for member in ("ProfilerConfig", "ResourceConfig", "RemoteDebugConfig"):
        if member in params:
            request[member] = {**request.get(member, {}), **params[member]}
    if "ProfilerRuleConfigurations" in params:
        request["ProfilerRuleConfigurations"] = params["ProfilerRuleConfigurations"]
    ctx.table(JOBS).put(doc["Name"], {**doc, "Request": request})
    return {"TrainingJobArn": doc["Arn"]}


def _check_quota(ctx: Context) -> None:
    limit = ctx.settings.max_running
    if limit is None:
        return
    running = sum(
        1 for doc in all_jobs(ctx) if job_status(ctx, doc) in ("InProgress", "Stopping")
    )
    if running >= limit:
        raise limit_exceeded(
            f"The account-level service limit '{_QUOTA}' is {limit} Instances, with current "
            f"utilization of {running} Instances and a request delta of 1 Instances. Please use "
            "AWS Service Quotas to request an increase for this quota."
        )


def _phases(
    ctx: Context, params: Params, plan: Params, given: dict[str, str]
) -> tuple[list[Phase], str | None]:
    kind = params.get("ServerlessJobConfig", {}).get("JobType", "classic")
    starting, downloading, training, uploading = _DURATIONS[kind]
    reason = doom(ctx, params, plan)
    if reason is not None:
        return [("Starting", starting), ("Failed", 0.0)], reason
    begin = [("Starting", starting), ("Downloading", downloading)]
    name = params["TrainingJobName"]
    outcome = ctx.settings.outcome_of(job_arn(ctx, name), name, tags=given)
    if outcome is None or outcome.status == "Completed":
        return [
            *begin,
            ("Training", training),
            ("Uploading", uploading),
            ("Completed", 0.0),
        ], None
    short = [*begin, ("Training", training / 2)]
    if outcome.status in ("Stopped", "MaxRuntimeExceeded"):
        return [*short, ("Stopping", 120.0), (outcome.status, 0.0)], None
    return [*short, ("Failed", 0.0)], outcome.reason or "AlgorithmError: the simulation failed."
