"""State in files: `<root>/<account>/<region>/<stack>.json`, its journal and its lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from nvx.core.ports import CorruptState, Holder, StaleState, StateError
from nvx.core.state import Entry, Ledger, State
from nvx.store.disk import Disk
from nvx.store.format import dump, encode_entry, load
from nvx.store.journal import Journal, Replay, is_empty, replay
from nvx.store.lock import FileLock
from nvx.store.owner import Owner

_TRIES = 100
"""How often to read again what changes under the eyes: a save takes longer than a read."""


class FileStore:
    """A `StateStore` in a folder of this machine.

    Files are replaced whole (write, fsync, rename, fsync of the folder) or appended to, so readers
    need no lock. A store writes only on top of what it loaded: where another writer appended or
    saved since, it raises StaleState.
    """

    def __init__(
        self,
        root: Path,
        stack: str,
        account: str,
        region: str,
        *,
        holder: Callable[[str], Holder],
        disk: Disk | None = None,
    ) -> None:
        self._owner = Owner(stack, account, region)
        self._holder = holder
        self._disk = disk or Disk()
        self._folder = root / account / region
        self._snapshot = self._folder / f"{stack}.json"
        self._log = self._folder / f"{stack}.journal"
        self._lock = FileLock(self._disk, self._folder / f"{stack}.lock")
        self._opening = threading.Lock()
        self._journal: Journal | None = None
        self._seen: str | None = None
        """The tip of what this store loaded or wrote last; None before, and where nothing is."""

    @property
    def place(self) -> str:
        """The path of the snapshot."""
        return str(self._snapshot)

    def load(self) -> State | None:
        """Snapshot plus journal; None where there is no state yet. Raises StateError."""
        state, found = self._read()
        if self._journal is None:
            self._seen = None if state is None else found.tip
        if state is None:
            return None
        ledger = Ledger(state)
        for entry in found.entries:
            ledger.apply(entry)
        return ledger.state

    @contextmanager
    def lock(self, purpose: str) -> Iterator[None]:
        """Hold the lock. Raises Locked."""
        with self._saying("no lock was taken"):
            self._disk.make_folder(self._folder)
        with self._lock.hold(self._holder(purpose)):
            try:
                yield
            finally:
                self._close()

    def holder(self) -> Holder | None:
        """Who holds the lock now."""
        return self._lock.holder()

    def unlock(self) -> Holder | None:
        """Remove the note of a holder that died; who it was. Raises Locked where it lives."""
        return self._lock.clear()

    def start(self, state: State) -> None:
        """Write the first snapshot. Raises StaleState where there is one."""
        self._check_lock()
        if self._read()[0] is not None:
            raise StaleState(f"{self.place}: there is a state already")
        self._owner.check(state, self.place)
        self._replace_snapshot(self._dumped(state))
        self._sync_folder()
        self._seen = replay(None, state.lineage, state.serial, self.place).tip

    def append(self, entries: Sequence[Entry]) -> None:
        """Write entries to the journal: durable, all or none. Raises StateError."""
        self._check_lock()
        if not entries:
            return
        try:
            encoded = [encode_entry(entry) for entry in entries]
        except ValueError as problem:
            raise StateError(f"{self.place}: an entry was not saved: {problem}") from problem
        self._opened().append(encoded)

    def save(self, state: State) -> State:
        """Write a snapshot; the state with its new serial. Raises StaleState.

        The state must hold all that was appended before; appends wait until it is written.
        """
        self._check_lock()
        self._owner.check(state, self.place)
        saved = replace(state, serial=state.serial + 1)
        data = self._dumped(saved)
        journal = self._opened()
        with journal.paused():
            if not self._is_written(data):
                self._check_serial(state)
                self._replace_snapshot(data)
                journal.restart(saved.lineage, saved.serial)
            self._sync_folder()
            # A journal that stays behind is harmless: it names an older serial.
            with suppress(OSError):
                self._disk.remove(self._log)
        return saved

    def _read(self) -> tuple[State | None, Replay]:
        """Snapshot and journal as they were at one moment."""
        for _ in range(_TRIES):
            snapshot, log = self._bytes()
            try:
                found = self._parsed(snapshot, log)
            except StateError:
                if self._bytes() == (snapshot, log):
                    raise
                continue
            if self._bytes()[0] == snapshot:
                return found
        raise StateError(f"{self.place}: cannot be read: others keep writing it")

    def _bytes(self) -> tuple[bytes | None, bytes | None]:
        with self._saying("the state cannot be read"):
            return self._disk.read(self._snapshot), self._disk.read(self._log)

    def _parsed(self, snapshot: bytes | None, log: bytes | None) -> tuple[State | None, Replay]:
        if snapshot is None:
            if not is_empty(log, str(self._log)):
                raise CorruptState(
                    f"{self._log}: the snapshot that it extends is not there; put it back, or "
                    "remove the journal to start anew"
                )
            return None, Replay("")
        state = load(snapshot, self.place)
        self._owner.check(state, self.place)
        return state, replay(log, state.lineage, state.serial, str(self._log))

    def _opened(self) -> Journal:
        """The journal, once it is sure that nobody wrote since this store last read."""
        with self._opening:
            if self._journal is None:
                state, found = self._read()
                if state is None or found.tip != self._seen:
                    raise StaleState(
                        f"{self.place}: was written by another since it was loaded"
                    )
                self._journal = Journal(
                    self._disk, self._log, state.lineage, state.serial, found
                )
            return self._journal

    def _close(self) -> None:
        if self._journal is not None:
            self._seen = self._journal.tip
            self._journal.close()
            self._journal = None

    def _check_lock(self) -> None:
        if not self._lock.held:
            raise RuntimeError("writing state needs the lock")
        self._lock.check()

    def _check_serial(self, state: State) -> None:
        """Refuse a snapshot on top of another than the one on disk, whoever ignored the lock."""
        written = self._read()[0]
        if written is None or (written.lineage, written.serial) != (
            state.lineage,
            state.serial,
        ):
            there = "is gone" if written is None else f"has serial {written.serial}"
            raise StaleState(
                f"{self.place}: serial {state.serial} was to be saved, but what is there {there}"
            )

    def _is_written(self, data: bytes) -> bool:
        """Whether a save that failed had got as far as the new snapshot."""
        return self._bytes()[0] == data

    def _dumped(self, state: State) -> bytes:
        try:
            return dump(state)
        except ValueError as problem:
            raise StateError(f"{self.place}: was not saved: {problem}") from problem

    def _replace_snapshot(self, data: bytes) -> None:
        temporary = self._snapshot.with_suffix(".json.new")
        with self._saying("the snapshot was not saved; what was there before is intact"):
            with self._disk.open(temporary) as file:
                self._disk.truncate(file, 0)
                self._disk.write(file, 0, data)
                self._disk.sync(file)
            self._disk.replace(temporary, self._snapshot)

    def _sync_folder(self) -> None:
        with self._saying("the snapshot was saved, but may not survive a loss of power"):
            self._disk.sync_folder(self._folder)

    @contextmanager
    def _saying(self, consequence: str) -> Iterator[None]:
        try:
            yield
        except OSError as problem:
            reason = problem.strerror or str(problem)
            raise StateError(f"{self.place}: {reason}: {consequence}") from problem
