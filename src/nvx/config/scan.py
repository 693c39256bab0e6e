"""A scanner that finds the keys of a TOML document: tomli keeps no positions.

It is for text that tomli has accepted, so it only finds where things start and end and never judges.
It keeps a stack of its own instead of recursing, as tomli takes 400 levels of nesting.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

import tomli

KeyPath: TypeAlias = tuple[str | int, ...]

_BASIC = r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"'
_LITERAL = r"'[^'\n]*'"
_LONG_BASIC = r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"{3,5}'
_LONG_LITERAL = r"'''.*?'{3,5}"
_BARE = r"[^\[\]{},#\n]+"

_GAP = re.compile(r"(?:[ \t\n]++|#[^\n]*+)*+")
PART = re.compile(rf"[ \t]*([A-Za-z0-9_-]+|{_BASIC}|{_LITERAL})[ \t]*(\.?)")
_CLOSE = re.compile(r"\]{0,2}")
EQUALS = re.compile(r"=[ \t]*")
_SCALAR = re.compile(rf"{_LONG_BASIC}|{_LONG_LITERAL}|{_BASIC}|{_LITERAL}|{_BARE}", re.DOTALL)
_PLAIN = re.compile(
    r"(?:[ \t\n]++|#[^\n]*+)*+([A-Za-z0-9_-]++)[ \t]*+=[ \t]*+"
    r"(?:\"[^\"\\\n]*+\"(?!\")|[0-9tf+-][^\n#]*+)[ \t]*+(?:#[^\n]*+)?+(?:\n|\Z)"
)
"""A whole statement as most are: a bare key and a short value on one line."""
_PLAIN_HEADER = re.compile(r"\[([A-Za-z0-9_-]++)\.([A-Za-z0-9_-]++)\]")
"""A header as most are: a kind and a name."""


class Scanner:
    """One walk over a document."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._offsets: dict[KeyPath, int] = {}
        self._counts: dict[KeyPath, int] = {}
        """Arrays of tables → how many tables they have so far."""
        self.written: int | None = None
        """Where the path of the last statement had been written before."""

    def run(self) -> Mapping[KeyPath, int]:
        """Every key path → the offset of its key or element."""
        text, pos = self._text, 0
        header: KeyPath = ()
        while True:
            pos = self._plain(pos, header)
            pos = required(_GAP, text, pos).end()
            if pos >= len(text):
                return self._offsets
            if text[pos] == "[":
                pos, header = self._header(pos)
            else:
                pos, path = self._key(pos, header)
                pos = self._value(pos, path)

    def _plain(self, pos: int, header: KeyPath) -> int:
        """Place as many plain statements as there are from here; where they end."""
        match = _PLAIN.match(self._text, pos)
        while match is not None:
            self._put((*header, match[1]), match.start(1))
            pos = match.end()
            match = _PLAIN.match(self._text, pos)
        return pos

    def _put(self, path: KeyPath, offset: int) -> None:
        self.written = self._offsets.get(path)
        self._offsets[path] = offset

    def _header(self, pos: int) -> tuple[int, KeyPath]:
        """Place the parts of a table's header; where it ends and the table that it opens."""
        plain = _PLAIN_HEADER.match(self._text, pos)
        if plain is not None and not self._counts:
            self._offsets.setdefault((plain[1],), plain.start(1))
            self._put((plain[1], plain[2]), plain.start(2))
            return plain.end(), (plain[1], plain[2])
        is_array = self._text.startswith("[[", pos)
        path: KeyPath = ()
        more, pos = ".", pos + 1 + is_array
        while more:
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
            match = required(PART, self._text, pos)
            path, pos, more = (*path, _name(match[1])), match.end(), match[2]
            if more:
                self._offsets.setdefault(path, match.start(1))
        if is_array:
            self._offsets.setdefault(path, match.start(1))
            self._counts[path] = self._counts.get(path, 0) + 1
            path = (*path, self._counts[path] - 1)
        self._put(path, match.start(1))
        return required(_CLOSE, self._text, pos).end(), path

    def _key(self, pos: int, table: KeyPath) -> tuple[int, KeyPath]:
        """Place the parts of a dotted key; where its value starts, and its path."""
        path, more = table, "."
        while more:
            match = required(PART, self._text, pos)
            path, pos, more = (*path, _name(match[1])), match.end(), match[2]
            if more:
                self._offsets.setdefault(path, match.start(1))
        self._put(path, match.start(1))
        return required(EQUALS, self._text, pos).end(), path

    def _value(self, pos: int, path: KeyPath) -> int:
        """Place everything inside the value at `pos`; where it ends."""
        text = self._text
        inside: list[_Container] = []
        while True:
            if text[pos] in "[{":
                inside.append(_Container(path, text[pos] == "["))
                pos += 1
            else:
                pos = required(_SCALAR, text, pos).end()
            pos = self._after(pos, inside)
            if not inside or pos >= len(text):
                return pos
            pos, path = self._member(pos, inside[-1])

    def _after(self, pos: int, inside: list[_Container]) -> int:
        """Skip commas and closed containers; where the next member starts, if any is open."""
        while inside:
            pos = required(_GAP, self._text, pos).end()
            char = self._text[pos : pos + 1]
            if char and char in "]}":
                inside.pop()
            elif char != ",":
                return pos
            pos += 1
        return pos

    def _member(self, pos: int, container: _Container) -> tuple[int, KeyPath]:
        """Place one element or key; where its value starts, and its path."""
        if not container.is_array:
            return self._key(pos, container.path)
        path = (*container.path, container.count)
        container.count += 1
        self._put(path, pos)
        return pos, path


class _Container:
    """An array or inline table that is open."""

    __slots__ = ("count", "is_array", "path")

    def __init__(self, path: KeyPath, is_array: bool) -> None:
        self.path = path
        self.is_array = is_array
        self.count = 0


def required(pattern: re.Pattern[str], text: str, pos: int) -> re.Match[str]:
    """The match that valid TOML must have here."""
    match = pattern.match(text, pos)
    if match is None:
        raise ValueError(f"not TOML at offset {pos}")
    return match


def _name(written: str) -> str:
    """The key that a bare or quoted part stands for."""
    if written[0] == '"' and "\\" in written:
        return next(iter(tomli.loads(f"{written}=0")))
    return written[1:-1] if written[0] in "\"'" else written
