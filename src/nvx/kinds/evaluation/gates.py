"""Gates: what the scores of an evaluation have to reach. Their shape, checked offline."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from nvx.core.diagnostics import Diagnostic, error
from nvx.core.resource import Checked
from nvx.kinds.common.model import Strict

PREVIOUS = "previous"
_BASELINE = re.compile(r'evaluation\.[a-z][a-z0-9_-]{0,39}(\["[^"]*"\])?')
_Finite = Annotated[float, Field(allow_inf_nan=False)]


class Gate(Strict):
    """What one metric has to reach."""

    min: _Finite | None = None
    max: _Finite | None = None
    max_drop: Annotated[_Finite, Field(ge=0)] | None = None
    """How much worse than the baseline it may be, on the metric's own scale."""
    baseline: str | None = None
    """`previous`, or the address of an evaluation; the base model where it is not given."""


def gate_problems(
    resource: Checked, gates: Mapping[str, Gate], *, has_base: bool
) -> Iterator[Diagnostic]:
    """Gates that ask for nothing, contradict themselves, or compare with what is not measured."""
    for metric, gate in gates.items():
        for problem in _problems(gate, has_base=has_base):
            yield error(
                "gate",
                "Gate cannot be decided",
                f"gate.{metric}: {problem}",
                at=resource.at(("gate", metric)),
            )


def _problems(gate: Gate, *, has_base: bool) -> Iterator[str]:
    if gate.min is None and gate.max is None and gate.max_drop is None:
        yield "it needs min, max or max_drop"
    if gate.min is not None and gate.max is not None and gate.min > gate.max:
        yield f"min {gate.min} is above max {gate.max}"
    if gate.baseline is not None:
        yield from _baseline_problems(gate, gate.baseline)
    elif gate.max_drop is not None and not has_base:
        yield (
            "max_drop compares with the base model, which is not evaluated:"
            " set compare_base = true, or a baseline"
        )


def _baseline_problems(gate: Gate, baseline: str) -> Iterator[str]:
    if gate.max_drop is None:
        yield "a baseline is for max_drop, which is not set"
    if baseline != PREVIOUS and not _BASELINE.fullmatch(baseline):
        yield f'baseline = "{baseline}"; write "{PREVIOUS}" or "evaluation.<name>"'
