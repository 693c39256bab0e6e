"""The local AWS as a server that a process (or a test) holds."""

from __future__ import annotations

import secrets
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self

from nvx.local.blobs import Blobs
from nvx.local.calls import Call, CallLog
from nvx.local.clock import Clock
from nvx.local.faults import Faults
from nvx.local.folder import Folder, FolderError
from nvx.local.listener import HOST, Listener
from nvx.local.pipeline import Machine
from nvx.local.services import load_all
from nvx.local.settings import Settings
from nvx.local.store import Store


class LocalAws:
    """A running local AWS, on a folder or (without one) in memory; a context manager.

    Raises AlreadyRunning where another server holds the folder, FolderError where the folder
    cannot be used, OSError where the port is taken.
    """

    def __init__(
        self,
        directory: Path | None = None,
        *,
        settings: Settings | None = None,
        port: int = 0,
    ) -> None:
        load_all()
        self._folder = Folder(directory) if directory is not None else None
        self.settings = settings or Settings()
        try:
            self._machine = _machine(self._folder, self.settings)
        except (sqlite3.DatabaseError, OSError, ValueError) as error:
            if self._folder is None:
                raise
            self._folder.close()
            raise FolderError(f"The folder {directory} cannot be read: {error}.") from error
        self.token = self._folder.token if self._folder else secrets.token_hex(16)
        try:
            self._listener = Listener(port, self._machine, self.token)
        except OSError:
            self._close_machine()
            raise
        self.port = int(self._listener.server_port)
        self.url = f"http://{HOST}:{self.port}"
        self._machine.endpoint = self.url
        if self._folder:
            self._folder.announce(self.url)
        self._listener.start()

    @property
    def calls(self) -> list[Call]:
        """Every request of an AWS client so far."""
        return self._machine.calls.all()

    @property
    def faults(self) -> Faults:
        """The fault rules."""
        return self._machine.faults

    @property
    def clock(self) -> Clock:
        """The clock; advance it through `advance` while requests may come in."""
        return self._machine.clock

    @property
    def store(self) -> Store:
        """The store, for tests that look behind the wire."""
        return self._machine.store

    @property
    def blobs(self) -> Blobs:
        """The bodies."""
        return self._machine.blobs

    @property
    def bad_output(self) -> list[str]:
        """What the self-check found wrong with the server's own replies."""
        return self._machine.bad_output

    def advance(self, seconds: float) -> None:
        """Move the clock between two requests."""
        with self._machine.lock:
            self._machine.clock.advance(seconds)

    def clear_calls(self) -> None:
        """Forget the calls so far."""
        self._machine.calls.clear()

    def wait(self) -> None:
        """Wait until somebody asks the server to stop: `halt` or the control API."""
        self._machine.halted.wait()

    def halt(self) -> None:
        """Ask the server to stop; who waits for that goes on. Safe in a signal handler."""
        self._machine.halted.set()

    def stop(self) -> None:
        """Stop, and let go of port and folder. A second call does nothing."""
        if self._machine.stopping.is_set():
            return
        self._listener.stop()
        self._close_machine()

    def _close_machine(self) -> None:
        with self._machine.lock:
            self._machine.store.close()
        self._machine.calls.close()
        if self._folder:
            self._folder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _machine(folder: Folder | None, settings: Settings) -> Machine:
    store = Store(folder.store if folder else None)
    return Machine(
        store=store,
        blobs=Blobs(folder.blobs if folder else None),
        clock=Clock(store, settings),
        settings=settings,
        faults=Faults(settings.seed),
        calls=CallLog(folder.calls if folder else None),
    )
