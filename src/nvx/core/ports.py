"""The ports that the engine is driven through: state, time, events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from nvx.core.diagnostics import Diagnostic, Location, NvxError
from nvx.core.state import Entry, State
from nvx.core.values import JsonValue


class StateError(NvxError):
    """The state cannot be used as it is.

    StateError
    ├─ Locked          somebody else holds the lock                       exit 4
    ├─ LockLost        the lock was lost while it was held                exit 4
    ├─ StaleState      another writer saved first                         exit 5
    ├─ CorruptState    the file is not what nvx wrote                     exit 1
    └─ NewerFormat     written by a newer nvx                             exit 1
    """


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock: for messages, never for decisions."""

    who: str
    host: str
    pid: int
    purpose: str
    since: str

    def __str__(self) -> str:
        return f"{self.who}@{self.host} (pid {self.pid}), {self.purpose}, since {self.since}"


class Locked(StateError):
    """Somebody else holds the lock."""

    def __init__(self, holder: Holder | None) -> None:
        self.holder = holder
        super().__init__(
            f"the state is locked by {holder}" if holder else "the state is locked"
        )


class LockLost(StateError):
    """The lock was lost while it was held."""


class StaleState(StateError):
    """Another writer saved first."""


class CorruptState(StateError):
    """The file is not what nvx wrote."""


class NewerFormat(StateError):
    """The file was written by a newer nvx."""


class StateStore(Protocol):
    """Where the state of one stack in one account and region is kept.

    Reading needs no lock. Writing does: `append` is durable when it returns; `save` writes a snapshot
    with serial + 1 and sweeps the journal that it contains.
    """

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        ...

    def load(self) -> State | None:
        """Snapshot plus journal; None where there is no state yet. Raises StateError."""
        ...

    def lock(self, purpose: str) -> AbstractContextManager[None]:
        """Hold the lock. Raises Locked."""
        ...

    def holder(self) -> Holder | None:
        """Who holds the lock now."""
        ...

    def unlock(self) -> Holder | None:
        """Remove a lock that its holder left behind; who it was. Raises Locked where it still lives."""
        ...

    def start(self, state: State) -> None:
        """Write the first snapshot of a state that does not exist yet. Needs the lock."""
        ...

    def append(self, entries: Sequence[Entry]) -> None:
        """Write entries to the journal, durably, in order. Needs the lock; safe from many threads."""
        ...

    def save(self, state: State) -> State:
        """Write a snapshot; the state with its new serial. Raises StaleState. Needs the lock."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """The identity of a file or S3 object. `sha256` is "" where only an ETag is known."""

    sha256: str
    size: int
    etag: str = ""
    rows: int = 0
    problems: tuple[Diagnostic, ...] = ()

    @property
    def identity(self) -> Mapping[str, JsonValue]:
        """How it enters a digest: its SHA-256, else ETag and size."""
        return (
            {"sha256": self.sha256} if self.sha256 else {"etag": self.etag, "size": self.size}
        )


class Sources(Protocol):
    """Where identities of files and objects come from. Raises DiagnosticError where there is none."""

    def rows(self, path: str, technique: str, family: str, at: Location) -> Source:
        """A local file of rows, each checked against its technique and model family ("" = any)."""
        ...

    def code(self, path: str, at: Location) -> Source:
        """A local file, or a folder of files, as code."""
        ...

    def object(self, uri: str, at: Location) -> Source:
        """An `s3://` object or prefix."""
        ...


class Clock(Protocol):
    """Time, so that tests can move it."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...

    def sleep(self, duration: timedelta) -> None:
        """Wait; returns early where the run was interrupted."""
        ...


class Events(Protocol):
    """Who listens to what apply does."""

    def emit(self, event: object) -> None:
        """Take one event of `core.events`. Called from many threads."""
        ...


def in_one_line(values: Iterable[object]) -> str:
    """Values joined for a sentence: `a, b and c`."""
    texts = [str(value) for value in values]
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} and {texts[-1]}"
