"""HTTP requests and replies, as the local AWS sees them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO
from urllib.parse import parse_qsl, urlsplit

Body = bytes | BinaryIO | Iterable[bytes]


@dataclass(slots=True)
class Request:
    """One request: path as sent (percent-encoded), query decoded, header names in lower case."""

    method: str
    path: str
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    body: BinaryIO = field(default_factory=BytesIO)

    def data(self) -> bytes:
        """The whole body."""
        self.body.seek(0)
        return self.body.read()

    def header(self, name: str) -> str:
        """A header's value, "" where it is absent."""
        return self.headers.get(name, "")

    def first(self, name: str) -> str | None:
        """The first value of a query parameter, or None."""
        return next((value for key, value in self.query if key == name), None)

    @property
    def form(self) -> list[tuple[str, str]]:
        """The pairs of a form in the body, with those of the query behind them."""
        text = self.data().decode("utf-8", "replace")
        return [*parse_qsl(text, keep_blank_values=True), *self.query]


@dataclass(slots=True)
class Reply:
    """One reply; `body` is all of it, an open file, or the pieces."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: Body = b""


def split_target(target: str) -> tuple[str, list[tuple[str, str]]]:
    """The path and the query pairs of a request line's target."""
    if target.startswith("/"):
        path, _, query = target.partition("?")
    else:
        path, query = _absolute(target)
    path = path.partition("#")[0]
    return path, parse_qsl(query, keep_blank_values=True)


def _absolute(target: str) -> tuple[str, str]:
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/", ""
    return parts.path or "/", parts.query
