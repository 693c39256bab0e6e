"""AutoML jobs as observations: status, stage, metrics, endpoint. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from nvx.core.kind import Observation
from nvx.core.state import Status
from nvx.core.values import JsonValue
from nvx.kinds.common.marks import Marks
from nvx.kinds.common.serverless import moment
from nvx.kinds.common.training_jobs import status_of

STATUSES: Mapping[str, Status] = {
    "InProgress": Status.PENDING,
    "Stopping": Status.PENDING,
    "Completed": Status.READY,
    "Failed": Status.FAILED,
    "Stopped": Status.STOPPED,
}
"""AutoMLJobStatus."""

_SIMULATED = "NVX_LOCAL_SIMULATED"
"""What the local AWS sets in the environment of a container that holds nothing."""

_SETS = ("Validation", "Train", "Test")
_NOT_DEPLOYED = "the model was tuned, but it was not deployed"


def job_observation(job: Mapping[str, Any], marks: Marks, *, ours: bool) -> Observation:
    """What a Describe or a row of a list says; `marks` come from the tags, which neither shows."""
    status = _status(job)
    return Observation(
        id=str(job["AutoMLJobArn"]),
        status=status,
        name=str(job["AutoMLJobName"]),
        digest=marks.digest,
        attempt=marks.attempt,
        address=marks.address,
        lineage=marks.lineage,
        ours=ours,
        outputs=_facts(job),
        detail=_detail(job, status),
        stage=str(job["AutoMLJobSecondaryStatus"]),
        started_at=moment(job.get("CreationTime")),
        ended_at=moment(job.get("EndTime")) if status.ended else "",
    )


def endpoint_of(job: Mapping[str, Any]) -> str:
    """The endpoint that a job deployed to; "" where there is none."""
    return str((job.get("ModelDeployResult") or {}).get("EndpointName") or "")


def candidate_outputs(job: Mapping[str, Any]) -> Mapping[str, JsonValue]:
    """What the best candidate of a completed job says: metrics, artifact, image."""
    candidate = job.get("BestCandidate") or {}
    properties = candidate.get("CandidateProperties") or {}
    outputs: dict[str, JsonValue] = {}
    metrics = metrics_of(properties.get("CandidateMetrics") or ())
    if metrics:
        outputs["metrics"] = dict(metrics)
    container = _container(candidate)
    if container.get("ModelDataUrl"):
        outputs["artifacts"] = str(container["ModelDataUrl"])
    if container.get("Image"):
        outputs["image"] = str(container["Image"])
    if (container.get("Environment") or {}).get(_SIMULATED) == "true":
        outputs["simulated"] = True
    return outputs


def metrics_of(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, float]:
    """Metrics by name in lower case; a name that several sets have is told apart by its set.

    The plain name is the one of the validation set, where there is one.
    """
    found: dict[str, float] = {}
    for row in sorted(rows, key=lambda row: _place(str(row.get("Set") or ""))):
        name = str(row.get("StandardMetricName") or row.get("MetricName") or "")
        value = row.get("Value")
        if not name or not isinstance(value, int | float) or not math.isfinite(value):
            continue
        key = _snake(name)
        found[f"{key}_{str(row.get('Set')).lower()}" if key in found else key] = value
    return found


def _status(job: Mapping[str, Any]) -> Status:
    """A job that was to deploy and did not is partly failed: what it tuned is there."""
    status = status_of(str(job["AutoMLJobStatus"]), STATUSES)
    wanted = job.get("ModelDeployConfig") is not None
    if status is Status.READY and wanted and not endpoint_of(job):
        return Status.PARTIAL
    return status


def _facts(job: Mapping[str, Any]) -> Mapping[str, JsonValue]:
    facts: dict[str, JsonValue] = {"job_arn": str(job["AutoMLJobArn"])}
    output = (job.get("OutputDataConfig") or {}).get("S3OutputPath")
    if output:
        facts["output"] = str(output)
    resolved = (job.get("ResolvedAttributes") or {}).get(
        "AutoMLProblemTypeResolvedAttributes"
    ) or {}
    model = (resolved.get("TextGenerationResolvedAttributes") or {}).get("BaseModelName")
    return {**facts, "base_model": str(model)} if model else facts


def _detail(job: Mapping[str, Any], status: Status) -> str:
    """The service's own words, where a job did not end well."""
    partly = [
        str(reason.get("PartialFailureMessage") or "")
        for reason in job.get("PartialFailureReasons") or ()
    ]
    said = "; ".join(part for part in (str(job.get("FailureReason") or ""), *partly) if part)
    if status is Status.PARTIAL:
        return f"{_NOT_DEPLOYED}: {said or job['AutoMLJobSecondaryStatus']}"
    if status in (Status.FAILED, Status.STOPPED):
        return said or str(job["AutoMLJobSecondaryStatus"])
    return ""


def _container(candidate: Mapping[str, Any]) -> Mapping[str, Any]:
    """The container that serves the model: the one for GPUs, where there are several."""
    definitions = candidate.get("InferenceContainerDefinitions") or {}
    several = definitions.get("GPU") or definitions.get("CPU")
    several = several or candidate.get("InferenceContainers") or [{}]
    container: Mapping[str, Any] = several[0]
    return container


def _place(which: str) -> int:
    return _SETS.index(which) if which in _SETS else len(_SETS)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
