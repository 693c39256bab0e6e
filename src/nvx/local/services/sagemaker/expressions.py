"""The expressions of a pipeline definition: Get, Std:Join, Std:JsonGet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_PART = re.compile(r"\.?([^.\[\]]+)|\[(?:'([^']*)'|(\d+))\]")


class ExpressionError(Exception):
    """An expression that has no value."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where expressions find their values."""

    parameters: Mapping[str, Any]
    execution: Mapping[str, Any]
    step: Callable[[str], Mapping[str, Any]]
    """The properties of a finished step, by its name."""
    read: Callable[[str], Any]
    """The JSON in an S3 object, by its URI."""


def resolve(value: Any, scope: Scope) -> Any:
    """The value with every expression in it replaced; ExpressionError where one has no value."""
    if isinstance(value, list):
        return [resolve(item, scope) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        name, argument = next(iter(value.items()))
        evaluate = _FUNCTIONS.get(name)
        if evaluate is not None:
            return evaluate(argument, scope)
    return {key: resolve(item, scope) for key, item in value.items()}


def references(value: Any) -> Iterator[str]:
    """Every path that a Get in the value asks for."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        if len(value) == 1 and isinstance(value.get("Get"), str):
            yield value["Get"]
        else:
            for item in value.values():
                yield from references(item)


def _get(path: Any, scope: Scope) -> Any:
    if not isinstance(path, str):
        raise ExpressionError("Get needs a path.")
    root, _, rest = path.partition(".")
    if root == "Parameters":
        return _member(scope.parameters, rest, path)
    if root == "Execution":
        return _member(scope.execution, rest, path)
    if root == "Steps":
        name, _, inner = rest.partition(".")
        return _walk(scope.step(name), inner, path)
    raise ExpressionError(f"Get {path}: must begin with Parameters, Execution or Steps.")


def _join(argument: Any, scope: Scope) -> str:
    if not isinstance(argument, dict) or not isinstance(argument.get("Values"), list):
        raise ExpressionError("Std:Join needs On and Values.")
    return str(argument.get("On", "")).join(
        str(resolve(item, scope)) for item in argument["Values"]
    )


def _json_get(argument: Any, scope: Scope) -> Any:
    uri = resolve(argument.get("S3Uri"), scope) if isinstance(argument, dict) else None
    if not isinstance(uri, str):
        raise ExpressionError("Std:JsonGet is supported with S3Uri and Path only.")
    return _walk(scope.read(uri), str(argument.get("Path", "")), uri)


def _member(values: Mapping[str, Any], name: str, path: str) -> Any:
    if name not in values:
        raise ExpressionError(f"Get {path}: there is no such value.")
    return values[name]


def _walk(value: Any, path: str, whole: str) -> Any:
    for match in _PART.finditer(path):
        name, quoted, index = match.groups()
        try:
            value = value[int(index)] if index is not None else value[name or quoted]
        except (KeyError, IndexError, TypeError) as error:
            raise ExpressionError(f"Get {whole}: there is no such value.") from error
    return value


_FUNCTIONS: Mapping[str, Callable[[Any, Scope], Any]] = {
    "Get": _get,
    "Std:Join": _join,
    "Std:JsonGet": _json_get,
}
