"""Create, show, list, stop and delete evaluation jobs."""

from __future__ import annotations

from nvx.local.context import Context, Params, operation
from nvx.local.services.bedrock.evaluation_jobs import (
    ENDED,
    all_evaluations,
    delete_evaluation,
    evaluation_view,
    find_evaluation,
    missing_evaluation,
    put_new_evaluation,
    status_of_evaluation,
    stop_evaluation,
)
from nvx.local.services.bedrock.evaluation_rules import check_evaluation
from nvx.local.services.bedrock.jobs import (
    id12,
    job_listing,
    keep_token,
    made_before,
    tag_new,
    tags_from,
)
from nvx.local.services.bedrock.refusals import conflict, quota_exceeded
from nvx.local.services.sagemaker.listing import visible
from nvx.local.services.sagemaker.timetable import Phase

_RUNNING_S = 1200.0
_ROWS_OF_A_PAGE = 5
"""The service model allows no more summaries in a reply, whatever maxResults says."""


@operation("bedrock", "CreateEvaluationJob")
def create_evaluation_job(ctx: Context, params: Params) -> Params:
    """Start a job, or give the one that the same request made before."""
    known = made_before(ctx, params)
    if known is not None:
        return {"jobArn": known}
    jobs = all_evaluations(ctx)
    if any(doc["Request"]["jobName"] == params["jobName"] for doc in jobs):
        raise conflict(f"An evaluation job named {params['jobName']} already exists.")
    check_evaluation(ctx, params)
    _check_quota(ctx, jobs)
    phases, reason = _phases(ctx, params)
    arn = put_new_evaluation(ctx, params, phases, reason)
    tag_new(ctx, arn, params.get("jobTags"))
    keep_token(ctx, params, arn)
    return {"jobArn": arn}


@operation("bedrock", "GetEvaluationJob")
def get_evaluation_job(ctx: Context, params: Params) -> Params:
    """One job."""
    doc = find_evaluation(ctx, params["jobIdentifier"])
    if not visible(ctx, doc["CreationTime"]):
        raise missing_evaluation(doc["Arn"])
    return evaluation_view(ctx, doc)


@operation("bedrock", "ListEvaluationJobs")
def list_evaluation_jobs(ctx: Context, params: Params) -> Params:
    """The caller's jobs by time, newest first."""
    rows = [_summary(ctx, doc) for doc in all_evaluations(ctx)]
    wanted = params.get("applicationTypeEquals", "ModelEvaluation")
    rows = [row for row in rows if row["applicationType"] == wanted]
    summaries, token = job_listing(ctx, rows, params, most=_ROWS_OF_A_PAGE)
    return {"jobSummaries": summaries, **token}


@operation("bedrock", "StopEvaluationJob")
def stop_evaluation_job(ctx: Context, params: Params) -> Params:
    """Stop a running job."""
    doc = find_evaluation(ctx, params["jobIdentifier"])
    status = status_of_evaluation(ctx, doc)
    if status == "InProgress":
        stop_evaluation(ctx, doc)
    elif status != "Stopping":
        raise conflict(f"The evaluation job is in status {status} and cannot be stopped.")
    return {}


@operation("bedrock", "BatchDeleteEvaluationJob")
def batch_delete_evaluation_job(ctx: Context, params: Params) -> Params:
    """Delete jobs that are over; those refused are listed."""
    errors, deleted = [], []
    jobs = {doc["Arn"]: doc for doc in all_evaluations(ctx)}
    for arn in params["jobIdentifiers"]:
        doc = jobs.get(arn)
        status = status_of_evaluation(ctx, doc) if doc is not None else ""
        if doc is None:
            errors.append(
                {"jobIdentifier": arn, "code": "404", "message": "It does not exist."}
            )
        elif status in ENDED:
            delete_evaluation(ctx, doc)
            deleted.append({"jobIdentifier": arn, "jobStatus": "Deleting"})
        else:
            text = f"It is in status {status}."
            errors.append({"jobIdentifier": arn, "code": "409", "message": text})
    return {"errors": errors, "evaluationJobs": deleted}


def _check_quota(ctx: Context, jobs: list[Params]) -> None:
    limit = ctx.settings.max_running
    running = sum(status_of_evaluation(ctx, doc) not in ENDED for doc in jobs)
    if limit is not None and running >= limit:
        raise quota_exceeded(f"You can have up to {limit} evaluation jobs in progress.")


def _phases(ctx: Context, params: Params) -> tuple[list[Phase], str]:
    """What the job goes through, and why it fails if it does."""
    name = params["jobName"]
    outcome = ctx.settings.outcome_of(
        ctx.arn("bedrock", f"evaluation-job/{id12(name)}"),
        name,
        tags=tags_from(params.get("jobTags")),
    )
    if outcome is None or outcome.status == "Completed":
        return [("InProgress", _RUNNING_S), ("Completed", 0.0)], ""
    half: Phase = ("InProgress", _RUNNING_S / 2)
    if outcome.status == "Stopped":
        return [half, ("Stopping", 120.0), ("Stopped", 0.0)], ""
    return [half, ("Failed", 0.0)], outcome.reason or "The simulation failed."


def _summary(ctx: Context, doc: Params) -> Params:
    view = evaluation_view(ctx, doc)
    automated = doc["Request"]["evaluationConfig"]["automated"]
    model = doc["Request"]["inferenceConfig"]["models"][0]
    summary = {
        name: view[name]
        for name in (
            "jobArn",
            "jobName",
            "status",
            "creationTime",
            "jobType",
            "applicationType",
        )
    }
    types = dict.fromkeys(config["taskType"] for config in automated["datasetMetricConfigs"])
    return {
        **summary,
        "evaluationTaskTypes": list(types),
        "evaluatorModelIdentifiers": _judges(automated),
        "customMetricsEvaluatorModelIdentifiers": _judges(
            automated.get("customMetricConfig", {})
        ),
        "inferenceConfigSummary": {"modelConfigSummary": _models(model)},
    }


def _judges(config: Params) -> list[str]:
    models = config.get("evaluatorModelConfig", {}).get("bedrockEvaluatorModels", [])
    return [model["modelIdentifier"] for model in models]


def _models(model: Params) -> Params:
    if "bedrockModel" in model:
        return {"bedrockModelIdentifiers": [model["bedrockModel"]["modelIdentifier"]]}
    source = model["precomputedInferenceSource"]["inferenceSourceIdentifier"]
    return {"precomputedInferenceSourceIdentifiers": [source]}
