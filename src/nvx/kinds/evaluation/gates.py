"""Gates: what the scores of an evaluation have to reach. Their shape, checked offline."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from nvx.core.diagnostics import Diagnostic, error
from nvx.core.resource import Checked
from nvx.kinds.common.model import Strict

BASE = "base"
PREVIOUS = "previous"
_BASELINE = re.compile(r'evaluation\.[a-z][a-z0-9_-]{0,39}(\["[^"]*"\])?')
_Finite = Annotated[float, Field(allow_inf_nan=False)]


class Gate(Strict):
    """What one metric has to reach."""

    min: Annotated[_Finite | None, Field(description="The lowest score that passes.")] = None
    max: Annotated[_Finite | None, Field(description="The highest score that passes.")] = None
    max_drop: Annotated[
        _Finite | None,
        Field(
            ge=0,
            description="How much worse than the baseline it may be, on the metric's own scale.",
        ),
    ] = None
    baseline: Annotated[
        str | None,
        Field(description='"base" (the default), "previous", or the address of an evaluation.'),
    ] = None
    better: Annotated[
        Literal["higher", "lower"] | None,
        Field(description="Which way the metric is better, where the catalogue does not say."),
    ] = None
    confidence: Annotated[
        _Finite | None,
        Field(
            gt=0.5,
            lt=1,
            description="Pass only where the bound is kept at z(confidence) standard errors.",
        ),
    ] = None


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
    if gate.baseline not in (None, BASE):
        yield from _baseline_problems(gate, str(gate.baseline))
    elif gate.max_drop is not None and not has_base:
        yield (
            "max_drop compares with the base model, which is not evaluated:"
            " set compare_base = true, or a baseline"
        )


def _baseline_problems(gate: Gate, baseline: str) -> Iterator[str]:
    if gate.max_drop is None:
        yield "a baseline is for max_drop, which is not set"
    if baseline not in (BASE, PREVIOUS) and not _BASELINE.fullmatch(baseline):
        yield f'baseline = "{baseline}"; write "{BASE}", "{PREVIOUS}" or "evaluation.<name>"'
