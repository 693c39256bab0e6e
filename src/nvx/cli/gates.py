"""The gates of a stack, from what it declares and what is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from nvx.cli.target import LOCAL_ACCOUNT
from nvx.config.stack import LoadedStack
from nvx.core.address import Address
from nvx.core.resource import Checked
from nvx.core.state import Record, State
from nvx.data.catalogue import metrics
from nvx.results.gates import (
    BASE,
    PREVIOUS,
    Better,
    Bound,
    Outcome,
    Score,
    judged,
    previous_of,
    score_of,
)
from nvx.results.table import question_of


def outcomes_of(
    loaded: LoadedStack, state: State | None, only: frozenset[Address] | None = None
) -> tuple[Outcome, ...]:
    """Every gate of a stack (or of some evaluations of it), decided or not."""
    real = state is not None and state.account != LOCAL_ACCOUNT
    found: list[Outcome] = []
    for resource in loaded.resources:
        if only is not None and resource.address not in only:
            continue
        record = state.current(resource.address) if state is not None else None
        for bound in bounds_of(resource):
            own = _asked(score_of(record, bound.metric), record)
            other = _baseline(bound, record, state)
            found += judged(resource.address, bound, own, other, real_account=real)
    return tuple(found)


def bounds_of(resource: Checked) -> Iterator[Bound]:
    """The gates of a block; the better direction from the catalogue where the block says none."""
    gates: Mapping[str, Any] = getattr(resource.config, "gate", {})
    for metric, gate in gates.items():
        yield Bound(
            metric,
            gate.min,
            gate.max,
            gate.max_drop,
            gate.baseline or BASE,
            gate.better or _better(metric),
            gate.confidence,
        )


def _better(metric: str) -> Better | None:
    """The direction that the catalogue gives; None for a metric that it does not know."""
    known = metrics().get(metric)
    if known is None:
        return None
    return "lower" if known.better == "lower" else "higher"


def _baseline(bound: Bound, record: Record | None, state: State | None) -> Score | None:
    """What max_drop compares with."""
    if state is None or bound.max_drop is None:
        return None
    if bound.baseline == BASE:
        return _asked(score_of(record, bound.metric, side="base"), record)
    if bound.baseline == PREVIOUS:
        other = (
            previous_of(record, state.records[record.address]) if record is not None else None
        )
    else:
        other = state.current(Address.parse(bound.baseline))
    return _asked(score_of(other, bound.metric), other)


def _asked(score: Score, record: Record | None) -> Score:
    return score if record is None else replace(score, question=question_of(record))
