"""Rules with numbers: what a family of kinds refuses or warns of, for people to look up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from nvx.core.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its number, what it says, and where it comes from."""

    id: str
    text: str
    source: str
    words: tuple[str, ...] = ()
    """The words by which checks that several families share name this rule."""


def numbered(problems: Iterable[Diagnostic], rules: Sequence[Rule]) -> Iterator[Diagnostic]:
    """Problems under the number of the rule that each breaks; others as they are."""
    for problem in problems:
        id_ = next((rule.id for rule in rules if problem.code in rule.words), problem.code)
        yield replace(problem, code=id_)
