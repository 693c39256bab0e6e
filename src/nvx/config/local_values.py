"""`[locals]`: values with a name, made of variables and of each other in any order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from nvx.config.load import DEPTH_LIMIT
from nvx.config.read import Names, expanded
from nvx.config.references import Name, ReferenceSyntaxError, has_references, parse
from nvx.config.scan import KeyPath
from nvx.config.subject import Subject
from nvx.core.diagnostics import Diagnostic, Location, error
from nvx.core.graph import CycleError, in_dependency_order
from nvx.core.ports import in_one_line
from nvx.core.values import UNKNOWN

TABLE = "locals"
SCOPE = "local"
VALUE_LIMIT = 100_000
"""Values inside one local: lists of locals that are lists of locals grow by powers."""

_CLOSED = "it differs from instance to instance, and a local does not"
_CYCLES_SHOWN = 10


@dataclass(slots=True)
class Locals:
    """The values of a stack's locals; UNKNOWN for one that is wrong."""

    values: dict[str, Any] = field(default_factory=dict)
    declared_at: dict[str, Location] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)


def resolve_locals(tables: Sequence[Subject], names: Names) -> Locals:
    """Every local's value. `names` are the scopes that locals may use beside each other."""
    subjects = {name: subject for subject in tables for name in subject.table}
    found = Locals(dict.fromkeys(subjects, UNKNOWN))
    opened = names.closing(each=_CLOSED).opened(SCOPE, found.values)
    for name in _order(subjects, found.problems):
        subject = subjects[name]
        values, uses, problems = expanded(subject, opened, (name,))
        problems += [_no_reference(name, str(use.reference), use.at) for use in uses]
        rule = "" if problems else _size_rule(values[name])
        if rule:
            problems.append(_too_large(name, rule, subject.at((name,))))
        found.values[name] = UNKNOWN if problems or rule is None else values[name]
        found.problems += problems
    found.declared_at = {name: subject.at((name,)) for name, subject in subjects.items()}
    return found


def _order(subjects: Mapping[str, Subject], problems: list[Diagnostic]) -> Sequence[str]:
    """The locals, each after those that it uses, without those that lead back to themselves."""
    edges = {
        name: {used: at for used, at in _used(name, subject) if used in subjects}
        for name, subject in subjects.items()
    }
    for _ in range(_CYCLES_SHOWN):
        try:
            return in_dependency_order(edges)
        except CycleError as cause:
            ring = [str(node) for node in cause.nodes]
            problems.append(_cycle(ring, edges))
            edges = {name: used for name, used in edges.items() if name not in ring}
    return ()


def _used(name: str, subject: Subject) -> Iterator[tuple[str, Location]]:
    """The locals that a local uses, and where."""
    for path, text in _texts(subject.table[name], (name,)):
        try:
            pieces = parse(text)
        except ReferenceSyntaxError:  # told when the value is read
            continue
        for piece in pieces:
            if isinstance(piece.part, Name) and piece.part.scope == SCOPE:
                yield piece.part.name, subject.in_text(path, piece.index)


def _texts(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, str):
        if has_references(value):
            yield path, value
    elif isinstance(value, dict | list):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in members:
            yield from _texts(inner, (*path, key))


def _cycle(ring: Sequence[str], edges: Mapping[str, Mapping[str, Location]]) -> Diagnostic:
    following = (*ring[1:], ring[0])
    steps = [
        f"local {name} uses local {used} at {edges[name][used]}"
        for name, used in zip(ring, following, strict=True)
    ]
    return error(
        "cycle",
        "Circle of locals",
        f"{in_one_line(steps)}: none of them has a value",
        at=edges[ring[0]][following[0]],
        hint="write one of these values out",
    )


def _no_reference(name: str, reference: str, at: Location) -> Diagnostic:
    return error(
        "reference_not_allowed",
        "Reference not allowed",
        f"local {name} holds {reference}, and locals are known before anything is made",
        at=at,
        hint="write the reference in the block that needs it",
    )


def _size_rule(value: object) -> str | None:
    """What a value has too much of, "" if nothing; None if a part of it is not known.

    Goes by levels, up to the limits.
    """
    level, count = [value], 0
    for _ in range(DEPTH_LIMIT + 1):
        if any(member is UNKNOWN for member in level):
            return None
        count += len(level)
        members = (inner for outer in level for inner in _members(outer))
        level = list(islice(members, VALUE_LIMIT))
        if count + len(level) > VALUE_LIMIT:
            return f"more than {VALUE_LIMIT:,} values"
    return f"more than {DEPTH_LIMIT} levels" if level else ""


def _too_large(name: str, rule: str, at: Location) -> Diagnostic:
    return error("too_large", "Too large", f"local {name} has {rule}", at=at)


def _members(value: object) -> Sequence[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()
