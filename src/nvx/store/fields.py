"""Dataclasses out of JSON: every field there, none besides, each of its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

from nvx.core.address import Address
from nvx.core.resource import Nature
from nvx.core.state import Intent, Record, Status

T = TypeVar("T")


def read(cls: type[T], value: object) -> T:
    """An instance of a dataclass. Raises ValueError saying the field."""
    readers: Mapping[str, Callable[[object], Any]] = _readers_of(cls)  # type: ignore[arg-type]  # classes do hash
    if not isinstance(value, dict) or value.keys() != readers.keys():
        raise ValueError(f"it is no {cls.__name__.lower()}")
    try:
        return cls(**{name: reader(value[name]) for name, reader in readers.items()})
    except ValueError:
        _name_the_field(value, readers)
        raise


def read_all(cls: type[T], value: object, name: str) -> list[T]:
    """Instances of a dataclass, from a named list. Raises ValueError saying which and the field."""
    if not isinstance(value, list):
        raise ValueError(f"{name}: it is no list")  # noqa: TRY004  one error for bad content
    found = []
    for number, item in enumerate(value, 1):
        try:
            found.append(read(cls, item))
        except ValueError as problem:
            raise ValueError(f"{name}, number {number}: {problem}") from problem
    return found


def _name_the_field(
    value: Mapping[str, object], readers: Mapping[str, Callable[[object], Any]]
) -> None:
    """Raise again what a field is wrong with, saying which: apart, as good fields are many."""
    for name, reader in readers.items():
        try:
            reader(value[name])
        except ValueError as problem:
            raise ValueError(f"{name}: {problem}") from problem


def text(value: object) -> str:
    """A string."""
    if type(value) is str:
        return value
    raise ValueError("it is no text")


def whole(value: object) -> int:
    """An integer; a boolean is none."""
    if type(value) is int:
        return value
    raise ValueError("it is no integer")


def numbers(value: object) -> dict[str, int]:
    """A mapping of names to integers."""
    return {name: whole(inner) for name, inner in _object(value).items()}


def _flag(value: object) -> bool:
    if type(value) is bool:
        return value
    raise ValueError("it is neither true nor false")


def _object(value: object) -> dict[str, object]:
    if type(value) is dict:
        return value
    raise ValueError("it is no object")


def _texts(value: object) -> dict[str, str]:
    return {name: text(inner) for name, inner in _object(value).items()}


def _names(value: object) -> tuple[str, ...]:
    if type(value) is list:
        return tuple([text(inner) for inner in value])
    raise ValueError("it is no list")


@cache
def _readers_of(cls: type) -> Mapping[str, Callable[[object], Any]]:
    """The reader of each field, by its annotation: the dataclass is the schema."""
    return {field.name: _READERS[str(field.type)] for field in fields(cls)}


_READERS: Mapping[str, Callable[[object], Any]] = {
    "str": text,
    "int": whole,
    "bool": _flag,
    "Address": lambda value: Address.parse(text(value)),
    "Nature": lambda value: Nature(text(value)),
    "Status": lambda value: Status(text(value)),
    "Record": lambda value: read(Record, value),
    "Intent": lambda value: read(Intent, value),
    "Mapping[str, JsonValue]": _object,
    "Mapping[str, str]": _texts,
    "tuple[str, ...]": _names,
}
