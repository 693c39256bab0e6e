"""Training jobs as observations: status, stage, progress, outputs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nvx.core.kind import Observation
from nvx.core.state import Status
from nvx.core.values import JsonValue
from nvx.kinds.common.marks import Marks
from nvx.kinds.common.serverless import moment

STATUSES: Mapping[str, Status] = {
    "InProgress": Status.PENDING,
    "Stopping": Status.PENDING,
    "Deleting": Status.DELETING,
    "Completed": Status.READY,
    "Failed": Status.FAILED,
    "Stopped": Status.STOPPED,
}
"""TrainingJobStatus. A job that ran out of time is Stopped, not successful."""


def status_of(word: str, statuses: Mapping[str, Status]) -> Status:
    """Our status for a service's own; one that is newer than this table counts as still running."""
    return statuses.get(word, Status.PENDING)


def job_name_of(arn: str) -> str:
    """The name of the job that an ARN names."""
    return arn.rpartition("/")[2]


def job_observation(job: Mapping[str, Any], marks: Marks, *, ours: bool) -> Observation:
    """What DescribeTrainingJob says; `marks` come from the tags, which it does not show."""
    status = status_of(str(job["TrainingJobStatus"]), STATUSES)
    return Observation(
        id=str(job["TrainingJobArn"]),
        status=status,
        name=str(job["TrainingJobName"]),
        digest=marks.digest,
        attempt=marks.attempt,
        address=marks.address,
        lineage=marks.lineage,
        ours=ours,
        outputs=_outputs(job, status),
        detail=_detail(job, status),
        stage=str(job["SecondaryStatus"]),
        progress=progress_of(job.get("ProgressInfo") or {}),
        started_at=moment(job.get("TrainingStartTime") or job.get("CreationTime")),
        ended_at=moment(job.get("TrainingEndTime")) if status.ended else "",
    )


def progress_of(info: Mapping[str, Any]) -> float | None:
    """The share of all steps that is done; None where the service does not count them."""
    per_epoch, epochs = info.get("TotalStepCountPerEpoch"), info.get("MaxEpoch")
    if not per_epoch or not epochs:
        return None
    done = int(info.get("CurrentEpoch") or 0) * per_epoch + int(info.get("CurrentStep") or 0)
    return min(1.0, max(0.0, float(done / (per_epoch * epochs))))


def facts_of(job: Mapping[str, Any]) -> dict[str, JsonValue]:
    """What a serverless job runs with: its base model as the service took it, where it writes to."""
    facts: dict[str, JsonValue] = {}
    base_arn = str((job.get("ServerlessJobConfig") or {}).get("BaseModelArn") or "")
    if "/Model/" in base_arn:
        # The service answers with the version that it took, whatever was asked for.
        name, _, version = base_arn.partition("/Model/")[2].partition("/")
        facts |= {"base_model": name, "base_model_version": version}
    output = str((job.get("OutputDataConfig") or {}).get("S3OutputPath") or "")
    return {**facts, "output": output} if output else facts


def _detail(job: Mapping[str, Any], status: Status) -> str:
    """The service's own words, where a job did not end well."""
    if status in (Status.FAILED, Status.STOPPED):
        return str(job.get("FailureReason") or job["SecondaryStatus"])
    return ""


def _outputs(job: Mapping[str, Any], status: Status) -> Mapping[str, JsonValue]:
    outputs = {"job_arn": str(job["TrainingJobArn"]), **facts_of(job)}
    return {**outputs, **_results(job)} if status is Status.READY else outputs


def _results(job: Mapping[str, Any]) -> Mapping[str, JsonValue]:
    """What is there only when a job has completed."""
    found: dict[str, JsonValue] = {
        "model_arn": job.get("OutputModelPackageArn"),
        "artifacts": (job.get("ModelArtifacts") or {}).get("S3ModelArtifacts"),
        "billable_tokens": job.get("BillableTokenCount"),
        "billable_seconds": job.get("BillableTimeInSeconds"),
        "mlflow_run": (job.get("MlflowDetails") or {}).get("MlflowRunId"),
    }
    return {name: value for name, value in found.items() if value is not None}
