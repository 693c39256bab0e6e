"""Places where state is kept, for the suite that every state store passes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from nvx.core.address import Address
from nvx.core.ports import StateStore
from nvx.core.resource import Nature
from nvx.core.state import (
    Begin,
    Done,
    Drop,
    Entry,
    Intent,
    Ledger,
    Move,
    Put,
    Record,
    Refused,
    Retire,
    State,
    Status,
    Used,
)
from nvx.store.file import FileStore
from support.fuse import Fuse, FusedDisk
from support.memory_store import MemoryStore, Shelf, somebody

AT = Address("fine_tune", "support")
OTHER = Address("fine_tune", "other", "a/b\n")
RECORD = Record(AT, "fine_tune", "sft", Nature.RUN, "arn:1", "support-1", "d1", Status.READY)
INTENT = Intent("i1", AT, "fine_tune", "sft", "n", "d1", "", 1, "t", "now", RECORD)
EMPTY = State("demo", "000000000000", "us-east-1", "lineage-1")
LIFE: tuple[Entry, ...] = (
    Begin(INTENT),
    Done("i1", RECORD),
    Begin(replace(INTENT, id="i2")),
    Refused("i2"),
    Begin(replace(INTENT, id="i3")),
    Put(replace(RECORD, id="arn:2", attempt=2)),
    Retire(AT, "arn:2"),
    Put(replace(RECORD, address=OTHER)),
    Move(OTHER, AT),
    Drop(AT, "arn:2"),
    Used("hub", 3),
    Used("hub", 2),
)


class Site(Protocol):
    """A place where one stack's state is kept; each store opened on it is as another process."""

    def open(self, fuse: Fuse | None = None) -> StateStore:
        """Another store on the same state."""
        ...

    def break_lock(self) -> None:
        """Take the lock away from whoever holds it."""
        ...


class MemorySite:
    def __init__(self, _: Path) -> None:
        self.shelf = Shelf()

    def open(self, fuse: Fuse | None = None) -> StateStore:
        return MemoryStore(self.shelf, fuse=fuse)

    def break_lock(self) -> None:
        self.shelf.owner = self.shelf.held_by = None


class FileSite:
    def __init__(self, root: Path) -> None:
        self.root = root

    def open(self, fuse: Fuse | None = None) -> StateStore:
        disk = FusedDisk(fuse or Fuse())
        whose = ("demo", "000000000000", "us-east-1")
        return FileStore(self.root, *whose, holder=somebody, disk=disk)

    def break_lock(self) -> None:
        (self.root / "000000000000" / "us-east-1" / "demo.lock").unlink()


SITES: Sequence[Callable[[Path], Site]] = (MemorySite, FileSite)


def begun(store: StateStore) -> State:
    with store.lock("start"):
        store.start(EMPTY)
    return EMPTY


def after(lived: Sequence[Entry], start: State = EMPTY) -> State:
    ledger = Ledger(start)
    for entry in lived:
        ledger.apply(entry)
    return ledger.state


def loaded(store: StateStore) -> State:
    state = store.load()
    assert state is not None
    return state


STEPS: Sequence[Sequence[Entry]] = (
    [Begin(INTENT)],
    [Done("i1", RECORD), Used("hub", 1)],
    [Used("hub", 2)],
)


def opened(root: Path, disk: FusedDisk | None = None) -> FileStore:
    return FileStore(root, "demo", "000000000000", "us-east-1", holder=somebody, disk=disk)


def states() -> list[State]:
    """What is recorded after none, one, two and three steps."""
    ledger = Ledger(EMPTY)
    found = [EMPTY]
    for step in STEPS:
        for entry in step:
            ledger.apply(entry)
        found.append(ledger.state)
    return found
