"""Random values of a botocore shape, for round trips through the wire."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.model import Shape

_PLAIN = "abcdefghijklmnopqrstuvwxyz0123456789-"
_TRICKY = "aZ09 -_.:/+=&%#?@\"'<>,;~\\()[]{}\r\n\tüß€日本𝄞"
_LABEL = "aZ09 -_.:/+=&%#?@,;~()ü日"
_HEADER = "aZ09-_.:/+=&%#?@;~()"
_START = datetime(2001, 9, 9, tzinfo=UTC)
_MAX_DEPTH = 6


class ShapeValues:
    """Draws values that every protocol can carry, by where on the wire a member stands."""

    def __init__(self, seed: str, *, without: str = "", whole_seconds: bool = False) -> None:
        self._random = random.Random(seed)  # noqa: S311  repeatable
        self._whole_seconds = whole_seconds
        self._tricky = "".join(letter for letter in _TRICKY if letter not in without)

    def structure(self, shape: Shape | None, depth: int = 0) -> dict[str, Any]:
        if shape is None:
            return {}
        payload = shape.serialization.get("payload")
        if shape.is_tagged_union:
            names = [self._random.choice(list(shape.members))]
        else:
            names = [
                name
                for name in shape.members
                if name == payload or name in shape.required_members or self._wanted(depth)
            ]
        return {name: self._member(shape.members[name], depth) for name in names}

    def _wanted(self, depth: int) -> bool:
        return self._random.random() < (0.7, 0.5, 0.3, 0.2, 0.1, 0.05)[min(depth, 5)]

    def _member(self, shape: Shape, depth: int) -> Any:
        match shape.serialization.get("location"):
            case "uri":
                return self._outside(shape, _LABEL)
            case "header" | "headers":
                host = shape.serialization.get("hostLabel")
                return self._outside(shape, _PLAIN if host else _HEADER)
            case "querystring":
                return self._outside(shape, self._tricky)
            case "statusCode":
                return self._random.choice((200, 201, 202))
            case _:
                return self.value(shape, depth + 1)

    def _outside(self, shape: Shape, letters: str) -> Any:
        match shape.type_name:
            case "string":
                return self._text(shape, letters)
            case "list":
                return [self._outside(shape.member, letters) for _ in range(2)]
            case "map":
                keys = [self._text(shape.key, _PLAIN) for _ in range(2)]
                return {key: self._outside(shape.value, letters) for key in keys}
            case _:
                return self.value(shape, 1, whole_seconds=True)

    def value(self, shape: Shape, depth: int, *, whole_seconds: bool = False) -> Any:
        match shape.type_name:
            case "structure":
                return (
                    {"a": [1, "b", None, {}]}
                    if shape.is_document_type
                    else self.structure(shape, depth)
                )
            case "list":
                return [self.value(shape.member, depth + 1) for _ in range(self._size(depth))]
            case "map":
                keys = [self._text(shape.key, self._tricky) for _ in range(self._size(depth))]
                return {key: self.value(shape.value, depth + 1) for key in keys}
            case "string":
                return self._text(shape, self._tricky)
            case _:
                return self._scalar(shape, whole_seconds=whole_seconds)

    def _scalar(self, shape: Shape, *, whole_seconds: bool) -> Any:
        match shape.type_name:
            case "boolean":
                return self._random.random() < 0.5
            case "timestamp":
                whole = whole_seconds or self._whole_seconds
                whole = whole or shape.serialization.get("timestampFormat") == "rfc822"
                micros = 0 if whole else self._random.choice((0, 1000, 999_999))
                seconds = self._random.randrange(1_000_000_000)
                return _START + timedelta(seconds=seconds, microseconds=micros)
            case "blob":
                return self._random.randbytes(self._random.randrange(1, 40))
            case "float" | "double":
                return self._random.randrange(-1000, 1000) / 8
            case "integer":
                return self._random.choice((0, 1, -1, 23, 24, 255, 256, 65536, 2**31 - 1))
            case "long":
                return self._random.choice((0, -25, 2**32, 2**53))
            case other:
                raise AssertionError(other)

    def _size(self, depth: int) -> int:
        return 0 if depth > _MAX_DEPTH else self._random.randrange(3)

    def _text(self, shape: Shape, letters: str) -> str:
        if shape.enum:
            return str(self._random.choice(shape.enum))
        drawn = "".join(self._random.choices(letters, k=self._random.randrange(1, 9)))
        return f"x{drawn}x"


def pruned(value: Any) -> Any:
    """A value without empty members: XML, forms and headers cannot tell those from absent."""
    if isinstance(value, dict):
        kept = {key: pruned(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in ({}, [], None)}
    if isinstance(value, list):
        return [item for item in map(pruned, value) if item not in ({}, [], None)]
    return value
