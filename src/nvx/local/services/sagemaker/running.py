"""Executions as time goes by: steps end, others begin, at the moment they would have."""

from __future__ import annotations

import json
from datetime import datetime

from nvx.local.context import Context, Params
from nvx.local.services.sagemaker.definitions import Step, all_steps, depends_on
from nvx.local.services.sagemaker.execution_views import mlflow_of
from nvx.local.services.sagemaker.executions import put_execution
from nvx.local.services.sagemaker.job_settling import settle_job
from nvx.local.services.sagemaker.jobs import (
    ended_at,
    get_job,
    is_unscored,
    job_status,
    secondary_status,
)
from nvx.local.services.sagemaker.pipelines import EXECUTIONS
from nvx.local.services.sagemaker.settling import UNFINISHED, settles
from nvx.local.services.sagemaker.steps import Beginning, begin_step, scope_of
from nvx.local.services.sagemaker.versions import find_version

_FAILED = "Step failure: One or multiple steps failed."
_JOB_ENDS = {"Completed": "Succeeded", "Failed": "Failed", "Stopped": "Stopped"}
_FORCED = ("Failed", "Stopped", "CompletedWithFailures")


@settles("execution")
def settle_execution(ctx: Context, key: str, _entry: Params) -> None:
    """Bring one execution up to the present."""
    doc = ctx.table(EXECUTIONS).get(key.partition("/")[2])
    if doc is None:
        ctx.table(UNFINISHED).delete(key)
        return
    run = _Run(ctx, doc)
    run.catch_up()
    put_execution(ctx, run.doc)


class _Run:
    """One execution between two looks.

    Steps are taken in the order of their ends, however long ago the last look was: what depends
    on a step begins at its end, not when somebody looks.
    """

    def __init__(self, ctx: Context, doc: Params) -> None:
        version = find_version(ctx, doc["PipelineName"], doc["VersionId"], None)
        self._ctx = ctx
        self._definition = json.loads(version["Definition"])
        self._places = {
            step["Name"]: n for n, step in enumerate(all_steps(self._definition), 1)
        }
        self.doc = {**doc, "Steps": dict(doc["Steps"])}

    def catch_up(self) -> None:
        """Take every event up to now."""
        moment: datetime = self.doc["LastModifiedTime"]
        self._begin_ready(self.doc["Resumed"])
        while (event := self._next_end()) is not None:
            name, moment = event
            self._end(name, moment)
            self._begin_ready(moment)
        if not self._running():
            self._close(moment)

    def _next_end(self) -> tuple[str, datetime] | None:
        now = self._ctx.now
        ends = [
            (self._end_of(self._state(name)), name)
            for name in self._running()
            if not self._waits_for_scores(self._state(name))
        ]
        due = sorted((at, name) for at, name in ends if at <= now)
        return (due[0][1], due[0][0]) if due else None

    def _end_of(self, state: Params) -> datetime:
        if "Job" in state:
            job = get_job(self._ctx, state["Job"])
            return self._ctx.now if job is None else ended_at(job)
        ends: datetime = state["Ends"]
        return ends

    def _waits_for_scores(self, state: Params) -> bool:
        job = get_job(self._ctx, state["Job"]) if "Job" in state else None
        return job is not None and is_unscored(self._ctx, job)

    def _end(self, name: str, at: datetime) -> None:
        state = self._state(name)
        status = "Failed" if "FailureReason" in state else "Succeeded"
        if "Job" in state:
            settle_job(self._ctx, f"job/{state['Job']}", {})
            job = get_job(self._ctx, state["Job"])
            status, reason = self._job_end(job)
            if reason:
                state = {**state, "FailureReason": reason}
        self.doc["Steps"][name] = {**state, "Status": status, "EndTime": at}

    def _job_end(self, job: Params | None) -> tuple[str, str | None]:
        if job is None:
            return "Failed", "ClientError: the training job was deleted."
        status = _JOB_ENDS.get(job_status(self._ctx, job), "Stopped")
        if secondary_status(self._ctx, job) == "MaxRuntimeExceeded" or (
            status == "Stopped" and self.doc["Status"] == "Executing"
        ):
            return "Failed", "ClientError: the training job was stopped before it completed."
        return status, job["FailureReason"] if status == "Failed" else None

    def _begin_ready(self, at: datetime) -> None:
        if self.doc["Status"] != "Executing" or self._any("Failed"):
            return
        beginning = Beginning(
            ctx=self._ctx,
            execution=self.doc,
            mlflow=mlflow_of(self._definition, self.doc),
            scope=scope_of(self._ctx, self.doc),
            at=at,
        )
        for step in self._ready():
            if self._is_full():
                return
            name = step["Name"]
            attempt = self._state(name).get("Attempt", 0) + 1
            state = begin_step(beginning, step, attempt)
            self.doc["Steps"][name] = {**state, "Place": self._places[name]}

    def _ready(self) -> list[Step]:
        waiting = [
            step
            for step in self._enabled(self._definition["Steps"])
            if self._state(step["Name"]).get("Status", "Waiting") == "Waiting"
        ]
        return [step for step in waiting if all(map(self._succeeded, depends_on(step)))]

    def _enabled(self, steps: list[Step]) -> list[Step]:
        found: list[Step] = []
        for step in steps:
            found.append(step)
            state = self._state(step["Name"])
            if step["Type"] == "Condition" and state.get("Status") == "Succeeded":
                taken = state["Metadata"]["Condition"]["Outcome"] == "True"
                branch = step["Arguments"].get("IfSteps" if taken else "ElseSteps")
                found += self._enabled(branch or [])
        return found

    def _close(self, at: datetime) -> None:
        status = "Succeeded"
        reason = None
        if self.doc["Status"] == "Stopping":
            status = "Stopped"
        elif self._any("Failed"):
            status, reason = "Failed", _FAILED
        else:
            forced = self._ctx.settings.outcome_of(self.doc["Arn"])
            if forced is not None and forced.status in _FORCED:
                status, reason = forced.status, forced.reason or None
        self.doc |= {"Status": status, "LastModifiedTime": at}
        if reason is not None:
            self.doc["FailureReason"] = reason

    def _is_full(self) -> bool:
        limit = self.doc.get("ParallelismConfiguration", {}).get("MaxParallelExecutionSteps")
        return limit is not None and len(self._running()) >= limit

    def _running(self) -> list[str]:
        return [
            name for name, state in self.doc["Steps"].items() if state["Status"] == "Executing"
        ]

    def _state(self, name: str) -> Params:
        state: Params = self.doc["Steps"].get(name, {})
        return state

    def _succeeded(self, name: str) -> bool:
        return bool(self._state(name).get("Status") == "Succeeded")

    def _any(self, status: str) -> bool:
        return any(state["Status"] == status for state in self.doc["Steps"].values())
