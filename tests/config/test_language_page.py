"""Every stack that the page of the language shows is valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nvx.config.stack import load_stack
from nvx.config.variables import VariableInput
from nvx.kinds import all_specs

PAGE = Path(__file__).parents[2] / "docs" / "language.md"
STACKS = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(), flags=re.DOTALL | re.MULTILINE)
RESOURCES = [4, 1, 4, 11]


@pytest.mark.parametrize(("text", "count"), list(zip(STACKS, RESOURCES, strict=True)))
def test_a_stack_of_the_page_is_valid_and_without_warnings(
    tmp_path: Path, text: str, count: int
) -> None:
    (tmp_path / "stack.toml").write_text(text)
    stack = load_stack(str(tmp_path), VariableInput(), all_specs())
    assert len(stack.resources) == count
    assert stack.warnings == ()
