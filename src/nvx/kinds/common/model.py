"""The base of every kind's model, and how a model's fields are told apart by their role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from nvx.core.address import Address
from nvx.core.resource import OnRemove, Policy, Role
from nvx.core.values import JsonValue, Reference, Template, Value, normal

Text: TypeAlias = str | Reference | Template
"""A field that may also be a reference, or hold one."""

_REQUIRED = object()
"""Stands for the default of a field that has none: no value equals it."""


class Strict(BaseModel):
    """A table of a block: unknown keys and loose types are errors."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True
    )

    def values(self) -> Mapping[str, Value]:
        """Every field that differs from its default, as plain values and references."""
        defaults = defaults_of(type(self))
        return {
            name: plain(value)
            for name, value in self
            if not _equal(value, defaults.get(name, _REQUIRED))
        }


class Model(Strict):
    """A block of any kind: the fields that all kinds have."""

    description: Annotated[
        str, Role.MARK, Field(max_length=1023, description="What people should know about it.")
    ] = ""
    tags: Annotated[
        dict[str, str], Role.MARK, Field(description="Tags beside those of the stack.")
    ] = Field(default_factory=dict)
    protect: Annotated[
        bool,
        Role.POLICY,
        Field(description="Never delete, stop or forget it, even when its block is removed."),
    ] = False
    rerun: Annotated[
        Literal["auto", "manual"],
        Role.POLICY,
        Field(description="Whether changed inputs start the next run by themselves."),
    ] = "auto"
    on_remove: Annotated[
        Literal["forget", "stop"],
        Role.POLICY,
        Field(description="What happens to a running job when its block is removed."),
    ] = "forget"
    depends_on: Annotated[
        list[str | Reference],
        Role.POLICY,
        Field(description="Addresses of resources that must be there first."),
    ] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Parts:
    """The fields of a block by role; those that equal their default are left out."""

    inputs: Mapping[str, Value]
    circumstance: Mapping[str, Value]
    marks: Mapping[str, Value]
    policy: Policy
    depends_on: tuple[Address, ...]


def split(config: Model) -> Parts:
    """Tell the fields of a block apart by their role."""
    values, roles = config.values(), roles_of(type(config))

    def having(role: Role) -> Mapping[str, Value]:
        return {name: value for name, value in values.items() if roles[name] is role}

    policy = Policy(
        protect=config.protect,
        manual=config.rerun == "manual",
        on_remove=OnRemove(config.on_remove),
    )
    return Parts(
        inputs=having(Role.BEHAVIOUR),
        circumstance=having(Role.CIRCUMSTANCE),
        marks=having(Role.MARK),
        policy=policy,
        depends_on=tuple(_address(item) for item in config.depends_on),
    )


@cache
def roles_of(model: type[Strict]) -> Mapping[str, Role]:
    """The role of each field. Raises KeyError for a field without one: a mistake in the model."""
    found = {
        name: [mark for mark in info.metadata if isinstance(mark, Role)]
        for name, info in model.model_fields.items()
    }
    missing = [name for name, roles in found.items() if len(roles) != 1]
    if missing:
        raise KeyError(
            f"{model.__name__}: {', '.join(missing)}: a field needs exactly one role"
        )
    return {name: roles[0] for name, roles in found.items()}


@cache
def defaults_of(model: type[Strict]) -> Mapping[str, object]:
    """The value that each field has if it is not written; required fields have none."""
    return {
        name: info.get_default(call_default_factory=True)
        for name, info in model.model_fields.items()
        if not info.is_required()
    }


def _equal(value: object, default: object) -> bool:
    return type(default) is type(value) and default == value


def plain(value: object) -> Value:
    """A value of a model as JSON and references; integral floats become integers."""
    if isinstance(value, Strict):
        return value.values()
    if isinstance(value, Reference | Template):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(inner) for inner in value]
    scalar: JsonValue = value  # type: ignore[assignment]  # what is left of a model's values is JSON
    return normal(scalar)


def _address(item: str | Reference) -> Address:
    return item.target if isinstance(item, Reference) else Address.parse(item)
