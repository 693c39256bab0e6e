"""The end of an AutoML job: a candidate, its artifact, its endpoint; once."""

from __future__ import annotations

import math

from nvx.local.context import AwsError, Context, Params
from nvx.local.services.logs import put_lines
from nvx.local.services.sagemaker.arns import bucket_and_key
from nvx.local.services.sagemaker.automl_jobs import (
    AUTOML_JOBS,
    automl_ended_at,
    is_automl_job_over,
    secondary_status_of,
    settle_as,
)
from nvx.local.services.sagemaker.endpoints import deploy
from nvx.local.services.sagemaker.scores import Question, Subject, score
from nvx.local.services.sagemaker.settling import UNFINISHED, settles

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
_ROUGE = ("Rouge1", "Rouge2", "RougeL", "RougeLSum")
_NOTE = b'{"simulated": true, "note": "Made by a local AWS: there are no weights in here."}'


@settles("automl")
def settle_automl_job(ctx: Context, key: str, _entry: Params) -> None:
    """Settle an AutoML job that is over."""
    doc = ctx.table(AUTOML_JOBS).get(key.partition("/")[2])
    if doc is None:
        ctx.table(UNFINISHED).delete(key)
        return
    if doc["Settled"] or not is_automl_job_over(ctx, doc):
        return
    state = secondary_status_of(ctx, doc)
    results: Params = {}
    if state in ("Completed", "ModelDeploymentError"):
        results = {"Candidate": _candidate(ctx, doc), "Deployed": _deployed(ctx, doc, state)}
    lines = [f"Simulated AutoML job {doc['Name']}: nothing was trained.", f"AutoML job {state}"]
    put_lines(ctx, LOG_GROUP, f"{doc['Name']}-llm/algo-1", lines)
    settle_as(ctx, doc, **results)


def _candidate(ctx: Context, doc: Params) -> Params:
    artifact = f"{doc['Request']['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{doc['Name']}"
    uri = f"{artifact}/llm/model.tar.gz"
    bucket, object_key = bucket_and_key(uri)
    ctx.call("s3", "PutObject", {"Bucket": bucket, "Key": object_key, "Body": _NOTE})
    return {"ModelDataUrl": uri, "Metrics": _metrics(doc)}


def _deployed(ctx: Context, doc: Params, state: str) -> str | None:
    """The endpoint that the job made; None where it makes none, or could not."""
    deploying = any(entry["State"] == "DeployingModel" for entry in doc["Timetable"])
    if not deploying or state != "Completed":
        return None
    try:
        deploy(ctx, doc["Endpoint"], doc["Name"], automl_ended_at(doc))
    except AwsError:
        return None
    return str(doc["Endpoint"])


def _metrics(doc: Params) -> list[Params]:
    subject = Subject(doc["BaseModel"], doc["Name"])
    question = Question("autopilot", doc["Name"])
    rouge = [_metric(name, score(subject, question, name), "Validation") for name in _ROUGE]
    training = 2 * (1 - score(subject, question, "TrainingLoss"))
    validation = training + 0.1
    return [
        *rouge,
        _metric("Perplexity", math.exp(validation), "Validation"),
        _metric("TrainingLoss", training, "Train"),
        _metric("ValidationLoss", validation, "Validation"),
    ]


def _metric(name: str, value: float, which: str) -> Params:
    return {"StandardMetricName": name, "Value": round(value, 6), "Set": which}
