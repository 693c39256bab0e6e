"""What a diagnostic speaks of: a table with a name, and the places of its keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nvx.config.locate import Places, PlacesUnder
from nvx.config.scan import KeyPath
from nvx.core.diagnostics import Location, nearest


@dataclass(frozen=True, slots=True)
class Subject:
    """A table: `fine_tune.support`, `[stack]`, `variable env`."""

    title: str
    document: Places
    path: KeyPath
    """Where the table is in its document."""
    table: Mapping[str, Any]
    """The table as it is written."""

    @property
    def declared_at(self) -> Location:
        """Where it is opened."""
        return self.document.header(self.path)

    @property
    def places(self) -> Mapping[KeyPath, Location]:
        """Key path inside it → where it is written."""
        return PlacesUnder(self.document, self.path, self.table)

    def at(self, path: KeyPath) -> Location:
        """Where a key is written; the nearest written parent for one that is not."""
        places = self.places
        while path and path not in places:
            path = path[:-1]
        return places[path] if path else self.declared_at

    def in_text(self, path: KeyPath, index: int) -> Location:
        """Where a character of a string value is written."""
        return self.document.in_text(self.path + path, index)


def dotted(path: KeyPath) -> str:
    """A key path as people write it: `gate.accuracy.min`, `subtasks[2]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def with_nearest(sentence: str, word: str, allowed: Iterable[str]) -> str:
    """A sentence, and the allowed word that is closest where there is one."""
    close = nearest(word, allowed)
    return f"{sentence}.{close}" if close else sentence


def either(words: Sequence[str]) -> str:
    """Words as a choice: `a`, `a or b`, `a, b or c`."""
    return " or ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def kind_of(value: object) -> str:
    """What a TOML value is, in words."""
    names: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "true or false"),
        (str, "text"),
        (int, "an integer"),
        (float, "a number"),
        (Mapping, "a table"),
        ((list, tuple), "a list"),
    )
    return next((name for types, name in names if isinstance(value, types)), "a date or time")


def shown(value: object) -> str:
    """A value as a message shows it: short, on one line; tables and lists by what they are."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        short = value if len(value) <= 60 else f"{value[:57]}..."
        return '"' + "".join(c if c.isprintable() else "?" for c in short) + '"'
    if isinstance(value, int | float):
        return str(value)[:40]
    return kind_of(value)
