"""The log of every request that reached the server."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

_LONG = 512


@dataclass(frozen=True, slots=True)
class Call:
    """One request: what was asked, by which attempt, and how it ended."""

    index: int
    service: str
    operation: str
    attempt: int
    invocation_id: str
    account: str
    region: str
    params: Mapping[str, Any] = field(default_factory=dict)
    """The members of the request, bytes and long texts shortened."""
    status: int = 0
    """HTTP status of the reply, 0 where none was sent."""
    code: str = ""
    """The error code, "" where all went well."""
    effect: str = ""
    """The fault that struck, "" for none."""


class CallLog:
    """All calls in order; also as lines of JSON in a file, written before the reply leaves."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._calls: list[Call] = []
        self._file: TextIO | None = None
        if path is not None:
            self._calls = read_calls(path)
            _cut_last_line(path)
            self._file = path.open("a", encoding="utf-8", buffering=1)

    def record(self, **values: Any) -> Call:
        """Add a call; its index is given here."""
        with self._lock:
            call = Call(index=len(self._calls) + 1, **values)
            self._calls.append(call)
            if self._file is not None:
                self._file.write(json.dumps(asdict(call)) + "\n")
        return call

    def all(self) -> list[Call]:
        """Every call so far."""
        with self._lock:
            return list(self._calls)

    def clear(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._calls.clear()
            if self._file is not None:
                self._file.truncate(0)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None


def brief(value: Any) -> Any:
    """A value as plain data, short enough for a log."""
    if isinstance(value, Mapping):
        return {str(key): brief(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [brief(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    text = "<stream>" if hasattr(value, "read") else str(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


def read_calls(path: Path) -> list[Call]:
    """The calls of a log, without lines that a kill cut short; none where there is no log."""
    calls = []
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            calls.append(Call(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return calls


def _cut_last_line(path: Path) -> None:
    """Drop a last line that a kill cut short: the next one must not be glued to it."""
    data = path.read_bytes() if path.exists() else b""
    whole = data.rfind(b"\n") + 1
    if whole != len(data):
        os.truncate(path, whole)
