"""Values of fields: JSON, references to other resources, and canonical JSON (RFC 8785)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from nvx.core.address import Address

Scalar: TypeAlias = "bool | int | float | str | None"
JsonValue: TypeAlias = "Scalar | Sequence[JsonValue] | Mapping[str, JsonValue]"
Value: TypeAlias = "Scalar | Reference | Template | Sequence[Value] | Mapping[str, Value]"

_EXACT = 2**53


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """`${kind.name}` or `${kind.name.output}`. Without an output, the field picks the one it needs."""

    target: Address
    output: str = ""

    def __str__(self) -> str:
        dot = f".{self.output}" if self.output else ""
        return f"${{{self.target}{dot}}}"


@dataclass(frozen=True, slots=True)
class Template:
    """Text with references in it."""

    parts: tuple[str | Reference, ...]

    def __str__(self) -> str:
        return "".join(str(part) for part in self.parts)


class Unknown:
    """A value that exists only after apply."""

    def __repr__(self) -> str:
        return "(known after apply)"


UNKNOWN = Unknown()


def references(value: object) -> Iterator[Reference]:
    """Every reference inside a value, in the order of the text."""
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, Template):
        yield from (part for part in value.parts if isinstance(part, Reference))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for inner in value:
            yield from references(inner)


def replaced(value: Value, look_up: Callable[[Reference], JsonValue]) -> JsonValue:
    """The value with each reference replaced by what `look_up` gives; templates become text."""
    if isinstance(value, Reference):
        return look_up(value)
    if isinstance(value, Template):
        return "".join(p if isinstance(p, str) else str(look_up(p)) for p in value.parts)
    if isinstance(value, Mapping):
        return {key: replaced(inner, look_up) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [replaced(inner, look_up) for inner in value]
    return value


def normal(value: JsonValue) -> JsonValue:
    """The value with integral floats as integers and tuples as lists: `2.0` is `2`."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    if isinstance(value, Mapping):
        return {key: normal(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [normal(inner) for inner in value]
    return value


def canonical(value: JsonValue) -> str:
    """Canonical JSON, RFC 8785: sorted keys, no spaces, numbers as ECMAScript writes them.

    Raises ValueError for NaN and infinities, which JSON does not have. Integers beyond 2**53 are
    written in full: TOML has 64 bits, and rounding them would make two wishes equal.
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        items = sorted(
            value.items(), key=lambda item: item[0].encode("utf-16-be", "surrogatepass")
        )
        return "{" + ",".join(f"{_string(k)}:{canonical(v)}" for k, v in items) + "}"
    return "[" + ",".join(canonical(inner) for inner in value) + "]"


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _number(number: float) -> str:
    """A finite float as ECMAScript's Number::toString writes it: the shortest digits that read back."""
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError("JSON has no NaN and no infinity")
    if number == 0:
        return "0"
    if number < 0:
        return "-" + _number(-number)
    mantissa, _, exponent = f"{number!r}e0".partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent.split("e")[0]) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0") or "0"
    return _placed(digits, point)


def _placed(digits: str, point: int) -> str:
    """Digits with the decimal point after the first `point` of them."""
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    sign = "+" if point > 0 else "-"
    tail = f".{digits[1:]}" if count > 1 else ""
    return f"{digits[0]}{tail}e{sign}{abs(point - 1)}"
