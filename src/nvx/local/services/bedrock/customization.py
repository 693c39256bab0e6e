"""Create, show, list and stop jobs that customize a foundation model."""

from __future__ import annotations

from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.services.bedrock.jobs import (
    check_bucket,
    check_role,
    id12,
    job_listing,
    keep_token,
    made_before,
    tag_new,
    tags_from,
)
from nvx.local.services.bedrock.models import FoundationModel, model_arn, model_named
from nvx.local.services.bedrock.refusals import conflict, invalid, not_found
from nvx.local.services.sagemaker.arns import bucket_and_key
from nvx.local.services.sagemaker.timetable import (
    Phase,
    end_of,
    reached,
    rescheduled,
    schedule,
    state_at,
)

CUSTOMIZATIONS = "bedrock.customization-jobs"
"""By name."""

_RUNNING_S = 3600.0
_HIDDEN = (
    "jobTags",
    "customModelTags",
    "baseModelIdentifier",
    "customModelName",
    "customModelKmsKeyId",
)


@operation("bedrock", "CreateModelCustomizationJob")
def create_model_customization_job(ctx: Context, params: Params) -> Params:
    """Start a job, or give the one that the same request made before."""
    known = made_before(ctx, params)
    if known is not None:
        return {"jobArn": known}
    model = _checked(ctx, params)
    path = f"model-customization-job/{model.id}/{id12('job', params['jobName'])}"
    doc = {
        "Name": params["jobName"],
        "Arn": ctx.arn("bedrock", path),
        "ModelArn": ctx.arn(
            "bedrock", f"custom-model/{model.id}/{id12('model', params['customModelName'])}"
        ),
        "BaseModel": model.id,
        "Request": params,
        "CreationTime": ctx.now,
        "Timetable": schedule(ctx, ctx.now, _phases(ctx, params)),
    }
    ctx.table(CUSTOMIZATIONS).put(doc["Name"], doc)
    tag_new(ctx, doc["Arn"], params.get("jobTags"))
    tag_new(ctx, doc["ModelArn"], params.get("customModelTags"))
    keep_token(ctx, params, doc["Arn"])
    return {"jobArn": doc["Arn"]}


@operation("bedrock", "GetModelCustomizationJob")
def get_model_customization_job(ctx: Context, params: Params) -> Params:
    """One job, by name or ARN."""
    doc = find_customization(ctx, params["jobIdentifier"])
    request = {key: value for key, value in doc["Request"].items() if key not in _HIDDEN}
    view: Params = {"validationDataConfig": {"validators": []}, **request, **_common(ctx, doc)}
    view["outputModelName"] = doc["Request"]["customModelName"]
    if view["status"] == "Completed":
        view |= {"outputModelArn": doc["ModelArn"], "trainingMetrics": {"trainingLoss": 0.5}}
    if view["status"] == "Failed":
        view["failureMessage"] = "The simulation failed."
    return view


@operation("bedrock", "ListModelCustomizationJobs")
def list_model_customization_jobs(ctx: Context, params: Params) -> Params:
    """The caller's jobs by time, newest first."""
    docs = [doc for _, doc in ctx.table(CUSTOMIZATIONS).items()]
    rows = [_summary(ctx, doc) for doc in docs]
    summaries, token = job_listing(ctx, rows, params)
    return {"modelCustomizationJobSummaries": summaries, **token}


@operation("bedrock", "StopModelCustomizationJob")
def stop_model_customization_job(ctx: Context, params: Params) -> Params:
    """Stop a running job."""
    doc = find_customization(ctx, params["jobIdentifier"])
    status = state_at(doc["Timetable"], ctx.now)
    if status not in ("InProgress", "Stopping"):
        raise conflict(f"The job is in status {status} and cannot be stopped.")
    if status == "InProgress":
        end: list[Phase] = [("Stopping", 120.0), ("Stopped", 0.0)]
        table = rescheduled(ctx, doc["Timetable"], ctx.now, end)
        ctx.table(CUSTOMIZATIONS).put(doc["Name"], {**doc, "Timetable": table})
    return {}


def find_customization(ctx: Context, identifier: str) -> Params:
    """The document of a job, by name or ARN; ResourceNotFoundException where there is none."""
    for name, doc in ctx.table(CUSTOMIZATIONS).items():
        if identifier in (name, doc["Arn"]):
            return doc
    raise not_found(f"The model customization job {identifier} could not be found.")


def _checked(ctx: Context, params: Params) -> FoundationModel:
    """The base model of a request that could run; refuses any other."""
    table = ctx.table(CUSTOMIZATIONS)
    models = {doc["Request"]["customModelName"] for _, doc in table.items()}
    if params["jobName"] in table or params["customModelName"] in models:
        raise conflict("The name of the job or of the custom model is in use already.")
    model = model_named(ctx, params["baseModelIdentifier"])
    if model is None or not model.tunable:
        raise invalid(f"{params['baseModelIdentifier']} does not support customization.")
    check_role(ctx, params["roleArn"])
    check_bucket(ctx, params["outputDataConfig"]["s3Uri"])
    uri = params["trainingDataConfig"].get("s3Uri", "")
    bucket, key = bucket_and_key(uri)
    try:
        ctx.call("s3", "HeadObject", {"Bucket": bucket, "Key": key})
    except AwsError as error:
        raise invalid(f"The training data {uri} does not exist or cannot be read.") from error
    return model


def _phases(ctx: Context, params: Params) -> list[Phase]:
    outcome = ctx.settings.outcome_of(
        ctx.arn("bedrock", f"model-customization-job/{params['jobName']}"),
        params["jobName"],
        tags=tags_from(params.get("jobTags")),
    )
    status = outcome.status if outcome is not None else "Completed"
    if status == "Stopped":
        return [("InProgress", _RUNNING_S / 2), ("Stopping", 120.0), ("Stopped", 0.0)]
    return [("InProgress", _RUNNING_S), (status, 0.0)]


def _common(ctx: Context, doc: Params) -> Params:
    status = state_at(doc["Timetable"], ctx.now)
    view: Params = {
        "jobArn": doc["Arn"],
        "jobName": doc["Name"],
        "status": status,
        "baseModelArn": model_arn(ctx, doc["BaseModel"]),
        "creationTime": doc["CreationTime"],
        "lastModifiedTime": reached(doc["Timetable"], ctx.now)[-1]["From"],
        "customizationType": doc["Request"].get("customizationType", "FINE_TUNING"),
    }
    if status in ("Completed", "Failed", "Stopped"):
        view["endTime"] = end_of(doc["Timetable"])
    return view


def _summary(ctx: Context, doc: Params) -> Params:
    view = _common(ctx, doc)
    if view["status"] == "Completed":
        name = doc["Request"]["customModelName"]
        view |= {"customModelArn": doc["ModelArn"], "customModelName": name}
    return view
