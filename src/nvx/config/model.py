"""pydantic models checked, their errors said in nvx's words and joined with places."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from nvx.config.annotations import field_names
from nvx.config.scan import KeyPath
from nvx.config.subject import Subject, dotted, either, kind_of, shown, with_nearest
from nvx.core.diagnostics import Diagnostic, error, nearest
from nvx.core.ports import in_one_line
from nvx.core.values import UNKNOWN, Reference, Template

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

ModelT = TypeVar("ModelT", bound=BaseModel)

_TYPES: Mapping[str, str] = {
    "string_type": "text",
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "sequence_type": "a list",
    "iterable_type": "a list",
    "dict_type": "a table",
    "mapping_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dataclass_type": "a table",
}
_REFERENCE = ("is_instance_of", "dataclass_exact_type")
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than": ("gt", "it must be greater than {}"),
    "greater_than_equal": ("ge", "it must be at least {}"),
    "less_than": ("lt", "it must be less than {}"),
    "less_than_equal": ("le", "it must be at most {}"),
    "multiple_of": ("multiple_of", "it must be a multiple of {}"),
    "string_too_short": ("min_length", "it must have at least {} characters"),
    "string_too_long": ("max_length", "it must have at most {} characters"),
    "too_short": ("min_length", "it must have at least {} entries"),
    "too_long": ("max_length", "it must have at most {} entries"),
    "string_pattern_mismatch": ("pattern", "it must match {}"),
    "finite_number": ("", "it must be a finite number"),
}


def validated(
    model: type[ModelT], values: Mapping[str, Any], subject: Subject
) -> tuple[ModelT | None, list[Diagnostic]]:
    """The model's instance, or everything that is wrong with the values."""
    try:
        return model.model_validate(values), []
    except ValidationError as cause:
        return None, _problems(model, values, cause, subject)


def _problems(
    model: type[BaseModel], values: Mapping[str, Any], cause: ValidationError, subject: Subject
) -> list[Diagnostic]:
    grouped: dict[KeyPath, list[ErrorDetails]] = {}
    for found in cause.errors(include_url=False):
        if not _is_unknown(found["input"]):
            grouped.setdefault(_path_in(values, found), []).append(found)
    return [
        _problem(model, path, errors, subject)
        for path, errors in grouped.items()
        if not _explained_below(path, errors, grouped)
    ]


def _is_unknown(value: object) -> bool:
    """Whether a value is, or holds, one that another diagnostic already explains."""
    if isinstance(value, Mapping):
        return False
    if isinstance(value, list | tuple):
        return any(inner is UNKNOWN for inner in value)
    return value is UNKNOWN


def _path_in(values: object, found: ErrorDetails) -> KeyPath:
    """The key path of an error: pydantic's `loc` without the names of union members."""
    path: KeyPath = ()
    *parents, last = found["loc"] or ("",)
    for part in parents:
        inside, inner = _member(values, part)
        if inside:
            path, values = (*path, part), inner
    if found["type"] == "missing" or _member(values, last)[0]:
        path = (*path, last)
    return path


def _member(values: object, part: str | int) -> tuple[bool, object]:
    if isinstance(values, Mapping) and part in values:
        return True, values[part]
    if isinstance(values, list | tuple) and isinstance(part, int) and part < len(values):
        return True, values[part]
    return False, None


def _explained_below(
    path: KeyPath, errors: Sequence[ErrorDetails], grouped: Mapping[KeyPath, object]
) -> bool:
    """Whether errors only say that a table is no text, where another says what is wrong inside it."""
    if not all(e["type"] in _TYPES or e["type"] in _REFERENCE for e in errors):
        return False
    return any(len(other) > len(path) and other[: len(path)] == path for other in grouped)


def _problem(
    model: type[BaseModel], path: KeyPath, errors: Sequence[ErrorDetails], subject: Subject
) -> Diagnostic:
    first, name = errors[0], dotted(path)
    if first["type"] == "missing":
        return _missing(path, subject)
    if first["type"] == "extra_forbidden":
        return _extra(model, path, subject)
    if isinstance(first["input"], Reference | Template):
        return _reference_refused(path, first["input"], subject)
    kinds = [_TYPES[e["type"]] for e in errors if e["type"] in _TYPES]
    others = [e for e in errors if e["type"] not in (*_TYPES, *_REFERENCE)]
    if others:
        code, summary, rule = _rule(others[0])
        detail = f"{name} of {subject.title} is {shown(others[0]['input'])}; {rule}"
        return error(code, summary, detail, at=subject.at(path))
    if any(e["type"] in _REFERENCE for e in errors):
        kinds.append("a reference")
    return _wrong_type(path, first["input"], kinds, subject)


def _missing(path: KeyPath, subject: Subject) -> Diagnostic:
    return error(
        "missing_field",
        "Missing field",
        f"{subject.title} needs {dotted(path)}",
        at=subject.at(path[:-1]),
    )


def _extra(model: type[BaseModel], path: KeyPath, subject: Subject) -> Diagnostic:
    parent = f"{subject.title}.{dotted(path[:-1])}" if len(path) > 1 else subject.title
    allowed, word = field_names(model, path[:-1]), str(path[-1])
    is_near = bool(nearest(word, allowed))
    return error(
        "unknown_field",
        "Unknown field",
        with_nearest(f"{parent} has no field {shown(word)}", word, allowed),
        at=subject.at(path),
        hint="" if is_near or not allowed else f"it takes {in_one_line(sorted(allowed))}",
    )


def _reference_refused(
    path: KeyPath, value: Reference | Template, subject: Subject
) -> Diagnostic:
    return error(
        "reference_not_allowed",
        "Reference not allowed",
        f"{dotted(path)} of {subject.title} takes no reference, and {value} is one",
        at=subject.at(path),
    )


def _wrong_type(
    path: KeyPath, value: object, wanted: Sequence[str], subject: Subject
) -> Diagnostic:
    is_plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    given = f"{shown(value)}, {kind_of(value)}" if is_plain else shown(value)
    allowed = either(list(dict.fromkeys(wanted)) or ["another type"])
    quoted = "text" in wanted and isinstance(value, int) and not isinstance(value, bool)
    return error(
        "wrong_type",
        "Wrong type",
        f"{dotted(path)} of {subject.title} is {given}; it takes {allowed}",
        at=subject.at(path),
        hint=f'put it in quotes: "{value}"' if quoted else "",
    )


def _rule(found: ErrorDetails) -> tuple[str, str, str]:
    """Code, summary and the rule that a value breaks."""
    kind, context = found["type"], found.get("ctx", {})
    if kind in _BOUNDS:
        key, rule = _BOUNDS[kind]
        return "out_of_range", "Value out of range", rule.format(context.get(key, ""))
    if kind in ("literal_error", "enum"):
        words = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        rule = f"it takes {either([shown(word) for word in words])}"
        return (
            "not_allowed",
            "Value not allowed",
            with_nearest(rule, str(found["input"]), words),
        )
    if kind in ("value_error", "assertion_error"):
        return "invalid_value", "Invalid value", str(context.get("error", found["msg"]))
    return "invalid_value", "Invalid value", found["msg"][:1].lower() + found["msg"][1:]
