"""Create and stop AutoML jobs that tune a model."""

from __future__ import annotations

from nvx.local import tags
from nvx.local.context import Context, Params, operation
from nvx.local.services.sagemaker.automl_data import problem_with_data
from nvx.local.services.sagemaker.automl_jobs import (
    all_automl_jobs,
    automl_arn,
    find_automl_job,
    get_automl_job,
    put_new_automl_job,
    status_of_automl_job,
    stop_automl,
)
from nvx.local.services.sagemaker.automl_models import DEFAULT, tunable_models
from nvx.local.services.sagemaker.automl_rules import check_automl
from nvx.local.services.sagemaker.endpoints import get_endpoint
from nvx.local.services.sagemaker.refusals import in_use, invalid, limit_exceeded
from nvx.local.services.sagemaker.settling import settle
from nvx.local.services.sagemaker.timetable import Phase

_STARTING, _TRAINING, _DEPLOYING = 180.0, 3000.0, 420.0
_LONGEST_NAME = 63


@operation("sagemaker", "CreateAutoMLJobV2")
def create_auto_ml_job_v2(ctx: Context, params: Params) -> Params:
    """Start a job that tunes a text generation model."""
    settle(ctx)
    name = params["AutoMLJobName"]
    if get_automl_job(ctx, name) is not None:
        raise in_use(f"An AutoML job with the name {name} already exists (names ignore case).")
    config = check_automl(ctx, params)
    _check_quota(ctx)
    given = tags.from_list(params.get("Tags"))
    phases, reason = _phases(ctx, params, config, given)
    doc = {
        "Name": name,
        "Request": {key: value for key, value in params.items() if key != "Tags"},
        "BaseModel": config.get("BaseModelName", DEFAULT),
        "Endpoint": _endpoint_name(ctx, params),
        "FailureReason": reason,
    }
    put_new_automl_job(ctx, doc, phases)
    tags.set_tags(ctx, automl_arn(ctx, name), given)
    return {"AutoMLJobArn": automl_arn(ctx, name)}


@operation("sagemaker", "StopAutoMLJob")
def stop_auto_ml_job(ctx: Context, params: Params) -> Params:
    """Stop a running job; a job that is stopping already goes on doing so."""
    settle(ctx)
    doc = find_automl_job(ctx, params["AutoMLJobName"])
    status = status_of_automl_job(ctx, doc)
    if status == "InProgress":
        stop_automl(ctx, doc)
    elif status != "Stopping":
        raise invalid(f"The request was rejected because the AutoML job is in status {status}.")
    return {}


def _endpoint_name(ctx: Context, params: Params) -> str | None:
    deploy = params.get("ModelDeployConfig")
    if deploy is None:
        return None
    if "EndpointName" in deploy:
        return str(deploy["EndpointName"])
    number = ctx.store.sequence("sagemaker-endpoint-name")
    return f"{params['AutoMLJobName']}-{number:05d}"[:_LONGEST_NAME]


def _check_quota(ctx: Context) -> None:
    limit = ctx.settings.max_running
    running = [
        doc
        for doc in all_automl_jobs(ctx)
        if status_of_automl_job(ctx, doc) in ("InProgress", "Stopping")
    ]
    if limit is not None and len(running) >= limit:
        raise limit_exceeded(
            f"The account-level service limit 'Number of concurrent AutoML jobs' is {limit}, "
            f"with current utilization of {len(running)}."
        )


def _phases(
    ctx: Context, params: Params, config: Params, given: dict[str, str]
) -> tuple[list[Phase], str | None]:
    """What the job goes through, and why it fails if it does."""
    model = tunable_models()[config.get("BaseModelName", DEFAULT)]
    reason = problem_with_data(ctx, params, model)
    if reason is not None:
        return [("Starting", _STARTING), ("Failed", 0.0)], reason
    name = params["AutoMLJobName"]
    outcome = ctx.settings.outcome_of(automl_arn(ctx, name), name, tags=given)
    wanted = outcome.status if outcome is not None else "Completed"
    begin: list[Phase] = [("Starting", _STARTING)]
    if wanted == "Failed":
        said = outcome.reason if outcome is not None else ""
        half: Phase = ("TrainingModels", _TRAINING / 2)
        return [*begin, half, ("Failed", 0.0)], said or "AlgorithmError: the simulation failed."
    if wanted == "Stopped":
        half = ("TrainingModels", _TRAINING / 2)
        return [*begin, half, ("Stopping", 120.0), ("Stopped", 0.0)], None
    return _within_limit(ctx, params, config, wanted), None


def _within_limit(ctx: Context, params: Params, config: Params, wanted: str) -> list[Phase]:
    """The way to a good end, cut short where the limit on the run time says so."""
    limit = config.get("CompletionCriteria", {}).get("MaxAutoMLJobRuntimeInSeconds")
    begin: list[Phase] = [("Starting", _STARTING), ("TrainingModels", _TRAINING)]
    if limit is not None and limit < _STARTING + _TRAINING:
        return [
            ("Starting", 0.0),
            ("TrainingModels", limit),
            ("MaxAutoMLJobRuntimeReached", 0.0),
        ]
    if "ModelDeployConfig" not in params:
        return [*begin, ("Completed", 0.0)]
    if limit is not None and limit < _STARTING + _TRAINING + _DEPLOYING:
        return [*begin, ("Completed", 0.0)]
    fixed = params["ModelDeployConfig"].get("EndpointName")
    taken = fixed is not None and get_endpoint(ctx, fixed) is not None
    end = "ModelDeploymentError" if taken or wanted == "ModelDeploymentError" else "Completed"
    return [*begin, ("DeployingModel", _DEPLOYING), (end, 0.0)]
