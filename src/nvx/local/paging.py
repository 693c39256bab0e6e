"""Pages of a list: tokens that survive rows coming and going."""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from nvx.local.context import AwsError, Params

Row = TypeVar("Row")
Position = Any
"""Where a row stands in the order of the list: a string, a number, or a tuple of these."""


def page(
    rows: Sequence[Row],
    params: Params,
    *,
    size_member: str = "MaxResults",
    token_member: str = "NextToken",  # noqa: S107  the name of a member, not a secret
    default: int = 10,
    key: Callable[[Row], Position] | None = None,
) -> tuple[list[Row], str | None]:
    """One page of the rows, and the token of the next one.

    `rows` come filtered and in the order of the list. `key` gives a row's unique name (for rows
    that are (key, document) pairs it is the key). The token names the last row of the page and its
    place, so a page goes on behind that row even when others were inserted before it; where the row
    itself has gone, it goes on at the place. A token that makes no sense: ValidationException.
    """
    name = key or _first
    start = _start(rows, params.get(token_member), name, token_member)
    size = int(params.get(size_member) or default)
    chosen = list(rows[start : start + size])
    if not chosen or start + size >= len(rows):
        return chosen, None
    return chosen, _token(start + len(chosen), name(chosen[-1]))


def _first(row: Any) -> Any:
    return row[0]


def _token(index: int, name: Position) -> str:
    text = json.dumps([index, _plain(name)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode("ascii")


def _plain(name: Position) -> Position:
    if isinstance(name, tuple | list):
        return [_plain(part) for part in name]
    return name.isoformat() if isinstance(name, datetime) else name


def _start(
    rows: Sequence[Row], token: object, name: Callable[[Row], Position], member: str
) -> int:
    if not token:
        return 0
    index, last = _read(token, member)
    names = [_plain(name(row)) for row in rows]
    if last in names:
        return names.index(last) + 1
    try:
        if names == sorted(names):
            return bisect_right(names, last)
        if names == sorted(names, reverse=True):
            return bisect_right(names[::-1], last)
    except TypeError:  # names that have no order among themselves
        pass
    return min(index, len(rows))


def _read(token: object, member: str) -> tuple[int, Position]:
    try:
        index, last = json.loads(base64.urlsafe_b64decode(str(token).encode("ascii")))
        if isinstance(index, int) and index >= 0:
            return index, last
    except (ValueError, TypeError, binascii.Error, RecursionError):
        pass
    raise AwsError("ValidationException", f"The value of {member} is not a token of this list.")
