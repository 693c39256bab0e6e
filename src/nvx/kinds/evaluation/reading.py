"""Scores read back from where an evaluation's jobs wrote them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from nvx.aws.objects import Objects, Place
from nvx.core.cloud import CloudError
from nvx.core.values import JsonValue
from nvx.kinds.common.training_jobs import job_name_of
from nvx.kinds.evaluation.definition import BASE_STEP, TUNED_STEP
from nvx.kinds.evaluation.judge_scores import newest_aggregate, newest_records, parse_aggregate
from nvx.kinds.evaluation.judge_steps import BASE_METRICS, TUNED_METRICS
from nvx.kinds.evaluation.scores import (
    Scores,
    UnreadableScoresError,
    newest_results,
    parse_scores,
)

Pick = Callable[[Iterable[str]], str | None]
"""The newest file of a sort among keys."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the jobs of a type of evaluation leave scores and records."""

    steps: Mapping[str, str]
    """Step → `tuned` or `base`."""
    pick: Pick
    parse: Callable[[bytes], Scores]
    """Raises UnreadableScoresError."""
    records: Pick
    beside: bool = True
    """Whether the records lie beside the scores, not under the name that the job has on Bedrock."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The scores of one job, or why there are none."""

    scores: Scores | None = None
    uri: str = ""
    detail: str = ""
    records: str = ""


def _newest_answers(keys: Iterable[str]) -> str | None:
    return max((key for key in keys if key.endswith("/inference_output.jsonl")), default=None)


RESULT_FILES = Layout(
    {TUNED_STEP: "tuned", BASE_STEP: "base"}, newest_results, parse_scores, _newest_answers
)
JUDGE_FILES = Layout(
    {TUNED_METRICS: "tuned", BASE_METRICS: "base"},
    newest_aggregate,
    parse_aggregate,
    newest_records,
    beside=False,
)


def read_results(
    objects: Objects, output: str, jobs: Mapping[str, str], layout: Layout = RESULT_FILES
) -> Mapping[str, JsonValue]:
    """The scores of an evaluation's jobs (step → job ARN). What cannot be read is said, not raised."""
    if not output or not jobs:
        return {"scores_detail": "AWS names no jobs whose scores could be read"}
    readings = {
        layout.steps[step]: _read(objects, output, job_name_of(arn), layout)
        for step, arn in sorted(jobs.items())
        if step in layout.steps
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
    records = {who: reading.records for who, reading in readings.items() if reading.records}
    details = "; ".join(_details(readings))
    told: dict[str, JsonValue] = {
        "results": uris,
        "records_uri": records,
        "scores_detail": details,
    }
    return {**outputs, **{name: value for name, value in told.items() if value}}


def _details(readings: Mapping[str, Reading]) -> Iterable[str]:
    for who, reading in readings.items():
        warnings = reading.scores.warnings if reading.scores else ()
        for text in (reading.detail, *warnings):
            if text:
                yield f"{who}: {text}"


def _read(objects: Objects, output: str, job: str, layout: Layout) -> Reading:
    """The newest result file of a job, and the file of its records."""
    root = output.rstrip("/")
    try:
        place = Place.parse(f"{root}/{job}/output/output/")
        keys = _keys(objects, place)
        key = layout.pick(keys)
        if key is None:
            return Reading(detail=f"no result file below {place}")
        file = Place(place.bucket, key)
        data = objects.read(file)
        if data is None:
            return Reading(detail=f"{file} is gone")
        reading = _parsed(data, file, layout)
        if reading.scores is not None and not layout.beside:
            keys = _keys(objects, Place.parse(f"{root}/{reading.scores.job_name or job}/"))
    except (CloudError, ValueError) as failure:
        return Reading(detail=str(failure))
    records = layout.records(keys)
    return replace(reading, records=str(Place(place.bucket, records)) if records else "")


def _keys(objects: Objects, place: Place) -> list[str]:
    return [str(row["Key"]) for row in objects.listed(place)]


def _parsed(data: bytes, file: Place, layout: Layout) -> Reading:
    try:
        return Reading(layout.parse(data), str(file))
    except UnreadableScoresError as failure:
        return Reading(uri=str(file), detail=f"{file} cannot be read: {failure}")
