"""What a pydantic model says about the field at a key path: its names, the references it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

from nvx.config.scan import KeyPath
from nvx.core.resource import RefTo
from nvx.core.values import Reference


class _Stop(NamedTuple):
    """One annotation that a path goes through, and how many keys are left from there."""

    left: int
    annotation: object
    metadata: Sequence[object]


@lru_cache(maxsize=4096)
def reference_at(model: type[BaseModel], path: KeyPath) -> RefTo | None:
    """The references that the field at a path takes; the innermost mark counts. None: it takes none.

    A field that is typed to take references but has no mark takes any.
    """
    stops = list(_along(model, (), path))
    marks = [(s.left, m) for s in stops for m in s.metadata if isinstance(m, RefTo)]
    if marks:
        return min(marks, key=lambda found: found[0])[1]
    takes_any = any(s.annotation is Reference and not s.left for s in stops)
    return RefTo((), "") if takes_any else None


def field_names(model: type[BaseModel], path: KeyPath) -> frozenset[str]:
    """The fields that the table at a path takes; none where it is no table with fields."""
    return frozenset(
        str(name)
        for stop in _along(model, (), path)
        if not stop.left
        for name in _fields(stop.annotation)
    )


def _along(annotation: object, metadata: Sequence[object], path: KeyPath) -> Iterator[_Stop]:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *marks = get_args(annotation)
        yield from _along(inner, (*metadata, *marks), path)
    elif origin in (Union, UnionType):
        for member in get_args(annotation):
            yield from _along(member, metadata, path)
    else:
        yield _Stop(len(path), annotation, metadata)
        if path:
            yield from _inside(annotation, path)


def _inside(annotation: object, path: KeyPath) -> Iterator[_Stop]:
    info = _fields(annotation).get(path[0])
    if info is not None:
        yield from _along(info.annotation, info.metadata, path[1:])
    for member in get_args(annotation):
        yield from _along(member, (), path[1:])


def _fields(annotation: object) -> Mapping[str | int, Any]:
    """The fields of a model by the names that a stack gives them."""
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return {}
    return {info.alias or name: info for name, info in annotation.model_fields.items()}
