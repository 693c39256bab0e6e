"""Regular expressions of the service models, made fit for Python."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from functools import cache

_PROPERTIES: Mapping[str, str] = {
    "L": r"\w",
    "N": r"\d",
    "Nd": r"\d",
    "Z": r"\s",
    "Zs": r" \u00a0",
    "S": r"$+<=>^`|~\u00a2-\U0010ffff",
    "P": r"!-/:-@\[-`{-~\u00a1-\U0010ffff",
    "M": r"\u0300-\U0010ffff",
    "C": r"\x00-\x1f\x7f-\x9f",
    "Alnum": "a-zA-Z0-9",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": r"\x00-\x7f",
    "Graph": "!-~",
    "Print": " -~",
    "Punct": r"!-/:-@\[-`{-~",
    "Space": r"\s",
    "IsAlphabetic": r"\w",
    "IsDigit": r"\d",
}
"""Java's character properties. Those of Unicode are taken too wide rather than too narrow."""

_PROPERTY = re.compile(r"\\p(?:{(\w+)}|(\w))")
_SAYS_NOTHING = re.compile(r"\^?(?:\.\*|\[\\s\\S\]\*|\[\\S\\s\]\*|\.\+|\(\?s\)\.\*)\$?")
_BACKTRACKS = re.compile(r"\((?:\?:)?[^()]*\.[*+][^()]*\)[*+]")
"""A group with .* inside that may itself repeat: exponential on a text that does not match."""


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches; True where the pattern cannot be judged."""
    compiled = compiled_pattern(pattern)
    return compiled is None or compiled.fullmatch(text) is not None


@cache
def compiled_pattern(pattern: str) -> re.Pattern[str] | None:
    """The pattern for Python, or None where it says nothing or cannot be judged safely."""
    if _SAYS_NOTHING.fullmatch(pattern) or _BACKTRACKS.search(pattern):
        return None
    try:
        with warnings.catch_warnings():
            # Java's classes may hold "[" or "--", which Python warns it may read differently later.
            warnings.simplefilter("ignore", FutureWarning)
            return re.compile(_translated(pattern))
    except (re.error, OverflowError, RecursionError, KeyError):
        return None


def _translated(pattern: str) -> str:
    parts, inside, at = [], False, 0
    while at < len(pattern):
        found = _PROPERTY.match(pattern, at)
        if found:
            wide = _PROPERTIES[found.group(1) or found.group(2)]
            parts.append(wide if inside else f"[{wide}]")
            at = found.end()
            continue
        size = 2 if pattern[at] == "\\" else 1
        piece = pattern[at : at + size]
        inside = piece == "[" or (inside and piece != "]")
        parts.append(piece)
        at += size
    return "".join(parts)
