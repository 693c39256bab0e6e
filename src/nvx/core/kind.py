"""What a kind of resource is to the rest of nvx: an offline half and five verbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, runtime_checkable

from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic
from nvx.core.ports import Sources
from nvx.core.resource import Checked, Declared, Identity, Nature, Scope, StackSettings, Wish
from nvx.core.state import Intent, Record, Status
from nvx.core.values import JsonValue


@dataclass(frozen=True, slots=True)
class Observation:
    """What AWS says of one object. `detail` holds the service's own words.

    `outputs` are values that others may refer to; `progress` is 0…1 where the service gives one.
    """

    id: str
    status: Status
    name: str = ""
    digest: str = ""
    document: str = ""
    attempt: int = 1
    address: str = ""
    """The address in the marks, in its mark form."""
    lineage: str = ""
    ours: bool = False
    """Whether it carries the mark of this stack."""
    version: int = 0
    """The major version number (versioned kinds)."""
    outputs: Mapping[str, JsonValue] = field(default_factory=dict)
    live: Mapping[str, JsonValue] = field(default_factory=dict)
    """Fields that can be updated in place, as they are now."""
    detail: str = ""
    stage: str = ""
    progress: float | None = None
    started_at: str = ""
    ended_at: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What to look at: a declared resource, its record, or both."""

    address: Address
    name: str
    record: Record | None = None
    declared: Declared | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """The answer to one target.

    `newest` is the object itself (for a versioned kind the newest version of the name), None where there
    is none; `recorded_gone` is proven absence of what the record names.
    """

    newest: Observation | None
    recorded_gone: bool = False


class KindSpec(Protocol):
    """The offline half of one kind variant: its model, its rules, its identity. Needs no cloud."""

    name: ClassVar[str]
    """The kind: `fine_tune`."""
    variant: ClassVar[str]
    """`sft`; "" for a kind without variants."""
    variant_field: ClassVar[str]
    """The field that names the variant: `method`; "" for a kind without variants."""
    nature: ClassVar[Nature]
    paid: ClassVar[bool]
    model: ClassVar[type[Any]]
    """A pydantic model: strict, frozen, unknown keys forbidden; each field marked with its Role."""
    outputs: ClassVar[Mapping[str, str]]
    """What references may name, each with a line of explanation."""
    in_place: ClassVar[frozenset[str]]
    """Circumstance and mark fields that AWS lets us update."""
    example: ClassVar[str]
    """A block in TOML: used by the docs and the tests."""

    @classmethod
    def check(cls, resource: Checked, stack: StackSettings) -> Iterable[Diagnostic]:
        """Problems that the model alone cannot see, offline, without reading files."""
        ...

    @classmethod
    def identity(cls, resource: Checked, stack: StackSettings, sources: Sources) -> Identity:
        """What it is made of. Reads local files and the identity of S3 objects through `sources`."""
        ...

    @classmethod
    def content_name(cls, resource: Checked, stack: StackSettings) -> str:
        """The name that stays the same over versions and runs; "" for a kind without one."""
        ...


class ResourceKind(Protocol):
    """The verbs of one kind. No call waits for the object to finish; every call may be repeated.

    Raises, from any verb: `core.cloud.CloudError`.
    """

    name: ClassVar[str]
    nature: ClassVar[Nature]
    bulk: ClassVar[bool]
    """Whether one `observe` answers for many targets with a listing."""

    def observe(self, scope: Scope, targets: Sequence[Target]) -> Mapping[Address, Sighting]:
        """What AWS shows for each target. Absence is an answer, not an error."""
        ...

    def find(self, scope: Scope, intent: Intent) -> Observation | None:
        """What the call of an intent made, by its claim; None where it made nothing of ours."""
        ...

    def create(self, wish: Wish, intent: Intent) -> Observation:
        """Make it, or adopt what an earlier try of the same claim made."""
        ...

    def update(self, wish: Wish, record: Record) -> Observation:
        """Bring what can change in place to the wish."""
        ...

    def delete(self, scope: Scope, record: Record) -> None:
        """Remove it; for a run, stop it. Absence is success."""
        ...


class RunKind(ResourceKind, Protocol):
    """What runs can do beside."""

    def recover(self, scope: Scope, targets: Sequence[Target]) -> Sequence[Observation]:
        """Every run with this stack's marks, found by listing once per stack."""
        ...

    def results(self, scope: Scope, record: Record) -> Mapping[str, JsonValue]:
        """Outputs that are read once, when a run has ended (scores, say)."""
        ...

    def log_lines(self, scope: Scope, record: Record) -> Sequence[str]:
        """The last lines that the run logged."""
        ...


@runtime_checkable
class Preflighted(Protocol):
    """A kind that can say, with reads alone, why AWS would refuse a start or waste it."""

    def preflight(self, scope: Scope, declared: Declared) -> tuple[Diagnostic, ...]:
        """Problems of a start that is planned. References need not be resolved."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """What a run left running, and billed, when it ended."""

    id: str
    text: str
    """What it is, for people: `endpoint support-1`."""
    since: str = ""
    first: bool = False
    """Whether the next run can start only once it is gone."""


@runtime_checkable
class Releasing(Protocol):
    """A kind whose runs leave something running that is billed until it is deleted."""

    def held(self, record: Record, said: Mapping[str, JsonValue]) -> Held | None:
        """What a record holds and nvx is to delete one day. Makes no call.

        `said` is the circumstance that its address was last declared with.
        """
        ...

    def release(self, scope: Scope, record: Record) -> Mapping[str, JsonValue]:
        """Delete it; the outputs that the record has from then on. Absence is success."""
        ...
