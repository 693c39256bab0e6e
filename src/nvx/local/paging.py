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
    return chosen, _token(start + len(chosen), [_plain(name(row)) for row in rows])


def _first(row: Any) -> Any:
    return row[0]


def _token(count: int, names: list[Position]) -> str:
    text = json.dumps([count, names[count - 1], _order(names)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode("ascii")


def _order(names: list[Position]) -> int:
    """1 where the names rise, -1 where they fall, 0 where they have no order."""
    try:
        ordered = sorted(names)
    except TypeError:
        return 0
    if names == ordered:
        return 1
    return -1 if names == ordered[::-1] else 0


def _plain(name: Position) -> Position:
    if isinstance(name, tuple | list):
        return [_plain(part) for part in name]
    return name.isoformat() if isinstance(name, datetime) else name


def _start(
    rows: Sequence[Row], token: object, name: Callable[[Row], Position], member: str
) -> int:
    if not token:
        return 0
    count, last, order = _read(token, member)
    names = [_plain(name(row)) for row in rows]
    if last in names:
        return names.index(last) + 1
    try:
        if order == 1:
            return bisect_right(names, last)
        if order == -1:
            return len(names) - bisect_right(names[::-1], last)
    except TypeError as error:
        raise _rubbish(member) from error
    return min(count, len(rows))


def _read(token: object, member: str) -> tuple[int, Position, int]:
    try:
        count, last, order = json.loads(base64.urlsafe_b64decode(str(token).encode("ascii")))
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise _rubbish(member) from error
    if not isinstance(count, int) or count < 0 or order not in (1, 0, -1):
        raise _rubbish(member)
    return count, last, order


def _rubbish(member: str) -> AwsError:
    return AwsError(
        "ValidationException", f"The value of {member} is not a token of this list."
    )
