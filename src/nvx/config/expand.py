"""Blocks out of tables: names such as `${var.env}` replaced, references to resources read.

One table of a stack is one block today. `expand` is where a table that stands for many will become
many; nothing after it needs to know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from nvx.config.depends import Use, with_dependencies
from nvx.config.references import Name, Piece, ReferenceSyntaxError, has_references, parse
from nvx.config.scan import KeyPath
from nvx.config.subject import Subject, dotted, kind_of, with_nearest
from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, Location, error
from nvx.core.ports import in_one_line
from nvx.core.values import UNKNOWN, Reference, Template, Value

LATER = ("for_each", "matrix")
"""Fields that make many blocks of one; this version does not know them yet."""

_CLOSED: Mapping[str, tuple[str, str, str]] = {
    "local": ("not_supported", "Not supported yet", "this version has no [locals]"),
    "each": ("not_supported", "Not supported yet", "this version has no for_each"),
    "stack": ("reference_not_allowed", "Reference not allowed", "[stack] uses variables only"),
}
"""Scopes that are not open where they are used, and why."""

_INTEGERS = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class Block:
    """A table that declares one resource, its names replaced.

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
class Names:
    """What `${scope.name}` may name, and which of them were used."""

    known: Mapping[str, Mapping[str, Any]]
    """Scope → name → value; UNKNOWN for a value that another diagnostic explains."""
    used: set[Name] = field(default_factory=set)


def expand(tables: Iterable[Subject], names: Names) -> tuple[list[Block], list[Diagnostic]]:
    """The blocks that tables stand for, and what is wrong with their values."""
    blocks: list[Block] = []
    problems: list[Diagnostic] = []
    for subject in tables:
        values, uses, found = expanded(subject, names)
        for word in LATER:
            if word in values:
                found.append(_later(subject, word))
                values = {key: value for key, value in values.items() if key != word}
        values, more, wrong = with_dependencies(values, subject)
        kind, name = subject.path
        blocks.append(Block(Address(str(kind), str(name)), values, subject, (*uses, *more)))
        problems += [*found, *wrong]
    return blocks, problems


def expanded(
    subject: Subject, names: Names
) -> tuple[Mapping[str, Value], tuple[Use, ...], list[Diagnostic]]:
    """The values of one table with names replaced; the references in it; what is wrong."""
    reader = _Reader(subject, names)
    values = {key: reader.value(value, (key,)) for key, value in subject.table.items()}
    return values, tuple(reader.uses), reader.problems


class _Reader:
    """Reads the values of one table."""

    def __init__(self, subject: Subject, names: Names) -> None:
        self._subject = subject
        self._names = names
        self.uses: list[Use] = []
        self.problems: list[Diagnostic] = []

    def value(self, raw: Any, path: KeyPath) -> Any:
        """The value with its names replaced; UNKNOWN where it cannot be."""
        if isinstance(raw, str):
            return self._text(raw, path) if has_references(raw) else raw
        if isinstance(raw, dict):
            return {key: self.value(inner, (*path, key)) for key, inner in raw.items()}
        if isinstance(raw, list):
            return [self.value(inner, (*path, i)) for i, inner in enumerate(raw)]
        return raw if raw is UNKNOWN or self._is_plain(raw, path) else UNKNOWN

    def _is_plain(self, raw: object, path: KeyPath) -> bool:
        """Whether JSON has such a value. If not, says so."""
        if isinstance(raw, float) and not isfinite(raw):
            rule = "a number must be finite"
        elif isinstance(raw, int) and raw not in _INTEGERS:
            rule = "an integer has at most 64 bits"
        elif not isinstance(raw, int | float):
            rule = "dates and times are written as text, in quotes"
        else:
            return True
        detail = f"{dotted(path)} of {self._subject.title}: {rule}"
        self._report("invalid_value", "Invalid value", detail, self._subject.at(path))
        return False

    def _text(self, text: str, path: KeyPath) -> Any:
        try:
            pieces = parse(text)
        except ReferenceSyntaxError as cause:
            at = self._subject.in_text(path, cause.index)
            hint = 'write ${kind.name}, ${kind.name.output} or ${var.name}; $${ is a plain "${"'
            self._report("bad_reference", "Bad reference", str(cause), at, hint)
            return UNKNOWN
        parts = [self._part(piece, path) for piece in pieces]
        if len(parts) == 1:
            return parts[0]
        return self._joined(parts, pieces, path)

    def _part(self, piece: Piece, path: KeyPath) -> Any:
        part = piece.part
        if isinstance(part, str):
            return part
        if isinstance(part, Reference):
            self.uses.append(Use(self._subject, path, part, piece.index))
            return part
        return self._named(part, path, piece.index)

    def _named(self, name: Name, path: KeyPath, index: int) -> Any:
        """The value of a name that is written at an index of a text."""
        self._names.used.add(name)
        known = self._names.known.get(name.scope)
        if known is not None and name.name in known:
            return self.value(known[name.name], path)
        at = self._subject.in_text(path, index)
        if known is None:
            code, summary, detail = _CLOSED[name.scope]
            self._report(code, summary, f"{name}: {detail}", at)
            return UNKNOWN
        detail = with_nearest(f"{name} is not known", name.name, known)
        self._report("unknown_name", "Unknown name", detail, at, _hint(name, known))
        return UNKNOWN

    def _joined(self, parts: list[Any], pieces: tuple[Piece, ...], path: KeyPath) -> Any:
        """Text with values in it; a template if some are known only later."""
        texts: list[str | Reference] = []
        for part, piece in zip(parts, pieces, strict=True):
            text = part if isinstance(part, Reference) else _as_text(part)
            if text is None and part is not UNKNOWN:
                at = self._subject.in_text(path, piece.index)
                detail = f"{piece.part} is {kind_of(part)}, which has no place inside a text"
                self._report("wrong_type", "Wrong type", detail, at)
            if text is None:
                return UNKNOWN
            texts.append(text)
        if any(isinstance(text, Reference) for text in texts):
            return Template(tuple(texts))
        return "".join(str(text) for text in texts)

    def _report(
        self, code: str, summary: str, detail: str, at: Location, hint: str = ""
    ) -> None:
        self.problems.append(error(code, summary, detail, at=at, hint=hint))


def _as_text(value: object) -> str | None:
    """A value as it stands in a text: numbers as TOML writes them. None for lists and tables."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None


def _hint(name: Name, known: Mapping[str, Any]) -> str:
    if name.scope == "var":
        return f"declare it: [variables.{name.name}]"
    if name.name == "account":
        return "set account in [stack]"
    return f"it may be {in_one_line(f'${{{name.scope}.{word}}}' for word in sorted(known))}"


def _later(subject: Subject, word: str) -> Diagnostic:
    return error(
        "not_supported",
        "Not supported yet",
        f"{subject.title} uses {word}, which this version of nvx does not know",
        at=subject.at((word,)),
        hint="write one block for each",
    )
