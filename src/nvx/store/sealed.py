"""Sealed JSON: every document carries the number of its format and a checksum of its content."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass

import orjson

from nvx.core.address import Address
from nvx.core.ports import CorruptState, NewerFormat

NUMBER = 1
"""The number of the format written today. Older ones are migrated on reading."""

OPENING = b'{"format":"nvx.state/%d","sha256":"' % NUMBER
"""How every sealed document starts, up to its checksum."""

SEAL_SIZE = len(OPENING) + 64 + len(b'",')
"""How many bytes the seal takes; the content follows it without its opening brace."""

_FORMAT = re.compile(r"nvx\.state/([1-9][0-9]{0,8})")
_OPTIONS = (
    orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
)


def encode(value: object) -> bytes:
    """Canonical JSON of a value, dataclass or mapping: sorted keys, no spaces.

    Raises ValueError for what would not come back as it was: NaN and infinities, integers beyond
    64 bits, text that is not Unicode, types that JSON does not have.
    """
    try:
        data = orjson.dumps(value, _plain, _OPTIONS)
    except TypeError as problem:
        raise ValueError(str(problem)) from problem
    # orjson writes NaN as null, so only text with a null in it is worth the walk.
    if b"null" in data and not all(map(math.isfinite, _floats(value))):
        raise ValueError("JSON has no NaN and no infinity")
    return data


def seal(body: object) -> tuple[bytes, str]:
    """One line of sealed JSON for a mapping, without the line's end; and its checksum."""
    content = encode(body)
    checksum = hashlib.sha256(content).hexdigest()
    return OPENING + checksum.encode() + b'",' + content[1:], checksum


def unseal(data: bytes, place: str) -> tuple[dict[str, object], str]:
    """The mapping that was sealed, and its checksum. Raises CorruptState or NewerFormat."""
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}, byte {problem.pos}"
        raise CorruptState(f"{place}: {where}: no JSON: {problem.msg}") from problem
    if not isinstance(body, dict):
        raise CorruptState(f"{place}: holds no object")
    _check_format(body.pop("format", None), place)
    checksum = body.pop("sha256", None)
    if not isinstance(checksum, str) or checksum != hashlib.sha256(encode(body)).hexdigest():
        raise CorruptState(f"{place}: the content does not match its checksum")
    return body, checksum


def _check_format(written: object, place: str) -> None:
    match = _FORMAT.fullmatch(written) if isinstance(written, str) else None
    if match is None:
        raise CorruptState(f"{place}: the format is not one of nvx")
    if int(match[1]) > NUMBER:
        raise NewerFormat(
            f"{place}: written by a newer nvx, as {match[0]}; this one reads up to {NUMBER}"
        )


def _plain(value: object) -> object:
    """What orjson does not know, in terms of what it does."""
    if isinstance(value, Address):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON")


def _floats(value: object) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, str | Address | orjson.Fragment):
        return
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _floats(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _floats(inner)
    elif is_dataclass(value):
        yield from _floats([getattr(value, field.name) for field in fields(value)])
