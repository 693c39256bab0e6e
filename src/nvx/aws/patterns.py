"""Patterns of the service models, as far as Python can judge them safely."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from functools import cache

_CLASSES: Mapping[str, str] = {
    "L": r"\w",
    "N": r"\d",
    "Z": r"\s",
    "M": r"\u0300-\U0010ffff",
    "P": r"!-/:-@\[-`{-~\u00a1-\U0010ffff",
    "S": r"$+<=>^`|~\u00a2-\U0010ffff",
    "Alnum": "a-zA-Z0-9",
}
"""Character properties, taken too wide rather than too narrow: the service has the last word."""

_PROPERTY = re.compile(r"\\p(?:\{(\w+)\}|(\w))")
_SAYS_NOTHING = re.compile(r"\^?(?:\(\?s\))?(?:\.|\[\\s\\S\]|\[\\S\\s\])[*+]\$?")
_BACKTRACKS = re.compile(r"\((?:\?:)?[^()]*(?:\.[*+]|-\*\[[^\]]*\\-|\][*+]\[)[^()]*\)[*+{]")
"""A repeated group whose inside can match the same text in many ways: exponential on a mismatch."""

_LONGEST = 300
"""Longer patterns are alternatives of alternatives, and too slow on a text that does not match."""


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text matches; True where the pattern cannot be judged."""
    compiled = _compiled(pattern)
    return compiled is None or compiled.fullmatch(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    if (
        len(pattern) > _LONGEST
        or _SAYS_NOTHING.fullmatch(pattern)
        or _BACKTRACKS.search(pattern)
    ):
        return None
    try:
        with warnings.catch_warnings():
            # A class such as "[a-z--]" draws a warning about what Python may do one day.
            warnings.simplefilter("ignore", FutureWarning)
            return re.compile(_PROPERTY.sub(_class_of, pattern))
    except (re.error, OverflowError, KeyError):
        return None


def _class_of(match: re.Match[str]) -> str:
    wide = _CLASSES[match[1] or match[2]]
    before = (
        match.string[: match.start()].replace("\\\\", "").replace("\\[", "").replace("\\]", "")
    )
    inside = before.rfind("[") > before.rfind("]")
    return wide if inside else f"[{wide}]"
