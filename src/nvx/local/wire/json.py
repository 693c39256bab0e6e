"""JSON trees (and those of CBOR, which are alike) by shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.model import Shape

from nvx.local.context import AwsError
from nvx.local.model import wire_name
from nvx.local.wire.scalars import (
    EPOCH,
    FLOATS,
    INTEGERS,
    malformed,
    read_bytes,
    read_time,
    write_bytes,
    write_float,
    write_time,
)

Tree = Any
"""What json.loads gives: mappings, lists, texts, numbers, booleans, None."""


def loads(data: bytes) -> Tree:
    """The tree of a JSON body; an empty body is an empty object."""
    if not data.strip():
        return {}
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise AwsError("SerializationException", "The body is not JSON.") from error


def read(shape: Shape, tree: Tree) -> Any:
    """The Python value of a tree: unknown members and nulls dropped, wrong types refused."""
    if shape.type_name == "structure":
        return tree if shape.is_document_type else _read_structure(shape, tree)
    if shape.type_name == "list":
        return _read_list(shape, tree)
    if shape.type_name == "map":
        return _read_map(shape, tree)
    try:
        reader: Callable[[Shape, Tree], Any] = _SCALARS.get(shape.type_name, _read_string)
        return reader(shape, tree)
    except (TypeError, ValueError, OverflowError) as error:
        raise malformed(shape, tree) from error


def write(shape: Shape, value: Any, *, native: bool = False) -> Tree:
    """The tree of a Python value; `native` keeps bytes and datetimes, as CBOR has them."""
    match shape.type_name:
        case "structure":
            return _write_structure(shape, value, native)
        case "list":
            return [
                None if item is None else write(shape.member, item, native=native)
                for item in value
            ]
        case "map":
            return {
                str(key): write(shape.value, item, native=native)
                for key, item in value.items()
                if item is not None
            }
        case "timestamp" if not native:
            return write_time(value, shape.serialization.get("timestampFormat", EPOCH))
        case "blob":
            return (
                value if native and not isinstance(value, str) else _write_blob(value, native)
            )
        case kind if kind in FLOATS and not native:
            return write_float(float(value))
        case _:
            return value


def _write_structure(shape: Shape, value: Any, native: bool) -> Tree:
    if shape.is_document_type:
        return value
    return {
        wire_name(member, name): write(member, value[name], native=native)
        for name, member in shape.members.items()
        if value.get(name) is not None
    }


def _write_blob(value: Any, native: bool) -> str | bytes:
    return value.encode() if native else write_bytes(value)


def _read_structure(shape: Shape, tree: Tree) -> dict[str, Any]:
    if not isinstance(tree, Mapping):
        raise malformed(shape, tree)
    found = {}
    for name, member in shape.members.items():
        value = tree.get(wire_name(member, name))
        if value is not None:
            found[name] = read(member, value)
    return found


def _read_list(shape: Shape, tree: Tree) -> list[Any]:
    if not isinstance(tree, list):
        raise malformed(shape, tree)
    return [None if item is None else read(shape.member, item) for item in tree]


def _read_map(shape: Shape, tree: Tree) -> dict[str, Any]:
    if not isinstance(tree, Mapping):
        raise malformed(shape, tree)
    return {str(key): read(shape.value, item) for key, item in tree.items() if item is not None}


def _read_string(shape: Shape, tree: Tree) -> str:
    if not isinstance(tree, str):
        raise malformed(shape, tree)
    return tree


def _read_boolean(shape: Shape, tree: Tree) -> bool:
    if not isinstance(tree, bool):
        raise malformed(shape, tree)
    return tree


def _read_integer(shape: Shape, tree: Tree) -> int:
    if isinstance(tree, bool) or not isinstance(tree, int | float) or tree != int(tree):
        raise malformed(shape, tree)
    return int(tree)


def _read_float(shape: Shape, tree: Tree) -> float:
    if isinstance(tree, bool) or (
        isinstance(tree, str) and tree not in ("NaN", "Infinity", "-Infinity")
    ):
        raise malformed(shape, tree)
    return float(tree)


def _read_blob(_shape: Shape, tree: Tree) -> bytes:
    return tree if isinstance(tree, bytes) else read_bytes(tree)


def _read_timestamp(shape: Shape, tree: Tree) -> Any:
    if isinstance(tree, bool | list | dict):
        raise malformed(shape, tree)
    return read_time(tree, shape.serialization.get("timestampFormat", EPOCH))


_SCALARS: dict[str, Callable[[Shape, Tree], Any]] = {
    "boolean": _read_boolean,
    "blob": _read_blob,
    "timestamp": _read_timestamp,
    **dict.fromkeys(INTEGERS, _read_integer),
    **dict.fromkeys(FLOATS, _read_float),
}
