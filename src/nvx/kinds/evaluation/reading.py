"""Scores read back from where an evaluation's jobs wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nvx.aws.objects import Objects, Place
from nvx.core.cloud import CloudError
from nvx.core.values import JsonValue
from nvx.kinds.common.training_jobs import job_name_of
from nvx.kinds.evaluation.definition import BASE_STEP, TUNED_STEP
from nvx.kinds.evaluation.scores import (
    Scores,
    UnreadableScoresError,
    newest_results,
    parse_scores,
)

_STEPS: Mapping[str, str] = {TUNED_STEP: "tuned", BASE_STEP: "base"}


@dataclass(frozen=True, slots=True)
class Reading:
    """The scores of one job, or why there are none."""

    scores: Scores | None = None
    uri: str = ""
    detail: str = ""


def read_results(
    objects: Objects, output: str, jobs: Mapping[str, str]
) -> Mapping[str, JsonValue]:
    """The scores of an evaluation's jobs (step → job ARN). What cannot be read is said, not raised."""
    if not output or not jobs:
        return {"scores_detail": "AWS names no jobs whose scores could be read"}
    readings = {
        _STEPS[step]: _read(objects, output, job_name_of(arn))
        for step, arn in sorted(jobs.items())
        if step in _STEPS
    }
    return as_outputs(readings)


def as_outputs(readings: Mapping[str, Reading]) -> Mapping[str, JsonValue]:
    """Readings of `tuned` and `base` as outputs of a record."""
    found = {who: reading.scores for who, reading in readings.items() if reading.scores}
    scores: dict[str, JsonValue] = {who: dict(one.overall) for who, one in found.items()}
    parts: dict[str, JsonValue] = {
        who: {part: dict(values) for part, values in one.parts.items()}
        for who, one in found.items()
        if one.parts
    }
    if parts:
        scores["subtasks"] = parts
    outputs: dict[str, JsonValue] = {"scores": scores} if scores else {}
    if any(one.simulated for one in found.values()):
        outputs["simulated"] = True
    uris = {who: reading.uri for who, reading in readings.items() if reading.uri}
    if uris:
        outputs["results"] = dict(uris)
    details = [
        f"{who}: {reading.detail}" for who, reading in readings.items() if reading.detail
    ]
    if details:
        outputs["scores_detail"] = "; ".join(details)
    return outputs


def _read(objects: Objects, output: str, job: str) -> Reading:
    """The newest result file of a job."""
    try:
        place = Place.parse(f"{output.rstrip('/')}/{job}/output/output/")
        key = newest_results(str(row["Key"]) for row in objects.listed(place))
        if key is None:
            return Reading(detail=f"no result file below {place}")
        file = Place(place.bucket, key)
        data = objects.read(file)
    except (CloudError, ValueError) as failure:
        return Reading(detail=str(failure))
    if data is None:
        return Reading(detail=f"{file} is gone")
    try:
        return Reading(parse_scores(data), str(file))
    except UnreadableScoresError as failure:
        return Reading(uri=str(file), detail=f"{file} cannot be read: {failure}")
