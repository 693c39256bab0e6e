"""Blocks out of tables: a table stands for one resource, or with `for_each` or `matrix` for many."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nvx.config.depends import Use, with_dependencies
from nvx.config.instances import WORDS, instances_of
from nvx.config.read import Names, expanded
from nvx.config.scan import KeyPath
from nvx.config.subject import Subject
from nvx.config.told import Told
from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, Location
from nvx.core.values import UNKNOWN, Value

_EACH = "${each"
_CLOSED = "this block has no for_each and no matrix"


@dataclass(frozen=True, slots=True)
class Block:
    """A table that declares one resource, or an instance of one; its names replaced.

    A value that another diagnostic explains is UNKNOWN.
    """

    address: Address
    values: Mapping[str, Value]
    subject: Subject
    uses: tuple[Use, ...]

    @property
    def places(self) -> Mapping[KeyPath, Location]:
        """Key path inside the block → where it is written."""
        return self.subject.places

    @property
    def declared_at(self) -> Location:
        """Where the block is opened."""
        return self.subject.declared_at

    @property
    def file(self) -> str:
        """The file that holds it."""
        return self.subject.document.file


@dataclass(slots=True)
class Expanded:
    """What the tables of a stack stand for."""

    blocks: list[Block] = field(default_factory=list)
    keys: dict[Address, tuple[str, ...] | None] = field(default_factory=dict)
    """Tables that stand for many → the keys of their instances; None where they are unknown."""
    heads: list[tuple[Address, Use]] = field(default_factory=list)
    """The references that `for_each` and `matrix` list, by block."""
    problems: list[Told] = field(default_factory=list)


def expand(tables: Iterable[Subject], names: Names) -> Expanded:
    """The blocks that tables stand for, and what is wrong with their values."""
    found = Expanded()
    plain = names.closing(each=_CLOSED)
    for subject in tables:
        kind, name = subject.path
        address = Address(str(kind), str(name))
        if WORDS.isdisjoint(subject.table):
            _add(found, address, subject, *expanded(subject, plain))
        else:
            _many(found, address, subject, names)
    return found


def _add(
    found: Expanded,
    address: Address,
    subject: Subject,
    values: Mapping[str, Value],
    uses: Sequence[Use],
    problems: Iterable[Diagnostic],
) -> None:
    values, more, wrong = with_dependencies(values, subject)
    found.blocks.append(Block(address, values, subject, (*uses, *more)))
    found.problems += [(address, problem) for problem in (*problems, *wrong)]


def _many(found: Expanded, address: Address, subject: Subject, names: Names) -> None:
    """Add the instances of a block. What is the same in all of them is read once."""
    instances = instances_of(subject, names)
    fields = subject.table.keys() - WORDS
    own = {key for key in fields if _has_each(subject.table[key])}
    common, uses, wrong = expanded(subject, names.closing(each=""), fields - own)
    found.problems += [(address, problem) for problem in (*instances.problems, *wrong)]
    found.heads += [(address, use) for use in instances.uses]
    each = instances.each
    found.keys[address] = None if each is None else tuple(one.key for one in each)
    if not each:
        _read_only(found, address, subject, names, own)
        return
    for one in each:
        instance = Address(address.kind, address.name, one.key)
        titled = Subject(str(instance), subject.document, subject.path, subject.table)
        opened = names.opened("each", {"key": one.key, "value": one.value})
        values, more, problems = expanded(titled, opened, own)
        shared = [Use(titled, use.path, use.reference, use.index) for use in uses]
        _add(found, instance, titled, {**common, **values}, (*shared, *more), problems)


def _read_only(
    found: Expanded, address: Address, subject: Subject, names: Names, own: Collection[str]
) -> None:
    """Read the fields of a block without instances, for their mistakes and the names they use."""
    opened = names.opened("each", {"key": UNKNOWN, "value": UNKNOWN})
    problems = expanded(subject, opened, own)[2]
    found.problems += [(address, problem) for problem in problems]


def _has_each(raw: Any) -> bool:
    """Whether a value differs from instance to instance."""
    if isinstance(raw, str):
        return _EACH in raw
    if isinstance(raw, dict):
        return any(map(_has_each, raw.values()))
    return isinstance(raw, list) and any(map(_has_each, raw))
