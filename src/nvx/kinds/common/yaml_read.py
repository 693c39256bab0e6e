"""YAML as recipes are written in, read into plain values with the place of every key."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from nvx.core.diagnostics import DiagnosticError, Location, error
from nvx.core.values import JsonValue

KeyPath = tuple[str | int, ...]
LARGEST = 64 * 1024
"""Bytes. A recipe has two thousand."""

_DEEPEST = 32
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_WORDS: Mapping[str, bool] = {
    spelt: word in ("true", "yes", "on")
    for word in ("true", "false", "yes", "no", "on", "off")
    for spelt in (word, word.capitalize(), word.upper())
}
_INTEGER = re.compile(r"[-+]?(0|[1-9]\d{0,17})")
_FLOAT = re.compile(r"[-+]?((\d+\.\d*|\.\d+)([eE][-+]?\d{1,4})?|\d+[eE][-+]?\d{1,4})")


@dataclass(frozen=True, slots=True)
class YamlTree:
    """A document, and where each of its keys and items is written."""

    value: JsonValue
    places: Mapping[KeyPath, Location]
    file: str

    def at(self, path: KeyPath) -> Location:
        """Where a key is written; the nearest written parent for one that is not."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Location(self.file))


def read_yaml(data: bytes, file: str) -> YamlTree:
    """The document in a file. Raises DiagnosticError for what is no plain YAML document.

    Anchors, tags and several documents are refused: no recipe has them, and what they expand to
    cannot be bounded.
    """
    builder = _Builder(file)
    try:
        for event in yaml.parse(_text(data, file), Loader=yaml.SafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        raise _refused(_place(file, mark), str(wrong.problem or wrong.context)) from wrong
    except (yaml.YAMLError, ValueError, OverflowError, IndexError) as wrong:
        raise _refused(Location(file), str(wrong).partition("\n")[0]) from wrong
    return builder.tree()


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is being filled."""

    value: dict[str, Any] | list[Any]
    path: KeyPath
    key: str | None = None


@dataclass(slots=True)
class _Builder:
    """Takes the events of one document."""

    file: str
    frames: list[_Frame] = field(default_factory=list)
    places: dict[KeyPath, Location] = field(default_factory=dict)
    root: JsonValue = None
    documents: int = 0

    def take(self, event: yaml.Event) -> None:
        """Add what an event says."""
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise self._error(event, "a recipe is one document, and a second begins here")
        elif isinstance(event, yaml.NodeEvent):
            self._node(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.frames.pop()

    def tree(self) -> YamlTree:
        """Everything that was taken."""
        return YamlTree(self.root, self.places, self.file)

    def _node(self, event: yaml.NodeEvent) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise self._error(event, "anchors and aliases are not taken: write the value out")
        if getattr(event, "tag", None) is not None:
            raise self._error(event, "tags are not taken: write the plain value")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
            return
        if len(self.frames) >= _DEEPEST:
            raise self._error(event, f"more than {_DEEPEST} levels")
        inner: dict[str, Any] | list[Any]
        inner = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.frames.append(_Frame(inner, self._put(inner, event)))

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        frame = self.frames[-1] if self.frames else None
        if frame is not None and isinstance(frame.value, dict) and frame.key is None:
            if event.value in frame.value:
                raise self._error(event, f'"{event.value}" is written twice')
            frame.key = event.value
            self.places[(*frame.path, event.value)] = _place(self.file, event.start_mark)
            return
        self._put(event.value if event.style else _resolved(event.value), event)

    def _put(self, value: Any, event: yaml.Event) -> KeyPath:
        """Put a value where the next one goes; its path."""
        if not self.frames:
            self.root = value
            return ()
        frame = self.frames[-1]
        if isinstance(frame.value, list):
            path: KeyPath = (*frame.path, len(frame.value))
            self.places[path] = _place(self.file, event.start_mark)
            frame.value.append(value)
            return path
        if frame.key is None:
            raise self._error(event, "a key is text, not a table or a list")
        path, frame.key = (*frame.path, frame.key), None
        frame.value[str(path[-1])] = value
        return path

    def _error(self, event: yaml.Event, text: str) -> DiagnosticError:
        return _refused(_place(self.file, event.start_mark), text)


def _text(data: bytes, file: str) -> str:
    if len(data) > LARGEST:
        raise _refused(Location(file), f"it has more than {LARGEST:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise _refused(Location(file), "it is not UTF-8") from wrong


def _resolved(text: str) -> JsonValue:
    """A plain scalar as a recipe means it: `1e-5` is a number here, though not in YAML 1.1."""
    if text in _NULLS:
        return None
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text


def _place(file: str, mark: Any) -> Location:
    return Location(file) if mark is None else Location(file, mark.line + 1, mark.column + 1)


def _refused(at: Location, text: str) -> DiagnosticError:
    return DiagnosticError([error("yaml", "Not a recipe", text, at=at)])
