"""A declared resource: what the stack says, checked, with its identity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, Location
from nvx.core.values import JsonValue, Value


class Nature(StrEnum):
    """How a kind answers to changed inputs."""

    OBJECT = "object"
    """Updated in place, or replaced."""
    VERSIONED = "versioned"
    """Each document is a new version of one name; older ones stay."""
    RUN = "run"
    """Paid for once: changed inputs are another run, the old one stays as history."""


class Role(StrEnum):
    """What a field of a kind is for. Every field has exactly one."""

    BEHAVIOUR = "behaviour"
    """It can change the result: it is in the digest."""
    CIRCUMSTANCE = "circumstance"
    """It serves the next run or version: a change is noted and starts nothing."""
    MARK = "mark"
    """Tags and descriptions: updated in place where AWS allows it."""
    POLICY = "policy"
    """nvx's own: never sent."""


@dataclass(frozen=True, slots=True)
class RefTo:
    """Marks a field that takes a reference: to which kinds, and the output that the field needs."""

    kinds: tuple[str, ...]
    output: str


class OnRemove(StrEnum):
    """What happens to a running job when its block is removed."""

    FORGET = "forget"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Policy:
    """nvx's own wishes about a resource."""

    protect: bool = False
    manual: bool = False
    """`rerun = "manual"`: changed inputs wait for `--rerun`."""
    on_remove: OnRemove = OnRemove.FORGET


@dataclass(frozen=True, slots=True)
class StackSettings:
    """The `[stack]` table: where everything in a stack lives and who it runs as."""

    name: str
    region: str
    account: str = ""
    """12 digits; empty until the caller's account is known."""
    role: str = ""
    bucket: str = ""
    prefix: str = "nvx"
    mlflow: str = ""
    lambda_role: str = ""
    kms_key: str = ""
    domain: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Declared:
    """A resource that the stack declares, checked and with its identity.

    `inputs` are the behaviour fields as they enter the digest (references pinned); `circumstance` and
    `marks` the others, references as text; `edges` every resource that must exist first, `upstreams`
    those among them that the digest names.
    """

    address: Address
    kind: str
    variant: str
    nature: Nature
    digest: str
    document: str
    config: Mapping[str, Value]
    inputs: Mapping[str, JsonValue]
    circumstance: Mapping[str, JsonValue]
    marks: Mapping[str, JsonValue]
    policy: Policy
    edges: tuple[Address, ...]
    upstreams: tuple[Address, ...]
    refs: Mapping[str, Address] = field(default_factory=dict)
    """Top-level input fields that are a reference, and to what."""
    in_place: frozenset[str] = frozenset()
    """Circumstance and mark fields that AWS lets us update."""
    name: str = ""
    """The name of the hub content or pipeline, where the kind has one that stays the same."""
    name_limit: int = 63
    """How long the name of a run may be."""
    paid: bool = False
    declared_at: Location | None = None
    directory: str = ""
    """The folder of the stack: relative paths start there."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A block that passed its kind's model; `config` is the model's instance."""

    address: Address
    kind: str
    variant: str
    config: object
    directory: str
    """The folder of the stack: relative paths start there."""
    declared_at: Location
    places: Mapping[tuple[str | int, ...], Location] = field(default_factory=dict)
    """Key path inside the block → where it is written."""
    targets: Mapping[Address, Checked] = field(default_factory=dict)
    """What its fields refer to, as far as that passed its own model: without targets of its own."""

    def at(self, path: tuple[str | int, ...]) -> Location:
        """Where a key is written; the nearest written parent for one that is not."""
        while path:
            if path in self.places:
                return self.places[path]
            path = path[:-1]
        return self.declared_at


@dataclass(frozen=True, slots=True)
class Identity:
    """What a checked resource is made of, before its references are pinned.

    `inputs`: the behaviour fields that differ from their default, files and objects replaced by their
    identity. `document`: what else the document of a versioned kind says. `problems`: what reading the
    sources found.
    """

    inputs: Mapping[str, Value]
    document: Mapping[str, Value] = field(default_factory=dict)
    circumstance: Mapping[str, Value] = field(default_factory=dict)
    marks: Mapping[str, Value] = field(default_factory=dict)
    policy: Policy = Policy()
    depends_on: tuple[Address, ...] = ()
    problems: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose resources are meant: the stack, where it is, and the state that owns them."""

    stack: StackSettings
    lineage: str


Report: TypeAlias = Callable[[str, float], None]
"""Takes a stage and how much of it is done, 0…1. Safe from any thread."""


def _unheard(stage: str, fraction: float) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a step is to make true: a declared resource with its references resolved to outputs."""

    scope: Scope
    declared: Declared
    config: Mapping[str, JsonValue]
    highest: int = 0
    """The highest version number ever used under this name (versioned kinds)."""
    report: Report = _unheard
    """Who hears how far something that takes its time is: an upload, say."""
