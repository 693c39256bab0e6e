"""Gates as people read them and as machines do."""

from __future__ import annotations

from collections.abc import Sequence

from nvx.core.values import JsonValue
from nvx.results.gates import Outcome, Verdict
from nvx.views.paint import Paint, clean

_COLOURS = {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.UNDECIDED: "yellow"}


def gates_text(outcomes: Sequence[Outcome], paint: Paint) -> str:
    """A line a gate: verdict, metric, bound, the numbers, why not."""
    if not outcomes:
        return "No gate is declared."
    width = max(len(str(o.evaluation)) for o in outcomes)
    metric = max(len(o.metric) for o in outcomes)
    bound = max(len(o.bound) for o in outcomes)
    lines = []
    for o in outcomes:
        verdict = paint(f"{o.verdict.value:<9}", _COLOURS[o.verdict])
        head = f"{verdict}  {o.evaluation!s:<{width}}  {o.metric:<{metric}}  {o.bound:<{bound}}"
        lines.append(f"{head}  {_numbers(o, paint)}".rstrip())
        lines += [f"{'':<9}  warning: {clean(warning)}" for warning in o.warnings]
    return "\n".join(lines)


def _numbers(outcome: Outcome, paint: Paint) -> str:
    parts = []
    if outcome.value is not None:
        parts.append(f"{outcome.value:.4f}")
    if outcome.baseline is not None:
        parts.append(f"baseline {outcome.baseline:.4f}")
    if outcome.reason:
        parts.append(clean(outcome.reason))
    return f" {paint.dot} ".join(parts)


def gates_document(outcomes: Sequence[Outcome]) -> list[JsonValue]:
    """Gates for machines."""
    return [
        {
            "evaluation": str(o.evaluation),
            "metric": o.metric,
            "bound": o.bound,
            "verdict": o.verdict.value,
            "reason": o.reason,
            "value": o.value,
            "stderr": o.stderr,
            "baseline": o.baseline,
            "warnings": list(o.warnings),
        }
        for o in outcomes
    ]
