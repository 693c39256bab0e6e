"""What a pass works with: whose resources, which kinds, where state goes, who listens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from nvx.core.address import Address
from nvx.core.kind import ResourceKind, RunKind
from nvx.core.ports import Clock, Events, StateStore
from nvx.core.resource import Nature, Scope
from nvx.core.state import Entry, Ledger, Record, State

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

    def kind(self, record_or_declared: Record) -> ResourceKind:
        """The kind that a record belongs to."""
        return self.kinds[record_or_declared.kind, record_or_declared.variant]

    def with_lineage(self, lineage: str) -> Desk:
        """The same desk once the owner of the state is known."""
        return replace(self, scope=replace(self.scope, lineage=lineage))

    def in_parallel(self, work: Callable[[A], B], items: Iterable[A]) -> list[B]:
        """`work` of each item, in order of the items; the first failure is raised after all ended."""
        todo = list(items)
        if len(todo) < 2:
            return [work(item) for item in todo]
        with ThreadPoolExecutor(self.parallelism, thread_name_prefix="nvx") as pool:
            return list(pool.map(work, todo))


def as_run(kind: ResourceKind) -> RunKind | None:
    """The kind as a kind of runs, or None."""
    return kind if kind.nature is Nature.RUN else None  # type: ignore[return-value]  # by nature


class Book:
    """The open state: an entry counts only once it is in the journal.

    Without a store nothing is written: that is how `plan` settles and refreshes in memory.
    """

    def __init__(self, state: State, store: StateStore | None = None) -> None:
        self._ledger = Ledger(state)
        self._store = store
        self._lock = threading.Lock()

    def write(self, *entries: Entry) -> None:
        """Write entries, durably, then let them count. Safe from many threads."""
        if not entries:
            return
        if self._store is not None:
            self._store.append(entries)
        with self._lock:
            for entry in entries:
                self._ledger.apply(entry)

    @property
    def state(self) -> State:
        """The state as it is now."""
        with self._lock:
            return self._ledger.state

    def current(self, address: Address) -> Record | None:
        """The record that an address stands for now."""
        with self._lock:
            return self._ledger.current(address)

    def highest(self, name: str) -> int:
        """The highest version number ever used under a hub name."""
        with self._lock:
            return self._ledger.highest(name)


def stamp(moment: datetime) -> str:
    """A moment as state writes it: ISO 8601 in UTC, whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
