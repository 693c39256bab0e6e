"""Pipeline executions as observations: status, stage, failure, outputs. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nvx.aws.logs import TRAINING_GROUP
from nvx.core.kind import Observation
from nvx.core.state import Status
from nvx.core.values import JsonValue
from nvx.kinds.common.marks import Marks
from nvx.kinds.common.serverless import moment
from nvx.kinds.common.training_jobs import job_name_of, status_of

STATUSES: Mapping[str, Status] = {
    "Executing": Status.PENDING,
    "Stopping": Status.PENDING,
    "Stopped": Status.STOPPED,
    "Failed": Status.FAILED,
    "Succeeded": Status.READY,
    "CompletedWithFailures": Status.PARTIAL,
}
"""PipelineExecutionStatus."""

_DISPLAY_NAME = re.compile(r"(?:^|.*-)([0-9a-f]{12})-r([1-9]\d{0,8})")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the display name of an execution says."""

    digest12: str
    number: int


def attempt_of(display_name: str) -> Attempt | None:
    """The attempt that a display name stands for; None for an execution that is not nvx's."""
    match = _DISPLAY_NAME.fullmatch(display_name)
    return Attempt(match[1], int(match[2])) if match else None


def listed_observation(
    summary: Mapping[str, Any], pipeline: str, marks: Marks, *, ours: bool
) -> Observation:
    """A row of ListPipelineExecutions; `marks` are the pipeline's, with the execution's own digest."""
    status = status_of(str(summary.get("PipelineExecutionStatus") or ""), STATUSES)
    return Observation(
        id=str(summary["PipelineExecutionArn"]),
        status=status,
        name=pipeline,
        digest=marks.digest,
        attempt=marks.attempt,
        address=marks.address,
        lineage=marks.lineage,
        ours=ours,
        outputs={"execution_arn": str(summary["PipelineExecutionArn"])},
        detail=str(summary.get("PipelineExecutionFailureReason") or ""),
        started_at=moment(summary.get("StartTime")),
    )


def execution_observation(
    execution: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], name: str, marks: Marks
) -> Observation:
    """What DescribePipelineExecution and its steps say."""
    status = status_of(str(execution["PipelineExecutionStatus"]), STATUSES)
    return Observation(
        id=str(execution["PipelineExecutionArn"]),
        status=status,
        name=name,
        digest=marks.digest,
        attempt=marks.attempt,
        address=marks.address,
        ours=True,
        outputs=_outputs(execution, steps),
        detail="" if status in (Status.READY, Status.PENDING) else failure_of(execution, steps),
        stage=_stage(execution, steps),
        started_at=moment(execution.get("CreationTime")),
        ended_at=moment(execution.get("LastModifiedTime")) if status.ended else "",
    )


def training_jobs(steps: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """Step → the ARN of its training job. The service names these jobs: never construct their names."""
    jobs = {
        str(step["StepName"]): str(
            ((step.get("Metadata") or {}).get("TrainingJob") or {}).get("Arn") or ""
        )
        for step in steps
    }
    return {step: arn for step, arn in jobs.items() if arn}


def first_failed(steps: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The first step that failed."""
    return next((step for step in steps if step.get("StepStatus") == "Failed"), None)


def failure_of(
    execution: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], job_reason: str = ""
) -> str:
    """Why an execution did not succeed: its own words, its first failed step's, its job's, the log."""
    said = [str(execution.get("FailureReason") or "")]
    step = first_failed(steps)
    if step is not None:
        name, arn = str(step["StepName"]), training_jobs([step]).get(str(step["StepName"]), "")
        said.append(f"{name}: {job_reason or step.get('FailureReason') or 'no reason given'}")
        if arn:
            said.append(f"log: {TRAINING_GROUP}, {job_name_of(arn)}/")
    return "; ".join(part for part in said if part) or str(execution["PipelineExecutionStatus"])


def _stage(execution: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]) -> str:
    running = [
        str(step["StepName"])
        for step in steps
        if step.get("StepStatus") in ("Starting", "Executing", "Stopping")
    ]
    status = str(execution["PipelineExecutionStatus"])
    return f"{status}: {', '.join(running)}" if running else status


def _outputs(
    execution: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]
) -> Mapping[str, JsonValue]:
    outputs: dict[str, JsonValue] = {"execution_arn": str(execution["PipelineExecutionArn"])}
    if execution.get("PipelineArn"):
        outputs["pipeline_arn"] = str(execution["PipelineArn"])
    if execution.get("PipelineVersionId"):
        outputs["pipeline_version"] = int(execution["PipelineVersionId"])
    jobs = training_jobs(steps)
    if jobs:
        outputs["jobs"] = dict(jobs)
    return outputs
