"""The column of a value inside one line of JSON, for messages that point at it."""

import json
import re

from nvx.data.shapes import RowPath

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


def offset_of(text: str, at: RowPath) -> int:
    """Where the value at `at` begins in valid JSON, counted in characters from 0.

    A path that leads nowhere gives the place of its deepest part that is there.
    """
    place = _skip(text, 0)
    try:
        for part in at:
            following = _member(text, place, part)
            if following is None:
                break
            place = following
    except (ValueError, RecursionError, IndexError):
        # The standard decoder is narrower than orjson in depth and in the length of integers.
        return place
    return place


def _member(text: str, place: int, part: str | int) -> int | None:
    if isinstance(part, str):
        return _value_of(text, place, part) if text[place] == "{" else None
    return _item_of(text, place, part) if text[place] == "[" else None


def _value_of(text: str, place: int, wanted: str) -> int | None:
    found = None
    place = _skip(text, place + 1)
    while text[place] != "}":
        key, place = _DECODER.raw_decode(text, place)
        place = _skip(text, _skip(text, place) + 1)
        if key == wanted:
            found = place  # of equal keys the last one counts, as in every JSON reader
        place = _next(text, place)
    return found


def _item_of(text: str, place: int, wanted: int) -> int | None:
    place = _skip(text, place + 1)
    while text[place] != "]":
        if wanted == 0:
            return place
        wanted -= 1
        place = _next(text, place)
    return None


def _next(text: str, place: int) -> int:
    """The place after one value and the comma that may follow it."""
    place = _skip(text, _DECODER.raw_decode(text, place)[1])
    return _skip(text, place + 1) if text[place] == "," else place


def _skip(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place
