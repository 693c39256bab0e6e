"""Values of fields: JSON, references to other resources, and canonical JSON (RFC 8785)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import TypeAlias

from nvx.core.address import Address

Scalar: TypeAlias = "bool | int | float | str | None"
JsonValue: TypeAlias = "Scalar | Sequence[JsonValue] | Mapping[str, JsonValue]"
Value: TypeAlias = "Scalar | Reference | Template | Sequence[Value] | Mapping[str, Value]"

_EXACT = 2**53
_SCALARS = frozenset({str, int, float, bool, type(None)})
"""What most values are. Asked first: to ask whether something is a mapping is slow."""
_WORDS: Mapping[bool | None, str] = {None: "null", True: "true", False: "false"}


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
    found: list[Reference] = []
    _collect(value, found)
    return iter(found)


def _collect(value: object, found: list[Reference]) -> None:
    if type(value) in _SCALARS:
        return
    if isinstance(value, Reference):
        found.append(value)
    elif isinstance(value, Template):
        found += [part for part in value.parts if isinstance(part, Reference)]
    elif isinstance(value, Mapping):
        for inner in value.values():
            _collect(inner, found)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for inner in value:
            _collect(inner, found)


def replaced(value: Value, look_up: Callable[[Reference], JsonValue]) -> JsonValue:
    """The value with each reference replaced by what `look_up` gives; templates become text."""
    if type(value) in _SCALARS:
        return value  # type: ignore[return-value]  # a scalar is JSON
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
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if type(value) in _SCALARS:
        return value
    if isinstance(value, Mapping):
        return {key: normal(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [normal(inner) for inner in value]
    return value


def canonical(value: JsonValue) -> str:
    """Canonical JSON, RFC 8785: sorted keys, no spaces, numbers as ECMAScript writes them.

    An integral float is an integer there: `2.0` is written `2`. Raises ValueError for NaN and
    infinities, which JSON does not have. Integers beyond 2**53 are written in full: TOML has 64
    bits, and rounding them would make two wishes equal.
    """
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        members = [
            f"{encode_basestring(key)}:{canonical(value[key])}" for key in _sorted(value)
        ]
        return "{" + ",".join(members) + "}"
    return "[" + ",".join([canonical(inner) for inner in value]) + "]"


def _sorted(keys: Iterable[str]) -> Sequence[str]:
    """Keys by their UTF-16 code units, which differ from code points only outside ASCII."""
    if all(map(str.isascii, keys)):
        return sorted(keys)
    return sorted(keys, key=lambda key: key.encode("utf-16-be", "surrogatepass"))


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
