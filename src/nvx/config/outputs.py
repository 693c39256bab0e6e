"""`[output.NAME]`: values that a stack shows when it is applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from nvx.config.links import Targets, missing_target, output_problem
from nvx.config.model import validated
from nvx.config.read import Names, expanded
from nvx.config.subject import Subject
from nvx.core.diagnostics import Diagnostic, Location
from nvx.core.values import Value

_CLOSED = "an output is one value"


@dataclass(frozen=True, slots=True)
class Output:
    """One output, its references not resolved yet."""

    value: Value
    description: str
    declared_at: Location


class OutputTable(BaseModel):
    """`[output.NAME]`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    value: Any
    description: str = ""


def outputs_of(
    subjects: Iterable[Subject], names: Names, targets: Targets
) -> tuple[Mapping[str, Output], list[Diagnostic]]:
    """Every output by name, and what is wrong with them."""
    outputs: dict[str, Output] = {}
    problems: list[Diagnostic] = []
    for subject in subjects:
        values, uses, found = expanded(subject, names.closing(each=_CLOSED))
        table, wrong = validated(OutputTable, values, subject)
        problems += [*found, *wrong]
        for use in uses:
            if use.reference.target not in targets.specs:
                problems += missing_target(use, targets)
                continue
            problem = output_problem(use, use.reference.output, targets)
            problems += [] if problem is None else [problem]
        if table is not None:
            name = str(subject.path[-1])
            outputs[name] = Output(table.value, table.description, subject.declared_at)
    return outputs, problems
