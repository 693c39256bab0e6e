"""`for_each` and `matrix`: the instances that one block stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any

from nvx.config.depends import Use
from nvx.config.read import Names, expanded
from nvx.config.scalars import as_text
from nvx.config.scan import KeyPath
from nvx.config.subject import Subject, dotted, kind_of, shown
from nvx.core.diagnostics import Diagnostic, error
from nvx.core.names import slug_of
from nvx.core.values import UNKNOWN, Reference, Template

FOR_EACH = "for_each"
MATRIX = "matrix"
WORDS = frozenset({FOR_EACH, MATRIX})
"""Fields of any block that make many resources of it."""

INSTANCE_LIMIT = 1000
KEY_LIMIT = 200
_COUNTED = 1_000_000_000
_CLOSED = f"{FOR_EACH} and {MATRIX} are what it stands for"
_SCALARS = "text, numbers, true or false, and whole references"


@dataclass(frozen=True, slots=True)
class Each:
    """What `${each.key}` and `${each.value}` are in one instance."""

    key: str
    value: Any


@dataclass(slots=True)
class Instances:
    """The instances of a block; None where they cannot be known, which `problems` explains."""

    each: Sequence[Each] | None = None
    uses: tuple[Use, ...] = ()
    """The references that are written in `for_each` or `matrix` itself."""
    problems: list[Diagnostic] = field(default_factory=list)


def instances_of(subject: Subject, names: Names) -> Instances:
    """The instances that a block with `for_each` or `matrix` stands for, in declared order."""
    values, uses, problems = expanded(subject, names.closing(each=_CLOSED), WORDS)
    listing = _Listing(subject, problems)
    found = Instances(None, uses, problems)
    if len(values) > 1:
        detail = f"{subject.title} has both {FOR_EACH} and {MATRIX}"
        hint = f"write the products of a {FOR_EACH} as one more list of the {MATRIX}"
        listing.report("for_each_and_matrix", "Two ways to repeat", detail, (MATRIX,), hint)
        return found
    ((word, value),) = values.items()
    each = listing.for_each(value) if word == FOR_EACH else listing.matrix(value)
    if each is not None and listing.are_keys(word, each):
        found.each = each
    return found


class _Listing:
    """Lists the instances of one block."""

    def __init__(self, subject: Subject, problems: list[Diagnostic]) -> None:
        self._subject = subject
        self._problems = problems

    def for_each(self, value: object) -> Sequence[Each] | None:
        path = (FOR_EACH,)
        if isinstance(value, Mapping):
            return self._limited(path, len(value), (Each(k, v) for k, v in value.items()))
        if not isinstance(value, list):
            self._no_list(path, value, "a list or a table")
            return None
        keys = self._texts(path, value)
        if keys is None:
            return None
        pairs = zip(keys, value, strict=True)
        return self._limited(path, len(value), (Each(key, one) for key, one in pairs))

    def matrix(self, value: object) -> Sequence[Each] | None:
        path = (MATRIX,)
        if not isinstance(value, Mapping) or not value:
            self._no_list(path, value, "a table of lists with at least one list")
            return None
        axes: list[list[tuple[str, object]]] = []
        for name, members in value.items():
            if not isinstance(members, list):
                self._no_list((MATRIX, name), members, "a list")
                return None
            keys = self._texts((MATRIX, name), members)
            if keys is None:
                return None
            axes.append(list(zip(keys, members, strict=True)))
        names = tuple(value)
        each = (
            Each(
                ",".join(key for key, _ in one),
                dict(zip(names, (v for _, v in one), strict=True)),
            )
            for one in product(*axes)
        )
        return self._limited(path, prod(map(len, axes)), each)

    def are_keys(self, word: str, each: Iterable[Each]) -> bool:
        """Whether all keys can be keys. If not, says so of the first that cannot."""
        seen: set[str] = set()
        for index, one in enumerate(each):
            rule = _key_rule(one.key)
            path = self._key_path(word, index, one.key)
            if rule:
                detail = f"{shown(one.key)} cannot be a key of {self._subject.title}: {rule}"
                self.report("bad_key", "Bad key", detail, path)
                return False
            if one.key in seen:
                detail = f"{self._subject.title} has the key {shown(one.key)} twice"
                self.report("key_twice", "Key twice", detail, path, "remove one of the two")
                return False
            seen.add(one.key)
        return True

    def report(
        self, code: str, summary: str, detail: str, path: KeyPath, hint: str = ""
    ) -> None:
        at = self._subject.at(path)
        self._problems.append(error(code, summary, detail, at=at, hint=hint))

    def _limited(
        self, path: KeyPath, count: int, each: Iterator[Each]
    ) -> Sequence[Each] | None:
        if count <= INSTANCE_LIMIT:
            return tuple(each)
        much = f"{count:,}" if count < _COUNTED else f"over {_COUNTED:,}"
        detail = f"{self._subject.title} would have {much} instances"
        hint = f"a block has at most {INSTANCE_LIMIT:,}"
        self.report("too_many_instances", "Too many instances", detail, path, hint)
        return None

    def _texts(self, path: KeyPath, members: Sequence[object]) -> Sequence[str] | None:
        """The members of a list as the text of keys; None where one of them has none."""
        texts = [_key_text(member) for member in members]
        for index, (text, member) in enumerate(zip(texts, members, strict=True)):
            if text is None and member is not UNKNOWN:
                place = (*path, index)
                detail = (
                    f"{dotted(place)} of {self._subject.title} is {_kind(member)};"
                    f" a list of {path[0]} holds {_SCALARS}"
                )
                self.report("wrong_type", "Wrong type", detail, place)
        known = [text for text in texts if text is not None]
        return known if len(known) == len(texts) else None

    def _no_list(self, path: KeyPath, value: object, wanted: str) -> None:
        if value is UNKNOWN:
            return
        detail = f"{dotted(path)} of {self._subject.title} is {_kind(value)}; it takes {wanted}"
        hint = ""
        if isinstance(value, Reference | Template):
            hint = "what a block stands for must be known before anything is made"
        self.report("wrong_type", "Wrong type", detail, path, hint)

    def _key_path(self, word: str, index: int, key: str) -> KeyPath:
        if word == MATRIX:
            return (MATRIX,)
        is_table = isinstance(self._subject.table[FOR_EACH], dict)
        return (FOR_EACH, key if is_table else index)


def _key_text(value: object) -> str | None:
    """The text of a value in a key: that of a reference is the slug of its address."""
    return slug_of(value.target) if isinstance(value, Reference) else as_text(value)


def _key_rule(key: str) -> str:
    """The rule that a key breaks; "" for a good one."""
    if not key:
        return "it is empty"
    if len(key) > KEY_LIMIT:
        return f"it has {len(key)} characters, and at most {KEY_LIMIT} are allowed"
    return "" if key.isprintable() else "it holds a character that cannot be printed"


def _kind(value: object) -> str:
    if isinstance(value, Reference):
        return "a reference"
    if isinstance(value, Template):
        return "text with a reference in it"
    return "an empty table" if value == {} else kind_of(value)
