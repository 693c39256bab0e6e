"""Where every key of a TOML document is written."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from nvx.config.scan import EQUALS, PART, KeyPath, Scanner, required
from nvx.core.diagnostics import Location

_UNIT = re.compile(r"\\(?:u.{4}|U.{8}|x..|(?P<fold>[ \t]*\n[ \t\n]*)|.)|.", re.DOTALL)
"""What one character of a basic string is written as; a folded line end is no character."""


_HEADER = re.compile(r"^[ \t]*(\[)([a-z][a-z0-9_-]*)\.([a-z][a-z0-9_-]*)\]", re.MULTILINE)
"""The header of a block as most are: no value begins like it, so the text need not be scanned."""
_DOUBTFUL = re.compile(r"\"{3}|'{3}|^[ \t]*\[\[", re.MULTILINE)
"""Text of several lines, in which anything may look like a header; arrays of tables, which count."""


class Places(Mapping[KeyPath, Location]):
    """Key path → where it is written, of one document. As little of the text is scanned as may be.

    A key is placed at its first character, an array element at its value; a table without a header of
    its own where its name first appears.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text

    @cached_property
    def _offsets(self) -> Mapping[KeyPath, int]:
        return Scanner(self.text).run()

    @cached_property
    def _headers(self) -> Mapping[KeyPath, tuple[int, int]]:
        """Block → where its header is, and the next one's."""
        if _DOUBTFUL.search(self.text):
            return {}
        spans: dict[KeyPath, tuple[int, int]] = {}
        end = len(self.text)
        for match in reversed(list(_HEADER.finditer(self.text))):
            spans[match[2], match[3]] = (match.start(1), end)
            end = match.start(1)
        return spans

    @cached_property
    def _sections(self) -> dict[KeyPath, Mapping[KeyPath, int]]:
        return {}

    def _offset(self, path: KeyPath) -> int | None:
        """Where a path is written. Most are found in the text of their own block."""
        block = path[:2]
        span = None if "_offsets" in self.__dict__ else self._headers.get(block)
        if span is None:
            return self._offsets.get(path)
        start, end = span
        section = self._sections.get(block)
        if section is None:
            section = self._sections[block] = Scanner(self.text[start:end]).run()
        found = section.get(path)
        return self._offsets.get(path) if found is None else start + found

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def __getitem__(self, path: KeyPath) -> Location:
        offset = self._offset(path)
        if offset is None:
            raise KeyError(path)
        return self.location(offset)

    def __iter__(self) -> Iterator[KeyPath]:
        return iter(self._offsets)

    def __len__(self) -> int:
        return len(self._offsets)

    def location(self, offset: int) -> Location:
        """The line and column of a character."""
        line = bisect_right(self._line_starts, offset)
        return Location(self.file, line, offset - self._line_starts[line - 1] + 1)

    def line_text(self, line: int) -> str:
        """A line of the document, without its end; "" for one that it does not have."""
        if not 1 <= line <= len(self._line_starts):
            return ""
        start = self._line_starts[line - 1]
        end = self.text.find("\n", start)
        written = self.text[start : end if end >= 0 else len(self.text)]
        return "".join(c if c.isprintable() or c == "\t" else "?" for c in written)

    def at(self, path: KeyPath) -> Location:
        """Where a path is written; the nearest written parent for one that is not."""
        while path:
            offset = self._offset(path)
            if offset is not None:
                return self.location(offset)
            path = path[:-1]
        return Location(self.file, 1, 1)

    def header(self, path: KeyPath) -> Location:
        """Where a table is opened: the bracket of its header, else its key."""
        known = self._headers.get(path)
        if known is not None:
            return self.location(known[0])
        place = self.at(path)
        start = self._line_starts[place.line - 1]
        before = self.text[start : start + place.column - 1]
        indent = len(before) - len(before.lstrip(" \t"))
        opened = before[indent : indent + 1] == "["
        return Location(self.file, place.line, indent + 1) if opened else place

    def statement(self, offset: int) -> Location:
        """The first character of the line of an offset, after its indent."""
        start = self.text.rfind("\n", 0, offset) + 1
        indent = len(self.text[start:offset]) - len(self.text[start:offset].lstrip(" \t"))
        return self.location(start + indent)

    def in_text(self, path: KeyPath, index: int) -> Location:
        """Where a character of a string value is written; the value's own place if it has no such."""
        offset = self._offset(path)
        if offset is None:
            return self.at(path)
        return self.location(_character(self.text, self._value_offset(path, offset), index))

    def _value_offset(self, path: KeyPath, offset: int) -> int:
        if isinstance(path[-1], int):
            return offset
        more = "."
        while more:
            match = required(PART, self.text, offset)
            offset, more = match.end(), match[2]
        return required(EQUALS, self.text, offset).end()


class PlacesUnder(Mapping[KeyPath, Location]):
    """The places of one table: paths start inside it.

    What is written is known from the parsed table: only asking for a place scans the text.
    """

    def __init__(self, places: Places, prefix: KeyPath, table: Mapping[str, Any]) -> None:
        self._places = places
        self._prefix = prefix
        self._table = table

    def __getitem__(self, path: KeyPath) -> Location:
        return self._places[self._prefix + path]

    def __contains__(self, path: object) -> bool:
        value: Any = self._table
        for part in path if isinstance(path, tuple) else (path,):
            if isinstance(value, str):  # whose characters are no members
                return False
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return False
        return value is not self._table

    def __iter__(self) -> Iterator[KeyPath]:
        return _paths_in(self._table, ())

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _paths_in(value: Any, path: KeyPath) -> Iterator[KeyPath]:
    members: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, Mapping):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    for part, inner in members:
        yield (*path, part)
        yield from _paths_in(inner, (*path, part))


def first_place(places: Places, end: int) -> Location | None:
    """Where the table or key that is written once more right before `end` was written first.

    The text before `end` must be valid but for that. None where nothing is written twice.
    """
    scanner = Scanner(places.text[:end])
    scanner.run()
    return None if scanner.written is None else places.statement(scanner.written)


def _character(text: str, start: int, index: int) -> int:
    """Where the character `index` of the string that starts at `start` is written."""
    quote = text[start]
    if quote not in "\"'":
        return start
    is_long = text.startswith(quote * 3, start)
    pos = start + (3 if is_long else 1)
    if is_long and text.startswith("\n", pos):
        pos += 1
    if quote == "'":
        return pos + index
    while True:
        unit = required(_UNIT, text, pos)
        if unit["fold"] is None:
            if index == 0:
                return pos
            index -= 1
        pos = unit.end()
