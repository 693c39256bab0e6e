"""Single values in text: numbers, booleans, timestamps, bytes."""

from __future__ import annotations

import base64
import binascii
import calendar
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import formatdate, parsedate_to_datetime

from botocore.model import Shape

from nvx.local.context import AwsError

ISO = "iso8601"
EPOCH = "unixtimestamp"
HTTP_DATE = "rfc822"
_START = datetime(1970, 1, 1, tzinfo=UTC)

INTEGERS = ("integer", "long", "short", "byte", "biginteger")
FLOATS = ("float", "double", "bigdecimal")

Scalar = str | int | float | bool | bytes | datetime


def malformed(shape: Shape, value: object) -> AwsError:
    """The refusal of a value that is not of its shape's type."""
    kind = type(value).__name__
    return AwsError(
        "SerializationException", f"A value of type {kind} cannot be read as {shape.type_name}."
    )


def from_text(shape: Shape, text: str, timestamp_format: str) -> Scalar:
    """The value of a scalar shape that stands in a path, query, header, form or XML element."""
    reader = _READERS.get(shape.type_name)
    try:
        if shape.type_name == "timestamp":
            return read_time(text, shape.serialization.get("timestampFormat", timestamp_format))
        return reader(text) if reader else text
    except (ValueError, OverflowError, binascii.Error) as error:
        raise malformed(shape, text) from error


def to_text(shape: Shape, value: object, timestamp_format: str) -> str:
    """A scalar value as text."""
    if shape.type_name == "timestamp":
        return str(
            write_time(value, shape.serialization.get("timestampFormat", timestamp_format))
        )
    if shape.type_name == "boolean":
        return "true" if value else "false"
    if shape.type_name == "blob":
        return write_bytes(value)
    if isinstance(value, float):
        return str(write_float(value))
    return str(value)


def read_time(value: object, timestamp_format: str) -> datetime:
    """A timestamp of any of the three formats; the stated one decides where it matters."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return from_epoch(value)
    text = str(value)
    if timestamp_format.lower() == HTTP_DATE:
        try:
            return parsedate_to_datetime(text).astimezone(UTC)
        except (TypeError, ValueError):
            pass
    try:
        return from_epoch(float(text))
    except ValueError:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def from_epoch(seconds: float) -> datetime:
    """The moment so many seconds after 1970."""
    return _START + timedelta(microseconds=round(seconds * 1_000_000))


def write_time(value: object, timestamp_format: str) -> str | int | float:
    """A timestamp in one of the three formats."""
    moment = value if isinstance(value, datetime) else read_time(value, ISO)
    moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    seconds = calendar.timegm(moment.timetuple())
    match timestamp_format.lower():
        case "rfc822":
            return formatdate(seconds, usegmt=True)
        case "unixtimestamp":
            exact = (seconds * 1_000_000 + moment.microsecond) / 1_000_000
            return exact if moment.microsecond else seconds
        case _:
            text = moment.strftime("%Y-%m-%dT%H:%M:%S")
            return f"{text}.{moment.microsecond:06d}Z" if moment.microsecond else f"{text}Z"


def write_bytes(value: object) -> str:
    """Bytes (or text, as UTF-8) in base64."""
    data = value.encode() if isinstance(value, str) else value
    if not isinstance(data, bytes | bytearray):
        raise TypeError(f"a blob cannot hold {type(value).__name__}")
    return base64.b64encode(data).decode("ascii")


def write_float(value: float) -> float | str:
    """A float; those that JSON and XML have no number for, by name."""
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def read_boolean(text: str) -> bool:
    """The truth that a text states."""
    lowered = text.strip().lower()
    if lowered not in ("true", "false", "1", "0"):
        raise ValueError(text)
    return lowered in ("true", "1")


def read_bytes(text: str) -> bytes:
    """The bytes of a base64 text."""
    return base64.b64decode(text, validate=True)


_READERS: dict[str, Callable[[str], Scalar]] = {
    "boolean": read_boolean,
    "blob": read_bytes,
    **dict.fromkeys(INTEGERS, int),
    **dict.fromkeys(FLOATS, float),
}
