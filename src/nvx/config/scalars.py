"""Single values: what they are in a text, and which of TOML's JSON does not have."""

from __future__ import annotations

from math import isfinite

from nvx.core.values import UNKNOWN

_INTEGERS = range(-(2**63), 2**63)


def as_text(value: object) -> str | None:
    """A value as it stands in a text: numbers as TOML writes them. None for lists and tables."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None


def plain_rule(value: object) -> str:
    """The rule that a value breaks which JSON does not have; "" for every other value."""
    if value is UNKNOWN or isinstance(value, str | bool):
        return ""
    if isinstance(value, float):
        return "" if isfinite(value) else "a number must be finite"
    if isinstance(value, int):
        return "" if value in _INTEGERS else "an integer has at most 64 bits"
    return "dates and times are written as text, in quotes"
