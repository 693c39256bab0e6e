"""The walk over a message with its shape: what the model says it must be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.model import OperationModel, Shape

from nvx.local.context import AwsError, Params
from nvx.local.patterns import matches
from nvx.local.quirks import is_waived, refusal_code
from nvx.local.wire.scalars import FLOATS, INTEGERS

_SHOWN = 1024
_SIZED = ("string", "list", "map", "blob")


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule: where, by which value (None is null), and the rule in AWS's words."""

    path: str
    value: Any
    rule: str

    def __str__(self) -> str:
        shown = "null" if self.value is None else f"'{_shown(self.value)}'"
        return f"Value {shown} at '{self.path}' failed to satisfy constraint: {self.rule}"


def check_request(service: str, operation: OperationModel, params: Params) -> None:
    """Refuse a request that breaks its model: AwsError with all findings, in AWS's words."""
    shape = operation.input_shape
    findings = list(request_findings(service, shape, params)) if shape is not None else []
    if findings:
        noun = "error" if len(findings) == 1 else "errors"
        told = "; ".join(str(finding) for finding in findings)
        text = f"{len(findings)} validation {noun} detected: {told}"
        raise AwsError(refusal_code(service), text)


def request_findings(
    service: str,
    shape: Shape,
    value: Any,
    path: str = "",
) -> Iterator[Finding]:
    """Every rule of the model that a value in a request breaks."""
    if value is None:
        yield Finding(path, None, "Member must not be null")
        return
    yield from _own_rules(service, shape, value, path)
    match shape.type_name:
        case "structure" if not shape.is_document_type:
            yield from _in_structure(service, shape, value, path)
        case "list":
            for number, item in enumerate(value, 1):
                yield from request_findings(
                    service, shape.member, item, f"{path}.{number}.member"
                )
        case "map":
            yield from _in_map(service, shape, value, path)
        case _:
            pass


def reply_findings(
    service: str,
    shape: Shape,
    value: Any,
    path: str = "reply",
) -> Iterator[str]:
    """What is wrong with a reply of ours: unknown or missing members, wrong types and enums."""
    if not _is_of_type(shape, value):
        yield f"{path}: {type(value).__name__} is no {shape.type_name}"
        return
    match shape.type_name:
        case "structure" if not shape.is_document_type:
            yield from _reply_structure(service, shape, value, path)
        case "list":
            for number, item in enumerate(value):
                yield from reply_findings(service, shape.member, item, f"{path}[{number}]")
        case "map":
            for key, item in value.items():
                yield from reply_findings(service, shape.value, item, f"{path}.{key}")
        case "string" if _breaks_enum(service, shape, value):
            yield f"{path}: {value!r} is not in the enum of {shape.name}"
        case _:
            pass


def _own_rules(service: str, shape: Shape, value: Any, path: str) -> Iterator[Finding]:
    for rule in (*_size_rules(shape, value), *_text_rules(service, shape, value)):
        yield Finding(path, value, rule)


def _size_rules(shape: Shape, value: Any) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.type_name in _SIZED and hasattr(value, "__len__"):
        size, noun = len(value), "length"
    elif shape.type_name in (*INTEGERS, *FLOATS):
        size, noun = value, "value"
    else:
        return
    if low is not None and size < low:
        yield f"Member must have {noun} greater than or equal to {low}"
    if high is not None and size > high:
        yield f"Member must have {noun} less than or equal to {high}"


def _text_rules(service: str, shape: Shape, value: Any) -> Iterator[str]:
    if shape.type_name != "string" or not isinstance(value, str):
        return
    if _breaks_enum(service, shape, value):
        yield f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
    pattern, high = shape.metadata.get("pattern"), shape.metadata.get("max")
    if not pattern or is_waived(service, shape.name, "pattern"):
        return
    # A text that is too long is refused for that; matching it as well might take long.
    if (high is None or len(value) <= high) and not matches(pattern, value):
        yield f"Member must satisfy regular expression pattern: {pattern}"


def _breaks_enum(service: str, shape: Shape, value: str) -> bool:
    return bool(
        shape.enum and value not in shape.enum and not is_waived(service, shape.name, "enum")
    )


def _in_structure(
    service: str, shape: Shape, value: Mapping[str, Any], path: str
) -> Iterator[Finding]:
    prefix = f"{path}." if path else ""
    given = [name for name in shape.members if value.get(name) is not None]
    if shape.is_tagged_union and len(given) != 1:
        yield Finding(path, sorted(given), "Member must have exactly one of its members set")
    for name, member in shape.members.items():
        if name in given:
            yield from request_findings(service, member, value[name], prefix + _lowered(name))
        elif name in shape.required_members:
            yield Finding(prefix + _lowered(name), None, "Member must not be null")


def _in_map(
    service: str, shape: Shape, value: Mapping[str, Any], path: str
) -> Iterator[Finding]:
    for key, item in value.items():
        key_rules = [*_size_rules(shape.key, key), *_text_rules(service, shape.key, key)]
        if key_rules:
            rule = f"Map keys must satisfy constraint: [{', '.join(key_rules)}]"
            yield Finding(path, value, rule)
        yield from request_findings(service, shape.value, item, f"{path}.{key}.member")


def _reply_structure(
    service: str, shape: Shape, value: Mapping[str, Any], path: str
) -> Iterator[str]:
    for name in value:
        if name not in shape.members:
            yield f"{path}.{name}: not a member of {shape.name}"
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from reply_findings(service, member, value[name], f"{path}.{name}")
        elif name in shape.required_members:
            yield f"{path}.{name}: required by {shape.name}, but absent"


def _is_of_type(shape: Shape, value: Any) -> bool:
    match shape.type_name:
        case "structure":
            return shape.is_document_type or isinstance(value, Mapping)
        case "map":
            return isinstance(value, Mapping)
        case "list":
            return isinstance(value, list | tuple)
        case "boolean":
            return isinstance(value, bool)
        case "timestamp":
            return isinstance(value, datetime)
        case "string":
            return isinstance(value, str)
        case "blob":
            return not isinstance(value, int | float | Mapping)
        case _:
            return isinstance(value, int | float) and not isinstance(value, bool)


def _lowered(name: str) -> str:
    return name[:1].lower() + name[1:]


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, list):
        text = f"[{', '.join(_shown(item) for item in value)}]"
    elif isinstance(value, Mapping):
        pairs = ", ".join(f"{key}={_shown(item)}" for key, item in value.items())
        text = f"{{{pairs}}}"
    else:
        text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
