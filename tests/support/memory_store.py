"""State in memory, with the rules of every store: what `FileStore` does without a disk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from nvx.core.ports import Holder, Locked, LockLost, StaleState, StateError
from nvx.core.state import Entry, Ledger, State
from nvx.store.owner import Owner
from support.fuse import Fuse

DEMO = Owner("demo", "000000000000", "us-east-1")
Seen = tuple[str, int, int]


@dataclass
class Shelf:
    """What the stores of one stack share, as processes share a disk."""

    snapshot: State | None = None
    journal: list[Entry] = field(default_factory=list)
    held_by: Holder | None = None
    owner: object = None
    guard: threading.RLock = field(default_factory=threading.RLock)


def somebody(purpose: str) -> Holder:
    """A holder for tests."""
    return Holder("ada", "host", 1, purpose, "2026-01-01T00:00:00+00:00")


class MemoryStore:
    """A `StateStore` on a shelf. Its fuse has a point before and after every write."""

    def __init__(
        self,
        shelf: Shelf | None = None,
        *,
        owner: Owner = DEMO,
        holder: Callable[[str], Holder] = somebody,
        fuse: Fuse | None = None,
    ) -> None:
        self.shelf = shelf or Shelf()
        self.fuse = fuse or Fuse()
        self._owner = owner
        self._holder = holder
        self._key: object = None
        self._seen: Seen | None = None

    @property
    def place(self) -> str:
        """A name for messages."""
        return "memory"

    def load(self) -> State | None:
        """Snapshot plus journal."""
        with self.shelf.guard:
            state = self.shelf.snapshot
            self._seen = self._mark()
            if state is None:
                return None
            self._owner.check(state, self.place)
            ledger = Ledger(state)
            for entry in self.shelf.journal:
                ledger.apply(entry)
            return ledger.state

    @contextmanager
    def lock(self, purpose: str) -> Iterator[None]:
        """Hold the lock."""
        with self.shelf.guard:
            if self.shelf.owner is not None:
                raise Locked(self.shelf.held_by)
            key = self._key = self.shelf.owner = object()
            self.shelf.held_by = self._holder(purpose)
        try:
            yield
        finally:
            with self.shelf.guard:
                self._key = None
                if self.shelf.owner is key:
                    self.shelf.owner = self.shelf.held_by = None

    def holder(self) -> Holder | None:
        """Who holds the lock now."""
        return self.shelf.held_by

    def unlock(self) -> Holder | None:
        """Nothing outlives its holder here."""
        with self.shelf.guard:
            if self.shelf.owner is not None:
                raise Locked(self.shelf.held_by)
            return None

    def start(self, state: State) -> None:
        """Write the first snapshot."""
        with self._writing():
            self._owner.check(state, self.place)
            if self.shelf.snapshot is not None:
                raise StaleState("memory: there is a state already")
            self._put(state)

    def append(self, entries: Sequence[Entry]) -> None:
        """Write entries, all or none."""
        with self._writing():
            self._check_seen()
            self._point("before append")
            self.shelf.journal += entries
            self._seen = self._mark()
            self._point("after append")

    def save(self, state: State) -> State:
        """Write a snapshot."""
        saved = replace(state, serial=state.serial + 1)
        with self._writing():
            self._owner.check(state, self.place)
            self._check_seen()
            if self.shelf.snapshot != saved:
                if (state.lineage, state.serial) != (self._seen or ("", 0))[:2]:
                    raise StaleState("memory: another snapshot is there")
                self._put(saved)
        return saved

    def _put(self, state: State) -> None:
        self._point("before snapshot")
        self.shelf.snapshot = state
        self.shelf.journal = []
        self._seen = self._mark()
        self._point("after snapshot")

    def _mark(self) -> Seen | None:
        state = self.shelf.snapshot
        return None if state is None else (state.lineage, state.serial, len(self.shelf.journal))

    def _check_seen(self) -> None:
        if self._seen is None or self._seen != self._mark():
            raise StaleState("memory: was written by another since it was loaded")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if self._key is None:
            raise RuntimeError("writing state needs the lock")
        with self.shelf.guard:
            if self.shelf.owner is not self._key:
                raise LockLost("memory: the lock was removed while it was held")
            yield

    def _point(self, name: str) -> None:
        try:
            self.fuse.point(name)
        except OSError as problem:
            raise StateError(f"memory: {problem.strerror}: was not saved") from problem
