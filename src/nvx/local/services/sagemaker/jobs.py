"""Training jobs as they are kept, and what their timetable says."""

from __future__ import annotations

from datetime import datetime

from nvx.local import tags
from nvx.local.context import Context, Params
from nvx.local.services.sagemaker.refusals import invalid
from nvx.local.services.sagemaker.settling import UNFINISHED
from nvx.local.services.sagemaker.timetable import (
    Phase,
    end_of,
    moved,
    reached,
    rescheduled,
    schedule,
    state_at,
)

JOBS = "sagemaker.training-jobs"

_FINAL = {
    "Completed": "Completed",
    "Failed": "Failed",
    "Stopped": "Stopped",
    "MaxRuntimeExceeded": "Stopped",
}
_MISSING = "Requested resource not found."


def job_arn(ctx: Context, name: str) -> str:
    """The ARN of the caller's job of a name."""
    return ctx.arn("sagemaker", f"training-job/{name}")


def get_job(ctx: Context, name: str) -> Params | None:
    """The document of a job, or None; a job whose deletion has ended is dropped."""
    doc = ctx.table(JOBS).get(name)
    if doc is not None and "Deletion" in doc and doc["Deletion"]["Gone"] <= ctx.now:
        ctx.table(JOBS).delete(name)
        tags.delete_all(ctx, doc["Arn"])
        return None
    return doc


def find_job(ctx: Context, name: str) -> Params:
    """The document of a job; ValidationException where there is none, as on AWS."""
    doc = get_job(ctx, name)
    if doc is None:
        raise invalid(_MISSING)
    return doc


def missing_job() -> Exception:
    """The refusal for a job that is not there, or not yet to be seen."""
    return invalid(_MISSING)


def all_jobs(ctx: Context) -> list[Params]:
    """Every job that is not gone."""
    names = [name for name, _ in ctx.table(JOBS).items()]
    return [doc for doc in (get_job(ctx, name) for name in names) if doc is not None]


def put_new_job(ctx: Context, doc: Params, phases: list[Phase]) -> None:
    """Keep a job that starts now."""
    now = ctx.now
    kept = {
        **doc,
        "Arn": job_arn(ctx, doc["Name"]),
        "CreationTime": now,
        "Serial": ctx.store.sequence("sagemaker"),
        "Timetable": schedule(ctx, now, phases),
        "Settled": False,
    }
    _put_running(ctx, kept)


def secondary_status(ctx: Context, doc: Params) -> str:
    """The state of the job's timetable now; a job that is still being scored is not complete."""
    if is_unscored(ctx, doc):
        last: str = doc["Timetable"][-2]["State"]
        return last
    return state_at(doc["Timetable"], ctx.now)


def is_unscored(ctx: Context, doc: Params) -> bool:
    """Whether nothing but its scores is missing for a job to be complete."""
    return "Unscored" in doc and state_at(doc["Timetable"], ctx.now) == "Completed"


def job_status(ctx: Context, doc: Params) -> str:
    """TrainingJobStatus now."""
    if "Deletion" in doc:
        return "Deleting"
    state = secondary_status(ctx, doc)
    return state if state == "Stopping" else _FINAL.get(state, "InProgress")


def is_over(ctx: Context, doc: Params) -> bool:
    """Whether the job has reached its last state."""
    return secondary_status(ctx, doc) in _FINAL


def ended_at(doc: Params) -> datetime:
    """When the job reaches its last state."""
    return end_of(doc["Timetable"])


def modified_at(ctx: Context, doc: Params) -> datetime:
    """When the job's state last changed."""
    moment: datetime = reached(doc["Timetable"], ctx.now)[-1]["From"]
    return moment


def stop_job(ctx: Context, doc: Params) -> None:
    """Let a running job stop, two nominal minutes from now."""
    table = rescheduled(ctx, doc["Timetable"], ctx.now, [("Stopping", 120.0), ("Stopped", 0.0)])
    _put_running(ctx, {**doc, "Timetable": table})


def fail_job(ctx: Context, doc: Params, reason: str) -> Params:
    """Turn the end of a job into a failure; the new document."""
    last = {**doc["Timetable"][-1], "State": "Failed"}
    failed = {**doc, "Timetable": [*doc["Timetable"][:-1], last], "FailureReason": reason}
    ctx.table(JOBS).put(doc["Name"], failed)
    return failed


def backdate_job(ctx: Context, name: str, start: datetime) -> None:
    """Let a job have started when its step did, not when somebody looked."""
    doc = find_job(ctx, name)
    shift = start - doc["CreationTime"]
    _put_running(
        ctx, {**doc, "CreationTime": start, "Timetable": moved(doc["Timetable"], shift)}
    )


def _put_running(ctx: Context, doc: Params) -> None:
    ctx.table(JOBS).put(doc["Name"], doc)
    ctx.table(UNFINISHED).put(f"job/{doc['Name']}", {"Due": ended_at(doc)})
