"""Wrong stacks, each with exactly the diagnostics that it gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from nvx.config.stack import load_stack
from nvx.config.variables import VariableInput
from nvx.core.diagnostics import Diagnostic, DiagnosticError
from nvx.kinds import all_specs
from support.render import rendered

CASES = Path(__file__).parents[1] / "cases" / "errors"


def diagnostics_of(case: Path) -> tuple[Diagnostic, ...]:
    arguments = case / "arguments.txt"
    given = VariableInput(
        assignments=arguments.read_text().split() if arguments.exists() else ()
    )
    with pytest.raises(DiagnosticError) as caught:
        load_stack(str(case), given, all_specs())
    return caught.value.diagnostics


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_a_wrong_stack_gets_exactly_its_diagnostics(case: Path) -> None:
    expected = (case / "expected.txt").read_text()
    assert rendered(diagnostics_of(case), str(case)) == expected


def test_there_are_enough_cases() -> None:
    assert len(list(CASES.iterdir())) >= 30
