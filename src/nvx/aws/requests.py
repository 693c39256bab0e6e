"""What a service would refuse in a request: the limits that botocore does not check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nvx.aws.patterns import fits

_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "structure": lambda value: isinstance(value, Mapping),
    "map": lambda value: isinstance(value, Mapping),
    "list": lambda value: isinstance(value, Sequence) and not isinstance(value, str | bytes),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _is_number(value) and not isinstance(value, float),
    "long": lambda value: _is_number(value) and not isinstance(value, float),
    "float": lambda value: _is_number(value),
    "double": lambda value: _is_number(value),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One value that breaks a rule of the service model.

    `doubtful`: the model lists the values that it knows, and services learn new ones first.
    """

    path: str
    text: str
    doubtful: bool = False

    def __str__(self) -> str:
        return f"{self.path} {self.text}"


def problems_of(model: Any, operation: str, params: Mapping[str, Any]) -> list[str]:
    """Every maximum, minimum and pattern that the request breaks. `model`: a botocore ServiceModel."""
    return [str(p) for p in findings(model, operation, params) if not p.doubtful]


def doubts_of(model: Any, operation: str, params: Mapping[str, Any]) -> list[str]:
    """Values that the model does not list where it lists values."""
    return [str(p) for p in findings(model, operation, params) if p.doubtful]


def findings(model: Any, operation: str, params: Mapping[str, Any]) -> Iterator[Problem]:
    """Everything the model has to say against a request, in the order of its members."""
    shape = model.operation_model(operation).input_shape
    if shape is None:
        yield from (Problem(name, "is not a member") for name in params)
        return
    yield from _walk(shape, params, "")


def _walk(shape: Any, value: Any, path: str) -> Iterator[Problem]:
    fits_type = _TYPES.get(shape.type_name)
    if fits_type is not None and not fits_type(value):
        yield Problem(path, f"is a {type(value).__name__} and has to be a {shape.type_name}")
        return
    match shape.type_name:
        case "structure":
            yield from _structure(shape, value, path)
        case "list":
            yield from _size(shape, len(value), path, "items")
            for index, inner in enumerate(value):
                yield from _walk(shape.member, inner, f"{path}[{index}]")
        case "map":
            yield from _map(shape, value, path)
        case "string":
            yield from _string(shape, value, path)
        case "integer" | "long" | "float" | "double":
            yield from _size(shape, value, path, "")
        case _:  # a blob, a boolean or a timestamp has no limits here
            pass


def _structure(shape: Any, value: Mapping[str, Any], path: str) -> Iterator[Problem]:
    if shape.metadata.get("document"):
        return
    prefix = f"{path}." if path else ""
    for name in shape.required_members:
        if name not in value:
            yield Problem(prefix + name, "is missing")
    for name, inner in value.items():
        if name not in shape.members:
            yield Problem(prefix + name, "is not a member")
        else:
            yield from _walk(shape.members[name], inner, prefix + name)


def _map(shape: Any, value: Mapping[str, Any], path: str) -> Iterator[Problem]:
    yield from _size(shape, len(value), path, "entries")
    for key, inner in value.items():
        yield from _walk(shape.key, key, f"{path} key {key!r}")
        yield from _walk(shape.value, inner, f"{path}.{key}")


def _string(shape: Any, value: str, path: str) -> Iterator[Problem]:
    limits = tuple(_size(shape, len(value), path, "characters"))
    yield from limits
    known = shape.metadata.get("enum")
    if known and value not in known:
        yield Problem(path, f"is {value!r}; the service model lists {', '.join(known)}", True)
    pattern = shape.metadata.get("pattern")
    # A text beyond its maximum is refused anyway, and matching is slowest on long texts.
    if pattern and not limits and not fits(pattern, value):
        yield Problem(path, f"is {value!r}, which does not match {pattern}")


def _size(shape: Any, size: float, path: str, unit: str) -> Iterator[Problem]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    what = f"has {size} {unit}" if unit else f"is {size}"
    if most is not None and size > most:
        yield Problem(path, f"{what}; the maximum is {most}")
    if least is not None and size < least:
        yield Problem(path, f"{what}; the minimum is {least}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
