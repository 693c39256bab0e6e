"""Metrics of one's own for a judge: as tables of a block, or as JSON in the service's own form."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, ValidationError

from nvx.core.values import JsonValue, canonical
from nvx.kinds.common.model import Strict

_Finite = Annotated[float, Field(allow_inf_nan=False)]
_Word = Annotated[str, Field(min_length=1, max_length=100)]

MOST = 10
PREDICTION, PROMPT = "{{prediction}}", "{{prompt}}"


class Rating(Strict):
    """A step of a rating scale."""

    definition: Annotated[_Word, Field(description="What the step means, in a word or a few.")]
    value: Annotated[_Finite | _Word, Field(description="What it counts as.")]


class CustomMetric(Strict):
    """`[[evaluation.<name>.metric]]`: what the judge is told, and the scale that it answers on."""

    name: Annotated[
        str, Field(pattern=r"^[0-9a-zA-Z._-]{1,63}$", description="Its name among the scores.")
    ]
    instructions: Annotated[
        str, Field(min_length=1, max_length=5000, description="What the judge is told.")
    ]
    scale: Annotated[
        list[Rating],
        Field(max_length=10, description="The steps of its answer; left out for free answers."),
    ] = Field(default=[])

    @property
    def wire(self) -> Mapping[str, JsonValue]:
        """As the service takes it."""
        definition: dict[str, JsonValue] = {
            "name": self.name,
            "instructions": self.instructions,
        }
        if self.scale:
            definition["ratingScale"] = [
                {"definition": step.definition, "value": _value(step.value)}
                for step in self.scale
            ]
        return {"customMetricDefinition": definition}


class MetricsError(ValueError):
    """A file that holds no metrics; the message says where and why."""


def metrics_in(data: bytes) -> tuple[CustomMetric, ...]:
    """The metrics of a file in the service's own form. Raises MetricsError for anything else."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise MetricsError(f"it is not JSON: {error}") from error
    if not isinstance(document, list) or not document:
        raise MetricsError('it must be a list of {"customMetricDefinition": {…}}')
    return tuple(_metric(item, f"[{place}]") for place, item in enumerate(document))


def wire_text(metrics: Sequence[CustomMetric]) -> bytes:
    """The file that the service reads: the same metrics give the same bytes."""
    return canonical([metric.wire for metric in metrics]).encode()


def metric_problems(metrics: Sequence[CustomMetric]) -> Iterator[str]:
    """What stands against metrics that have the right form."""
    if len(metrics) > MOST:
        yield f"there are {len(metrics)} metrics; at most {MOST} are allowed"
    names = [metric.name for metric in metrics]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f'two metrics are called "{name}"'
    for metric in metrics:
        if PREDICTION not in metric.instructions:
            yield f"{metric.name}: the instructions do not hold {PREDICTION}, the answer to judge"
        if len({isinstance(step.value, str) for step in metric.scale}) > 1:
            yield f"{metric.name}: the values of a scale are all numbers, or all text"


def metric_warnings(metrics: Sequence[CustomMetric]) -> Iterator[str]:
    """What is allowed and seldom meant."""
    for metric in metrics:
        if PROMPT not in metric.instructions:
            yield f"{metric.name}: the instructions do not hold {PROMPT}, so the judge sees no question"
        if not metric.scale:
            yield f"{metric.name}: without a scale the judge explains, and gives no score"


def _value(value: float | str) -> Mapping[str, JsonValue]:
    return {"stringValue": value} if isinstance(value, str) else {"floatValue": value}


def _metric(item: Any, at: str) -> CustomMetric:
    inner = _member(item, "customMetricDefinition", at)
    at = f"{at}.customMetricDefinition"
    fields = _object(inner, at, ("name", "instructions", "ratingScale"))
    scale = fields.pop("ratingScale", [])
    if not isinstance(scale, list):
        raise MetricsError(f"{at}.ratingScale must be a list")
    fields["scale"] = [
        _rating(step, f"{at}.ratingScale[{place}]") for place, step in enumerate(scale)
    ]
    try:
        return CustomMetric.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = ".".join(str(part) for part in first["loc"]).replace("scale.", "ratingScale.")
        raise MetricsError(f"{at}.{path}: {first['msg'].lower()}") from error


def _rating(step: Any, at: str) -> Mapping[str, Any]:
    fields = _object(step, at, ("definition", "value"))
    value = _object(fields.get("value"), f"{at}.value", ("floatValue", "stringValue"))
    if len(value) != 1:
        raise MetricsError(f"{at}.value needs exactly one of floatValue and stringValue")
    return {**fields, "value": next(iter(value.values()))}


def _member(item: Any, name: str, at: str) -> Any:
    return _object(item, at, (name,)).get(name)


def _object(value: Any, at: str, allowed: Sequence[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MetricsError(f"{at} must be an object with {', '.join(allowed)}")
    unknown = sorted(set(value) - set(allowed))
    if unknown:
        raise MetricsError(
            f"{at} has an unknown key {unknown[0]}; allowed: {', '.join(allowed)}"
        )
    return dict(value)
