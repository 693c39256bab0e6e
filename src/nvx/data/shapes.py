"""What is wrong with a row, and the small expectations that every row format is built of.

A format is a function that takes a decoded row and raises `RowError` at the first thing that
is wrong. A right row costs no more than the tests themselves: paths and texts are made on
failure only.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from nvx.core.diagnostics import nearest

RowPath: TypeAlias = tuple[str | int, ...]
RowCheck: TypeAlias = Callable[[object], None]

LONGEST_QUOTE = 40


class RowError(Exception):
    """One row breaks its format: where in the row, and what is wrong and allowed there."""

    def __init__(self, at: RowPath, text: str) -> None:
        super().__init__(text)
        self.at = at
        self.text = text


def dotted(at: RowPath) -> str:
    """A path as people write it: `messages[0].role`; `the row` for the row itself."""
    text = ""
    for part in at:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "the row"


def quoted(names: Iterable[str]) -> str:
    """Allowed values as a list for people: `"user", "assistant"`."""
    return ", ".join(f'"{name}"' for name in names)


def shown(value: object) -> str:
    """A value in a few words: scalars as JSON writes them, the rest by its type."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str() if len(value) <= LONGEST_QUOTE:
            return f'"{value}"'
        case str():
            return f'"{value[:LONGEST_QUOTE]}…"'
        case int() | float():
            return f"the number {value}"
        case list():
            return "a list" if value else "an empty list"
        case _:
            return "an object"


def expect_object(value: object, at: RowPath) -> dict[str, object]:
    """The value, when it is an object."""
    if not isinstance(value, dict):
        raise RowError(at, f"{dotted(at)} is {shown(value)}; it must be an object")
    return value


def expect_closed(
    value: object, at: RowPath, *, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, object]:
    """The value, when it is an object with every required key and no unknown one."""
    found = expect_object(value, at)
    for key in found:
        if key not in required and key not in optional:
            allowed = quoted((*required, *optional))
            text = f'{dotted(at)} has a key "{key}"; allowed: {allowed}.'
            raise RowError((*at, key), text + nearest(key, (*required, *optional)))
    for key in required:
        expect_key(found, key, at)
    return found


def expect_key(found: dict[str, object], key: str, at: RowPath) -> object:
    """The value under a key that must be there."""
    if key not in found:
        raise RowError(at, f'{dotted(at)} has no key "{key}", which is required')
    return found[key]


def expect_list(value: object, at: RowPath, *, least: int = 1) -> list[object]:
    """The value, when it is a list of at least so many items."""
    if not isinstance(value, list):
        raise RowError(at, f"{dotted(at)} is {shown(value)}; it must be a list")
    if len(value) < least:
        items = "item" if least == 1 else "items"
        has = len(value)
        raise RowError(at, f"{dotted(at)} has {has} of at least {least} {items}")
    return value


def expect_text(value: object, at: RowPath) -> str:
    """The value, when it is a string."""
    if not isinstance(value, str):
        raise RowError(at, f"{dotted(at)} is {shown(value)}; it must be a string")
    return value


def expect_one_of(value: object, allowed: tuple[str, ...], at: RowPath) -> str:
    """The value, when it is one of the allowed strings."""
    if not isinstance(value, str) or value not in allowed:
        raise RowError(at, f"{dotted(at)} is {shown(value)}; allowed: {quoted(allowed)}")
    return value
