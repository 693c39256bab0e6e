"""Gates: whether recorded scores reach what a stack asks of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from math import hypot, isfinite
from statistics import NormalDist
from typing import Literal

from nvx.core.address import Address
from nvx.core.state import Record, Status
from nvx.core.values import JsonValue

Better = Literal["higher", "lower"]
BASE = "base"
PREVIOUS = "previous"
_ROUNDING = 1e-12
"""0.55 - 0.54 is a little more than 0.01 in binary."""


class Verdict(StrEnum):
    """How a gate stands. Undecided is never a pass."""

    PASS = "pass"  # noqa: S105  the verdict, no password
    FAIL = "fail"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Bound:
    """What one metric has to reach, in the metric's own unit.

    `max_drop` is the largest allowed worsening, absolute, in the metric's better direction.
    With `confidence` c a bound has to be kept at z(c) standard errors on the bad side.
    """

    metric: str
    min: float | None = None
    max: float | None = None
    max_drop: float | None = None
    baseline: str = BASE
    better: Better | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """One recorded number and where it comes from; `value` None where there is none."""

    value: float | None = None
    stderr: float | None = None
    simulated: bool = False
    base_version: str = ""
    question: str = ""
    """The hash of everything that was asked: data included."""
    missing: str = ""
    """Why there is no value."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A gate, decided or not, with the numbers."""

    evaluation: Address
    metric: str
    verdict: Verdict
    bound: str
    reason: str = ""
    value: float | None = None
    stderr: float | None = None
    baseline: float | None = None
    warnings: tuple[str, ...] = ()


def judged(
    evaluation: Address, bound: Bound, own: Score, other: Score | None, *, real_account: bool
) -> tuple[Outcome, ...]:
    """The outcome of each part of a gate: min, max, max_drop. `other` is the baseline's score."""
    parts = []
    for part in ("min", "max", "max_drop"):
        limit: float | None = getattr(bound, part)
        if limit is None:
            continue
        blank = Outcome(evaluation, bound.metric, Verdict.UNDECIDED, f"{part} {limit:g}")
        compared = other if part == "max_drop" else None
        parts.append(_judged(blank, part, limit, bound, own, compared, real_account))
    return tuple(parts)


def _judged(  # noqa: PLR0913  one call, all of it facts
    blank: Outcome,
    part: str,
    limit: float,
    bound: Bound,
    own: Score,
    other: Score | None,
    real_account: bool,
) -> Outcome:
    seen = replace(blank, value=own.value, stderr=own.stderr)
    if other is not None:
        seen = replace(seen, baseline=other.value, warnings=_warnings(own, other))
    why = _undecidable(part, bound, own, other, real_account=real_account)
    if why:
        return replace(seen, reason=why)
    room = _room(part, limit, bound, own, other)
    kept = room >= -_ROUNDING
    return replace(
        seen,
        verdict=Verdict.PASS if kept else Verdict.FAIL,
        reason="" if kept else _missed(-room),
    )


def _missed(by: float) -> str:
    return f"missed by {by:.4g}"


def _undecidable(
    part: str, bound: Bound, own: Score, other: Score | None, *, real_account: bool
) -> str:
    """Why a gate cannot be decided; "" where it can."""
    if own.value is None or not isfinite(own.value):
        return own.missing or "there is no score"
    if real_account and (own.simulated or (other is not None and other.simulated)):
        return "the score is simulated"
    if part == "max_drop":
        if bound.better is None:
            return 'whether higher or lower is better is not known: set better = "higher" or "lower"'
        if other is None or other.value is None or not isfinite(other.value):
            return (
                other.missing if other is not None else ""
            ) or f"no baseline ({bound.baseline})"
    if bound.confidence is not None and _error(part, own, other) is None:
        return "confidence is asked for, and a standard error is missing"
    return ""


def _room(part: str, limit: float, bound: Bound, own: Score, other: Score | None) -> float:
    """How far a bound is kept, after the standard errors; negative where it is missed."""
    value = own.value or 0.0
    match part:
        case "min":
            room = value - limit
        case "max":
            room = limit - value
        case _:
            before = (other.value if other is not None else None) or 0.0
            worse = before - value if bound.better == "higher" else value - before
            room = limit - worse
    if bound.confidence is None:
        return room
    z = NormalDist().inv_cdf(bound.confidence)
    return room - z * (_error(part, own, other) or 0.0)


def _error(part: str, own: Score, other: Score | None) -> float | None:
    """The standard error of the number that is compared; errors of a difference add in quadrature."""
    if part != "max_drop":
        return own.stderr
    if own.stderr is None or other is None or other.stderr is None:
        return None
    return hypot(own.stderr, other.stderr)


def _warnings(own: Score, other: Score) -> tuple[str, ...]:
    found = []
    if own.base_version and other.base_version and own.base_version != other.base_version:
        found.append(
            f"the two sides ran over different versions of the base model:"
            f" {other.base_version} and {own.base_version}"
        )
    if own.question and other.question and own.question != other.question:
        found.append("the two sides were not asked the same: data or settings differ")
    return tuple(found)


def score_of(record: Record | None, metric: str, *, side: str = "") -> Score:
    """The score of a metric in a record: of the model that was evaluated, or of `side` ("base")."""
    if record is None:
        return Score(missing="it has not run")
    if record.status is Status.PENDING:
        return Score(missing="it is still running")
    if record.status not in (Status.READY, Status.PARTIAL):
        return Score(missing=f"the run is {record.status.value}")
    scores = _mapping(record.outputs.get("scores"))
    numbers = (
        _mapping(scores.get(side))
        if side
        else _mapping(scores.get("tuned")) or _mapping(scores.get("base"))
    )
    return Score(
        value=_number(numbers.get(metric)),
        stderr=_number(numbers.get(f"{metric}_stderr")),
        simulated=record.outputs.get("simulated") is True,
        base_version=str(record.outputs.get("base_model_version") or ""),
        missing="" if _number(numbers.get(metric)) is not None else f"it has no {metric}",
    )


def previous_of(record: Record, history: tuple[Record, ...]) -> Record | None:
    """The newest other run of an address that succeeded before this one was started."""
    older = [
        r
        for r in history
        if r.id != record.id and r.status is Status.READY and r.started_at <= record.started_at
    ]
    return max(older, key=lambda r: r.started_at, default=None)


def overall(outcomes: tuple[Outcome, ...]) -> Verdict:
    """A failure fails the whole; anything undecided leaves it undecided."""
    verdicts = {outcome.verdict for outcome in outcomes}
    for verdict in (Verdict.FAIL, Verdict.UNDECIDED):
        if verdict in verdicts:
            return verdict
    return Verdict.PASS


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, Mapping) else {}


def _number(value: JsonValue) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)
