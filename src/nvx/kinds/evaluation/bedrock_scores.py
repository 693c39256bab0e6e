"""Scores of a job of Bedrock: the mean of what the judge said of each record."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nvx.aws.objects import Objects, Place
from nvx.core.cloud import CloudError
from nvx.core.values import JsonValue
from nvx.data.judging import without_prefix
from nvx.kinds.evaluation.judge_scores import newest_records
from nvx.kinds.evaluation.reading import Reading, as_outputs
from nvx.kinds.evaluation.scores import Scores, UnreadableScoresError, is_number, json_object

_LARGEST = 256 * 1024**2


@dataclass(slots=True)
class _Tally:
    """The marks of one metric."""

    values: list[float] = field(default_factory=list)
    unjudged: int = 0


def read_records(objects: Objects, output: str, arn: str, name: str) -> Mapping[str, JsonValue]:
    """The scores of a job, read below its output location. What cannot be read is said, not raised."""
    return as_outputs({"tuned": _reading(objects, output, arn, name)})


def parse_records(data: bytes) -> Scores:
    """The scores in a file of records. Raises UnreadableScoresError for anything else.

    A mark that is null could not be given: it is left out, and counted in the warnings.
    """
    tallies: dict[str, _Tally] = {}
    simulated = False
    for line in data.splitlines():
        if not line.strip():
            continue
        record = json_object(line)
        simulated = simulated or record.get("simulated") is True
        for mark in _marks(record):
            _count(tallies.setdefault(_name(mark), _Tally()), mark.get("result"))
    overall: dict[str, float] = {}
    for metric, tally in sorted(tallies.items()):
        overall |= _numbers(metric, tally.values)
    if not tallies:
        raise UnreadableScoresError("it holds no scores")
    return Scores(overall, simulated=simulated, warnings=tuple(_unjudged(tallies)))


def _reading(objects: Objects, output: str, arn: str, name: str) -> Reading:
    try:
        place = Place.parse(f"{output.rstrip('/')}/{name}/{arn.rpartition('/')[2]}/models/")
        key = newest_records(_keys(objects, place))
        if key is None:
            return Reading(detail=f"no file of records below {place}")
        file = Place(place.bucket, key)
        data = objects.read(file, _LARGEST)
    except (CloudError, ValueError) as failure:
        return Reading(detail=str(failure))
    if data is None:
        return Reading(detail=f"{file} is gone")
    try:
        return Reading(parse_records(data), str(file), records=str(file))
    except UnreadableScoresError as failure:
        return Reading(uri=str(file), detail=f"{file} cannot be read: {failure}")


def _keys(objects: Objects, place: Place) -> Iterable[str]:
    return [str(row["Key"]) for row in objects.listed(place)]


def _marks(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    result = record.get("automatedEvaluationResult")
    marks = result.get("scores") if isinstance(result, Mapping) else None
    if not isinstance(marks, list):
        raise UnreadableScoresError("a record has no automatedEvaluationResult.scores")
    yield from (mark for mark in marks if isinstance(mark, Mapping))


def _name(mark: Mapping[str, Any]) -> str:
    return without_prefix(str(mark.get("metricName") or ""))


def _count(tally: _Tally, result: object) -> None:
    if is_number(result):
        tally.values.append(float(result))  # type: ignore[arg-type]  # it is a number
    else:
        tally.unjudged += 1


def _numbers(metric: str, values: list[float]) -> Mapping[str, float]:
    """The mean of a metric, and its standard error where there is more than one mark."""
    if not values:
        return {}
    mean = math.fsum(values) / len(values)
    if len(values) < 2:
        return {metric: mean}
    spread = math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
    return {metric: mean, f"{metric}_stderr": math.sqrt(spread / len(values))}


def _unjudged(tallies: Mapping[str, _Tally]) -> Iterator[str]:
    for metric, tally in sorted(tallies.items()):
        total = len(tally.values) + tally.unjudged
        if tally.unjudged:
            yield f"{metric}: {tally.unjudged} of {total} answers were not judged"
