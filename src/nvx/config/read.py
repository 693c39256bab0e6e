"""The values of tables read: names such as `${var.env}` replaced, references to resources found."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nvx.config.credentials import credential, looks_secret
from nvx.config.depends import Use
from nvx.config.references import Name, Piece, ReferenceSyntaxError, has_references, parse
from nvx.config.scalars import as_text, plain_rule
from nvx.config.scan import KeyPath
from nvx.config.subject import Subject, dotted, kind_of, shown, with_nearest
from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, Location, error
from nvx.core.ports import in_one_line
from nvx.core.values import UNKNOWN, Reference, Template, Value

TEXT_LIMIT = 1024 * 1024
"""Characters that names may make of one text: doubling a text forty times is written in forty lines."""


@dataclass(frozen=True, slots=True)
class Names:
    """What `${scope.name}` may name, why other scopes are closed, and which names were used."""

    known: Mapping[str, Mapping[str, Any]]
    """Scope → name → value; UNKNOWN for a value that another diagnostic explains."""
    closed: Mapping[str, str] = field(default_factory=dict)
    """Scope that is not open here → why."""
    used: set[Name] = field(default_factory=set)

    def opened(self, scope: str, values: Mapping[str, Any]) -> Names:
        """These names and those of one more scope; what is used of either counts for both."""
        return Names({**self.known, scope: values}, self.closed, self.used)

    def closing(self, **reasons: str) -> Names:
        """These names where some scopes are closed."""
        return Names(self.known, reasons, self.used)


def expanded(
    subject: Subject, names: Names, keys: Collection[str] | None = None
) -> tuple[Mapping[str, Value], tuple[Use, ...], list[Diagnostic]]:
    """The values of a table with names replaced; the references in it; what is wrong.

    With `keys`, of those keys only.
    """
    reader = _Reader(subject, names)
    values = {
        key: reader.value(value, (key,))
        for key, value in subject.table.items()
        if keys is None or key in keys
    }
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
            if looks_secret((*self._subject.path, *path), raw):
                self.problems.append(credential(self._subject, path))
            return self._text(raw, path) if has_references(raw) else raw
        if isinstance(raw, dict):
            return {key: self.value(inner, (*path, key)) for key, inner in raw.items()}
        if isinstance(raw, list):
            return [self.value(inner, (*path, i)) for i, inner in enumerate(raw)]
        return raw if self._is_plain(raw, path) else UNKNOWN

    def _is_plain(self, raw: object, path: KeyPath) -> bool:
        """Whether JSON has such a value. If not, says so."""
        rule = plain_rule(raw)
        if rule:
            detail = f"{dotted(path)} of {self._subject.title}: {rule}"
            self._report("invalid_value", "Invalid value", detail, self._subject.at(path))
        return not rule

    def _text(self, text: str, path: KeyPath) -> Any:
        pieces = self._parsed(text, path, 0)
        parts = [self._part(piece, path) for piece in pieces]
        if len(parts) == 1:
            return parts[0]
        return self._joined(parts, pieces, path) if parts else UNKNOWN

    def _parsed(self, text: str, path: KeyPath, start: int) -> Sequence[Piece]:
        """The pieces of a text; none, and a problem, where it cannot be read."""
        try:
            return parse(text)
        except ReferenceSyntaxError as cause:
            at = self._subject.in_text(path, start + cause.index)
            hint = 'write ${kind.name}, ${kind.name.output} or ${var.name}; $${ is a plain "${"'
            self._report("bad_reference", "Bad reference", str(cause), at, hint)
            return ()

    def _part(self, piece: Piece, path: KeyPath) -> Any:
        part = piece.part
        if isinstance(part, str):
            return part
        if isinstance(part, Name):
            return self._named(part, path, piece.index)
        key = part.target.key
        if key is not None and has_references(key):
            key = self._key(key, path, piece.index)
            if key is None:
                return UNKNOWN
            target = Address(part.target.kind, part.target.name, key)
            part = Reference(target, part.output)
        self.uses.append(Use(self._subject, path, part, piece.index))
        return part

    def _key(self, key: str, path: KeyPath, index: int) -> str | None:
        """The key of a reference with the names in it replaced; None where it cannot be."""
        texts: list[str] = []
        for piece in self._parsed(key, path, index):
            part = piece.part
            value = self._named(part, path, index) if isinstance(part, Name) else part
            text = as_text(value)
            if text is None and value is not UNKNOWN:
                at = self._subject.in_text(path, index)
                detail = f"{part} is not text or a number, and it stands inside a key"
                self._report("wrong_type", "Wrong type", detail, at)
            if text is None:
                return None
            texts.append(text)
        return "".join(texts) if texts else None

    def _named(self, name: Name, path: KeyPath, index: int) -> Any:
        """The value of a name that is written at an index of a text."""
        self._names.used.add(Name(name.scope, name.name))
        at = self._subject
        known = self._names.known.get(name.scope)
        if known is None:
            detail = f"{name}: {self._names.closed.get(name.scope, 'it has no values here')}"
            code, summary = "reference_not_allowed", "Reference not allowed"
            self._report(code, summary, detail, at.in_text(path, index))
            return UNKNOWN
        if name.name not in known:
            detail = with_nearest(f"{name} is not known", name.name, known)
            hint = _hint(name, known)
            self._report("unknown_name", "Unknown name", detail, at.in_text(path, index), hint)
            return UNKNOWN
        value = self._inside(known[name.name], name, path, index)
        for below, reference in _references(value, path):
            self.uses.append(Use(at, below, reference, index, is_carried=True))
        return value

    def _inside(self, value: Any, name: Name, path: KeyPath, index: int) -> Any:
        """What the path of a name leads to."""
        for depth, word in enumerate(name.path):
            if value is UNKNOWN:
                return UNKNOWN
            if isinstance(value, Mapping) and word in value:
                value = value[word]
                continue
            parent = Name(name.scope, name.name, name.path[:depth])
            if isinstance(value, Mapping):
                detail = with_nearest(f"{parent} has no {shown(word)}", word, value)
                hint = f"it has {in_one_line(sorted(value))}" if value else "it is empty"
            else:
                detail, hint = f"{parent} is {_kind(value)}, which has no {shown(word)}", ""
            at = self._subject.in_text(path, index)
            self._report("unknown_name", "Unknown name", detail, at, hint)
            return UNKNOWN
        return value

    def _joined(self, parts: Sequence[Any], pieces: Sequence[Piece], path: KeyPath) -> Any:
        """Text with values in it; a template if some are known only later."""
        texts: list[str | Reference] = []
        for part, piece in zip(parts, pieces, strict=True):
            known = _in_text(part)
            if not known and part is not UNKNOWN:
                at = self._subject.in_text(path, piece.index)
                detail = f"{piece.part} is {kind_of(part)}, which has no place inside a text"
                self._report("wrong_type", "Wrong type", detail, at)
            if not known:
                return UNKNOWN
            texts += known
        if sum(len(text) for text in texts if isinstance(text, str)) > TEXT_LIMIT:
            detail = f"{dotted(path)} of {self._subject.title} would have over {TEXT_LIMIT:,} characters"
            self._report("too_large", "Too large", detail, self._subject.at(path))
            return UNKNOWN
        if any(isinstance(text, Reference) for text in texts):
            return Template(tuple(texts))
        return "".join(str(text) for text in texts)

    def _report(
        self, code: str, summary: str, detail: str, at: Location, hint: str = ""
    ) -> None:
        self.problems.append(error(code, summary, detail, at=at, hint=hint))


def _in_text(part: object) -> tuple[str | Reference, ...]:
    """What a value adds to a text; nothing where it has no place in one."""
    if isinstance(part, Reference):
        return (part,)
    if isinstance(part, Template):
        return part.parts
    text = as_text(part)
    return () if text is None else (text,)


def _references(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, Reference]]:
    """Every reference inside a value, with its key path."""
    if isinstance(value, Reference):
        yield path, value
    elif isinstance(value, Template):
        yield from ((path, part) for part in value.parts if isinstance(part, Reference))
    elif isinstance(value, dict | list):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in members:
            yield from _references(inner, (*path, key))


def _kind(value: object) -> str:
    return "a reference" if isinstance(value, Reference | Template) else kind_of(value)


def _hint(name: Name, known: Mapping[str, Any]) -> str:
    if name.scope == "var":
        return f"declare it: [variables.{name.name}]"
    if name.scope == "local":
        return f"set it in [locals]: {name.name} = …"
    if name.name == "account":
        return "set account in [stack]"
    return f"it may be {in_one_line(f'${{{name.scope}.{word}}}' for word in sorted(known))}"
