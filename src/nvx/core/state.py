"""State: what nvx recorded. Frozen data, and the entries that change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

from nvx.core.address import Address
from nvx.core.resource import Nature
from nvx.core.values import JsonValue


class Status(StrEnum):
    """Where an object or run stands. Each kind maps the service's own statuses to one of these."""

    PENDING = "pending"
    """Being made; for a run: running."""
    READY = "ready"
    """There; for a run: succeeded."""
    FAILED = "failed"
    STOPPED = "stopped"
    PARTIAL = "partly failed"
    DELETING = "deleting"
    MISSING = "missing"
    """Known to be gone."""

    @property
    def ended(self) -> bool:
        """Whether it will not change by itself any more."""
        return self not in (Status.PENDING, Status.DELETING)


@dataclass(frozen=True, slots=True)
class Record:
    """What state keeps of one object, version or run."""

    address: Address
    kind: str
    variant: str
    nature: Nature
    id: str
    """What AWS calls it: an ARN."""
    name: str
    digest: str
    status: Status
    document: str = ""
    attempt: int = 1
    version: int = 0
    current: bool = True
    """Whether it is what the address stands for now. The others are history."""
    inputs: Mapping[str, JsonValue] = field(default_factory=dict)
    refs: Mapping[str, str] = field(default_factory=dict)
    """Input fields that were references: field → address."""
    ran_with: Mapping[str, JsonValue] = field(default_factory=dict)
    """Its own circumstance: never rewritten."""
    wanted: Mapping[str, JsonValue] = field(default_factory=dict)
    """Circumstance and marks as last declared."""
    outputs: Mapping[str, JsonValue] = field(default_factory=dict)
    upstream: Mapping[str, str] = field(default_factory=dict)
    """Address of each upstream → id of the one that was used."""
    depends_on: tuple[str, ...] = ()
    protect: bool = False
    on_remove: str = "forget"
    detail: str = ""
    started_at: str = ""
    ended_at: str = ""


@dataclass(frozen=True, slots=True)
class Intent:
    """A claim written down before the call: what is about to be made, and how to find it again."""

    id: str
    address: Address
    kind: str
    variant: str
    name: str
    """The physical name (or the name of the hub content or pipeline)."""
    digest: str
    document: str
    attempt: int
    token: str
    """SHA-256 of lineage, digest, attempt and intent id: the request token."""
    begun_at: str
    draft: Record
    """The record that the call will complete with an id, a status and outputs."""
    hints: Mapping[str, JsonValue] = field(default_factory=dict)
    """What else the kind needs to look the claim up."""


@dataclass(frozen=True, slots=True)
class Begin:
    """An intent, written before its call."""

    intent: Intent


@dataclass(frozen=True, slots=True)
class Done:
    """The call of an intent made this record."""

    intent_id: str
    record: Record


@dataclass(frozen=True, slots=True)
class Refused:
    """The call of an intent made nothing."""

    intent_id: str


@dataclass(frozen=True, slots=True)
class Put:
    """A record as it is now: adopted, updated, ended."""

    record: Record


@dataclass(frozen=True, slots=True)
class Retire:
    """The record stays as history, but its address does not stand for it any more."""

    address: Address
    id: str


@dataclass(frozen=True, slots=True)
class Drop:
    """The record goes: its object was deleted."""

    address: Address
    id: str


@dataclass(frozen=True, slots=True)
class Move:
    """All records of one address belong to another from now on."""

    before: Address
    after: Address


@dataclass(frozen=True, slots=True)
class Used:
    """A version number was used under a hub name. Numbers only rise, also after destroy."""

    name: str
    version: int


Entry: TypeAlias = Begin | Done | Refused | Put | Retire | Drop | Move | Used
"""One line of the journal. An entry sets, it never adds: replaying it twice is harmless."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything recorded for one stack in one account and region."""

    stack: str
    account: str
    region: str
    lineage: str
    serial: int = 0
    records: Mapping[Address, tuple[Record, ...]] = field(default_factory=dict)
    """Per address, oldest first; at most one of them is current."""
    intents: Mapping[str, Intent] = field(default_factory=dict)
    highest: Mapping[str, int] = field(default_factory=dict)
    """Hub name → the highest version number ever used."""

    def current(self, address: Address) -> Record | None:
        """The record that the address stands for now."""
        return next((r for r in self.records.get(address, ()) if r.current), None)

    def currents(self) -> Iterator[Record]:
        """The current record of each address that has one, in order of address."""
        for address in sorted(self.records):
            if (record := self.current(address)) is not None:
                yield record

    def problems(self) -> tuple[str, ...]:
        """Broken invariants: one current record an address, unique ids, addresses that agree."""
        found = []
        for address, records in self.records.items():
            if sum(r.current for r in records) > 1:
                found.append(f"{address} has more than one current record")
            if len({r.id for r in records}) < len(records):
                found.append(f"{address} has two records with one id")
            found += [
                f"{address} holds a record of {r.address}"
                for r in records
                if r.address != address
            ]
        return tuple(found)


class Ledger:
    """A state that takes entries: the one place where an entry gets its meaning."""

    def __init__(self, state: State) -> None:
        self._base = state
        self._records = {address: list(records) for address, records in state.records.items()}
        self._intents = dict(state.intents)
        self._highest = dict(state.highest)

    @property
    def state(self) -> State:
        """The state as it is now."""
        records = {a: tuple(rs) for a, rs in self._records.items() if rs}
        return replace(
            self._base,
            records=records,
            intents=dict(self._intents),
            highest=dict(self._highest),
        )

    @property
    def lineage(self) -> str:
        """Whose state it is."""
        return self._base.lineage

    def current(self, address: Address) -> Record | None:
        """The record that the address stands for now."""
        return next((r for r in self._records.get(address, ()) if r.current), None)

    def records(self, address: Address) -> tuple[Record, ...]:
        """Every record of an address, oldest first."""
        return tuple(self._records.get(address, ()))

    def highest(self, name: str) -> int:
        """The highest version number ever used under a hub name; 0 for a new one."""
        return self._highest.get(name, 0)

    def apply(self, entry: Entry) -> None:  # noqa: C901  one case for each entry, none nested
        """Take one entry."""
        match entry:
            case Begin(intent):
                self._intents[intent.id] = intent
            case Done(intent_id, record):
                self._intents.pop(intent_id, None)
                self._put(record)
            case Refused(intent_id):
                self._intents.pop(intent_id, None)
            case Put(record):
                self._put(record)
            case Retire(address, id_):
                self._set(
                    address,
                    [
                        replace(r, current=False) if r.id == id_ else r
                        for r in self._at(address)
                    ],
                )
            case Drop(address, id_):
                self._set(address, [r for r in self._at(address) if r.id != id_])
            case Move(before, after):
                self._move(before, after)
            case Used(name, version):
                self._highest[name] = max(version, self._highest.get(name, 0))

    def _at(self, address: Address) -> list[Record]:
        return self._records.get(address, [])

    def _set(self, address: Address, records: list[Record]) -> None:
        self._records[address] = records

    def _put(self, record: Record) -> None:
        """Add or replace a record by its id; a current one takes the place of the one before."""
        others = [r for r in self._at(record.address) if r.id != record.id]
        if record.current:
            others = [replace(r, current=False) if r.current else r for r in others]
        self._set(record.address, [*others, record])

    def _move(self, before: Address, after: Address) -> None:
        for record in self._records.pop(before, []):
            self._put(replace(record, address=after))
