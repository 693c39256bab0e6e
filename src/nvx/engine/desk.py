"""What a pass works with: whose resources, which kinds, where state goes, who listens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from nvx.core.address import Address
from nvx.core.kind import ResourceKind, RunKind
from nvx.core.ports import Clock, Events, NewerFormat, StateStore
from nvx.core.resource import Declared, Nature, Scope
from nvx.core.state import Entry, Intent, Ledger, Record, State

A = TypeVar("A")
B = TypeVar("B")

Kinds = Mapping[tuple[str, str], ResourceKind]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to look, in seconds. Real jobs take hours, local ones seconds."""

    runs_s: float = 20.0
    imports_s: float = 2.0
    import_limit_s: float = 600.0
    settle_grace_s: float = 20.0
    missing_s: float = 5.0


LOCAL_PACE = Pace(
    runs_s=0.2, imports_s=0.05, import_limit_s=60.0, settle_grace_s=0.0, missing_s=0.1
)


@dataclass(frozen=True, slots=True)
class Desk:
    """The ports of one stack's passes. `stopping` is set by Ctrl-C: start nothing new."""

    scope: Scope
    kinds: Kinds
    store: StateStore
    clock: Clock
    events: Events
    parallelism: int = 8
    pace: Pace = Pace()
    stopping: threading.Event = field(default_factory=threading.Event)

    def kind(self, one: Record | Intent | Declared) -> ResourceKind:
        """The kind that something belongs to. Raises NewerFormat for one that this nvx lacks."""
        kind = self.kinds.get((one.kind, one.variant))
        if kind is None:
            words = " ".join(word for word in (one.kind, one.variant) if word)
            raise NewerFormat(
                f"{one.address} is recorded as {words}, which this nvx does not know:"
                " use the release that wrote it"
            )
        return kind

    def with_lineage(self, lineage: str) -> Desk:
        """The same desk once the owner of the state is known."""
        return replace(self, scope=replace(self.scope, lineage=lineage))

    def in_parallel(self, work: Callable[[A], B], items: Iterable[A]) -> list[B]:
        """`work` of each item, in order of the items; the first failure is raised after all ended."""
        todo = list(items)
        if len(todo) < 2:
            return [work(item) for item in todo]
        from concurrent.futures import ThreadPoolExecutor  # a plan of state alone needs none

        with ThreadPoolExecutor(self.parallelism, thread_name_prefix="nvx") as pool:
            return list(pool.map(work, todo))


def as_run(kind: ResourceKind) -> RunKind | None:
    """The kind as a kind of runs, or None."""
    return kind if kind.nature is Nature.RUN else None  # type: ignore[return-value]  # by nature


class Book:
    """The state as a pass works on it.

    Until it is opened for writing, entries are kept in memory: that is how `plan` settles and
    refreshes, and how nothing is written before a plan is approved. From then on an entry counts only
    once it is in the journal.
    """

    def __init__(self, state: State) -> None:
        self._ledger = Ledger(state)
        self._store: StateStore | None = None
        self._kept: list[Entry] = []
        self._lock = threading.Lock()

    def open(self, store: StateStore) -> None:
        """Write what was kept, durably, and everything from now on. Needs the lock of the store."""
        if self._kept:
            store.append(self._kept)
        self._store, self._kept = store, []

    def write(self, *entries: Entry) -> None:
        """Write entries, durably, then let them count. Safe from many threads."""
        if not entries:
            return
        if self._store is not None:
            self._store.append(entries)
        with self._lock:
            if self._store is None:
                self._kept += entries
            for entry in entries:
                self._ledger.apply(entry)

    @property
    def lineage(self) -> str:
        """Whose state it is."""
        return self._ledger.lineage

    @property
    def state(self) -> State:
        """The state as it is now."""
        with self._lock:
            return self._ledger.state

    def current(self, address: Address) -> Record | None:
        """The record that an address stands for now."""
        with self._lock:
            return self._ledger.current(address)

    def records(self, address: Address) -> tuple[Record, ...]:
        """Every record of an address, oldest first."""
        with self._lock:
            return self._ledger.records(address)

    def highest(self, name: str) -> int:
        """The highest version number ever used under a hub name."""
        with self._lock:
            return self._ledger.highest(name)


def stamp(moment: datetime) -> str:
    """A moment as state writes it: ISO 8601 in UTC, whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
