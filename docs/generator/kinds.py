"""The reference pages, out of the models of the kinds."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from generator.markdown import NOTE, either, table
from nvx.core.kind import KindSpec
from nvx.core.resource import Nature, RefTo, Role
from nvx.core.values import Reference, Template

_NATURES = {
    Nature.OBJECT: "object: updated in place, or replaced where AWS cannot update it",
    Nature.VERSIONED: "versioned: a change is a new version of one name; older versions stay",
    Nature.RUN: "run: paid for once; a change is a new run beside the old one",
}
_ROLES = {
    Role.BEHAVIOUR: "Behaviour: in the digest. A change makes {} and reruns what depends on it.",
    Role.CIRCUMSTANCE: "Circumstance: not in the digest. A change starts no run.",
    Role.MARK: "Marks: not in the digest. A change starts no run.",
    Role.POLICY: "Policy: nvx's own, never part of the digest.",
}
_MADE = {
    Nature.OBJECT: "another object",
    Nature.VERSIONED: "a new version",
    Nature.RUN: "another run",
}
_TYPES = {str: "text", int: "integer", float: "number", bool: "true or false"}
_UNITS = {str: " characters", list: " entries", dict: " entries"}
_BOUNDS = (("ge", "le"), ("min_length", "max_length"))


def page_of(spec: type[KindSpec]) -> str:
    """The file name of a kind variant's page."""
    return "-".join(filter(None, (spec.name, spec.variant))) + ".md"


def title_of(spec: type[KindSpec]) -> str:
    """`fine_tune · sft`."""
    return f"{spec.name} · {spec.variant}" if spec.variant else spec.name


def index_page(specs: Sequence[type[KindSpec]]) -> str:
    """The list of kinds."""
    rows = [
        (
            f"[{title_of(spec)}]({page_of(spec)})",
            spec.nature.value,
            "paid" if spec.paid else "free",
            summary_of(spec),
        )
        for spec in specs
    ]
    return "\n".join(
        [
            NOTE,
            "# Reference: every kind, every field\n",
            "What a nature is, and what each role of a field means, is in"
            " [how it works](../how-it-works.md).\n",
            *table(("kind", "nature", "", "what"), rows),
            "",
        ]
    )


def summary_of(spec: type[KindSpec]) -> str:
    """The first line of the kind's module."""
    first = (sys.modules[spec.__module__].__doc__ or "").strip().splitlines()[0]
    said = first.partition(": ")[2] or first
    return said[:1].upper() + said[1:]


def kind_page(spec: type[KindSpec]) -> str:
    """The page of one kind variant."""
    nature = f"Nature: {_NATURES[spec.nature]}. {'Paid.' if spec.paid else 'Free.'}"
    in_place = ", ".join(f"`{name}`" for name in sorted(spec.in_place))
    lines = [NOTE, f"# {title_of(spec)}\n", summary_of(spec) + "\n", nature]
    lines += [f"Updated in place where they change: {in_place}."] if in_place else []
    lines += ["", "```toml", spec.example.strip(), "```", "", "## Fields"]
    for role in Role:
        lines += _fields_of_role(spec, role)
    for name, inner in tables_in(spec.model):
        lines += ["", f"### The table `{name}`", "", *fields_table(inner.model_fields)]
    lines += ["", "## Outputs", ""]
    named = [(f"`{name}`", text) for name, text in spec.outputs.items()]
    lines += table(("output", "what"), named)
    return "\n".join([*lines, ""])


def _fields_of_role(spec: type[KindSpec], role: Role) -> list[str]:
    fields = {n: f for n, f in spec.model.model_fields.items() if role in f.metadata}
    if not fields:
        return []
    return ["", _ROLES[role].format(_MADE[spec.nature]), "", *fields_table(fields)]


def fields_table(fields: Mapping[str, FieldInfo]) -> list[str]:
    """A row a field, required ones first."""
    ordered = sorted(fields.items(), key=lambda item: not item[1].is_required())
    rows = [
        (f"`{info.alias or name}`", type_of(info), default_of(info), info.description or "")
        for name, info in ordered
    ]
    return table(("field", "type", "default", "what"), rows)


def tables_in(
    model: type[BaseModel], prefix: str = ""
) -> Iterator[tuple[str, type[BaseModel]]]:
    """The tables inside a block, by the name that they are written with."""
    for name, info in model.model_fields.items():
        for inner, is_map in _models(info.annotation):
            path = f"{prefix}{info.alias or name}" + (".<name>" if is_map else "")
            yield path, inner
            yield from tables_in(inner, f"{path}.")


def _models(annotation: Any, *, is_map: bool = False) -> Iterator[tuple[type[BaseModel], bool]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, is_map
    for inner in get_args(annotation):
        yield from _models(inner, is_map=is_map or get_origin(annotation) is dict)


def type_of(info: FieldInfo) -> str:
    """The type of a field, what it may refer to, and its limits."""
    words = spelled(info.annotation, info.metadata)
    for mark in info.metadata:
        if isinstance(mark, RefTo):
            words += f", or a reference to {either(f'`{kind}`' for kind in mark.kinds)}"
    return words


def spelled(annotation: Any, metadata: Iterable[object] = ()) -> str:
    """A type in words, with its limits."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return spelled(inner[0], [*inner[1:], *metadata])
    if origin in (Union, types.UnionType):
        return _union(inner, metadata)
    if origin is Literal:
        return either(f"`{toml(value)}`" for value in inner)
    limits = "".join(
        f", {limit}" for limit in limits_in(metadata, _UNITS.get(origin or annotation, ""))
    )
    if origin in (list, tuple):
        return f"list of {spelled(inner[0])}{limits}"
    if origin in (dict, Mapping):
        return f"table of {spelled(inner[1])}{limits}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "table" + limits
    return _TYPES.get(annotation, "any value") + limits


def _union(members: Sequence[Any], metadata: Iterable[object]) -> str:
    unwritten = (type(None), Reference, Template)
    written = [member for member in members if member not in unwritten]
    if len(written) == 1:
        return spelled(written[0], metadata)
    limits = "".join(f", {limit}" for limit in limits_in(metadata))
    return either(dict.fromkeys(spelled(member) for member in written)) + limits


def limits_in(metadata: Iterable[object], unit: str = "") -> Iterator[str]:
    """Bounds and patterns in words."""
    known = {name: value for mark in _flat(metadata) for name, value in _facts(mark)}
    for low, high in _BOUNDS:
        least, most = (
            None if known.get(bound) is None else f"{known[bound]:,}" for bound in (low, high)
        )
        counted = unit if low == "min_length" else ""
        if least and most:
            yield f"{least} to {most}{counted}"
        elif least or most:
            yield f"at {'least' if least else 'most'} {least or most}{counted}"
    if known.get("gt") is not None:
        yield f"more than {known['gt']}"
    if known.get("pattern"):
        yield f"matches `{known['pattern']}`"


def _flat(metadata: Iterable[object]) -> Iterator[object]:
    for mark in metadata:
        if isinstance(mark, FieldInfo):
            yield from _flat(mark.metadata)
        else:
            yield mark


def _facts(mark: object) -> Iterator[tuple[str, Any]]:
    for name in ("ge", "gt", "le", "min_length", "max_length", "pattern"):
        if not isinstance(mark, RefTo | Role) and getattr(mark, name, None) is not None:
            yield name, getattr(mark, name)


def default_of(info: FieldInfo) -> str:
    """The default of a field as TOML."""
    if info.is_required():
        return "required"
    value = info.get_default(call_default_factory=True)
    return "" if value in (None, "", [], {}) else f"`{toml(value)}`"


def toml(value: object) -> str:
    """A scalar as it is written in a stack."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
