"""AutoML jobs as they are kept, and what their timetable says."""

from __future__ import annotations

from datetime import datetime

from nvx.local.context import Context, Params
from nvx.local.services.sagemaker.refusals import not_found
from nvx.local.services.sagemaker.settling import UNFINISHED
from nvx.local.services.sagemaker.timetable import (
    Phase,
    end_of,
    reached,
    rescheduled,
    schedule,
    state_at,
)

AUTOML_JOBS = "sagemaker.automl-jobs"
"""By name in lower case: names differ by more than case."""

_FINAL = {
    "Completed": "Completed",
    "ModelDeploymentError": "Completed",
    "Failed": "Failed",
    "Stopped": "Stopped",
    "MaxAutoMLJobRuntimeReached": "Stopped",
}


def automl_arn(ctx: Context, name: str) -> str:
    """The ARN of the caller's AutoML job of a name."""
    return ctx.arn("sagemaker", f"automl-job/{name}")


def get_automl_job(ctx: Context, name: str) -> Params | None:
    """The document of an AutoML job, or None."""
    return ctx.table(AUTOML_JOBS).get(name.lower())


def find_automl_job(ctx: Context, name: str) -> Params:
    """The document of an AutoML job; ResourceNotFound where there is none."""
    doc = get_automl_job(ctx, name)
    if doc is None:
        raise missing_automl_job(name)
    return doc


def missing_automl_job(name: str) -> Exception:
    """The refusal for a job that is not there, or not yet to be seen."""
    return not_found(f"Could not find AutoML job {name}.")


def all_automl_jobs(ctx: Context) -> list[Params]:
    """Every AutoML job of the caller: none is ever deleted."""
    return [doc for _, doc in ctx.table(AUTOML_JOBS).items()]


def put_new_automl_job(ctx: Context, doc: Params, phases: list[Phase]) -> None:
    """Keep a job that starts now."""
    now = ctx.now
    kept = {
        **doc,
        "Arn": automl_arn(ctx, doc["Name"]),
        "CreationTime": now,
        "Serial": ctx.store.sequence("sagemaker"),
        "Timetable": schedule(ctx, now, phases),
        "Settled": False,
    }
    _put_running(ctx, kept)


def secondary_status_of(ctx: Context, doc: Params) -> str:
    """AutoMLJobSecondaryStatus now."""
    return state_at(doc["Timetable"], ctx.now)


def status_of_automl_job(ctx: Context, doc: Params) -> str:
    """AutoMLJobStatus now."""
    state = secondary_status_of(ctx, doc)
    return state if state == "Stopping" else _FINAL.get(state, "InProgress")


def is_automl_job_over(ctx: Context, doc: Params) -> bool:
    """Whether the job has reached its last state."""
    return secondary_status_of(ctx, doc) in _FINAL


def automl_ended_at(doc: Params) -> datetime:
    """When the job reaches its last state."""
    return end_of(doc["Timetable"])


def automl_modified_at(ctx: Context, doc: Params) -> datetime:
    """When the job's state last changed."""
    moment: datetime = reached(doc["Timetable"], ctx.now)[-1]["From"]
    return moment


def stop_automl(ctx: Context, doc: Params) -> None:
    """Let a running job stop, two nominal minutes from now."""
    table = rescheduled(ctx, doc["Timetable"], ctx.now, [("Stopping", 120.0), ("Stopped", 0.0)])
    _put_running(ctx, {**doc, "Timetable": table})


def settle_as(ctx: Context, doc: Params, **results: object) -> None:
    """Keep a job whose end has been settled."""
    key = doc["Name"].lower()
    ctx.table(AUTOML_JOBS).put(key, {**doc, **results, "Settled": True})
    ctx.table(UNFINISHED).delete(f"automl/{key}")


def _put_running(ctx: Context, doc: Params) -> None:
    key = doc["Name"].lower()
    ctx.table(AUTOML_JOBS).put(key, doc)
    ctx.table(UNFINISHED).put(f"automl/{key}", {"Due": automl_ended_at(doc)})
