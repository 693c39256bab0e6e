"""The lock of a local state: an OS lock, which no crash leaves behind, and a file that says who."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson

from nvx.core.ports import Clock, Holder, Locked, LockLost, StateError
from nvx.store.disk import Disk, identity
from nvx.store.fields import read
from nvx.store.sealed import encode

BLINK_S = 0.1
"""How long to try: somebody who asks who holds the lock takes it for an instant."""


def ourselves(clock: Clock) -> Callable[[str], Holder]:
    """What makes a holder of this process, given a purpose."""

    def holder(purpose: str) -> Holder:
        since = clock.now().isoformat(timespec="seconds")
        return Holder(_user(), socket.gethostname(), os.getpid(), purpose, since)

    return holder


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run as a number without a name
        return "unknown"


class FileLock:
    """The lock of one state: `<stack>.lock`, and `<stack>.holder` for messages."""

    def __init__(self, disk: Disk, path: Path) -> None:
        self._disk = disk
        self._path = path
        self._note = path.with_suffix(".holder")
        self._file: tuple[int, int] | None = None

    @property
    def held(self) -> bool:
        """Whether it was taken by this object; see `check` for whether it was lost since."""
        return self._file is not None

    @contextmanager
    def hold(self, holder: Holder) -> Iterator[None]:
        """Hold the lock. Raises Locked, or StateError where its file cannot be written."""
        with self._taken():
            self._file = identity(self._path)
            try:
                self._write_note(holder)
                yield
            finally:
                # Not where the lock was lost: the note is the next holder's by then.
                if identity(self._path) == self._file:
                    self._remove_note()
                self._file = None

    def check(self) -> None:
        """Raise LockLost where somebody removed or replaced the file of the lock that is held."""
        if self._file is None or identity(self._path) != self._file:
            raise LockLost(f"{self._path}: the lock was removed while it was held")

    def holder(self) -> Holder | None:
        """Who holds the lock now; None where nobody does, or nobody says so."""
        note = self._read_note()
        if note is None:
            return None
        try:
            with self._taken(timeout_s=0):
                return None
        except StateError:
            return note

    def clear(self) -> Holder | None:
        """Remove what a dead holder left; who it was. Raises Locked where it lives."""
        note = self._read_note()
        if note is not None:
            with self._taken():
                self._remove_note()
        return note

    @contextmanager
    def _taken(self, timeout_s: float = BLINK_S) -> Iterator[None]:
        import filelock  # imported where used: reading state takes no lock

        lock = filelock.FileLock(
            self._path,
            timeout=timeout_s,
            poll_interval=BLINK_S / 10,
            thread_local=False,
            fallback_to_soft=False,
            preserve_lock_file=True,
        )
        try:
            lock.acquire()
        except filelock.Timeout as problem:
            raise Locked(self._read_note()) from problem
        except OSError as problem:
            reason = problem.strerror or problem
            raise StateError(f"{self._path}: the lock cannot be taken: {reason}") from problem
        try:
            yield
        finally:
            lock.release()

    def _read_note(self) -> Holder | None:
        try:
            return read(Holder, orjson.loads(self._disk.read(self._note) or b""))
        except (OSError, ValueError):  # a note is for messages: a broken one is none
            return None

    def _write_note(self, holder: Holder) -> None:
        # A lock without a note locks just as well: the note is no reason to fail.
        with suppress(OSError), self._disk.open(self._note) as file:
            self._disk.truncate(file, 0)
            self._disk.write(file, 0, encode(holder))

    def _remove_note(self) -> None:
        with suppress(OSError):
            self._disk.remove(self._note)
