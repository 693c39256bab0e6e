"""The local AWS as a server: on 127.0.0.1 only, a thread for each connection."""

from __future__ import annotations

import contextlib
import secrets
import socket
import sqlite3
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from nvx.local.blobs import Blobs
from nvx.local.calls import Call, CallLog
from nvx.local.clock import Clock
from nvx.local.connection import Connection
from nvx.local.control import PREFIX, control_reply
from nvx.local.faults import Faults
from nvx.local.folder import Folder, FolderError
from nvx.local.pipeline import Answer, Machine, answer
from nvx.local.services import load_all
from nvx.local.settings import Settings
from nvx.local.store import Store
from nvx.local.wire.message import Request

_HOST = "127.0.0.1"


class Listener(ThreadingHTTPServer):
    """Accepts connections until it is told to stop."""

    daemon_threads = True
    block_on_close = True
    request_queue_size = 128

    def __init__(self, port: int, machine: Machine, token: str) -> None:
        super().__init__((_HOST, port), Connection)
        self.machine = machine
        self.token = token
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()

    def server_bind(self) -> None:
        """Bind without looking up the name of the address, which may take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = _HOST, self.server_address[1]

    def reply(self, request: Request) -> Answer:
        """The answer to any request: control API or AWS."""
        if request.path.startswith(PREFIX):
            return Answer(control_reply(self.machine, self.token, request))
        return answer(self.machine, request)

    def accept_all(self) -> None:
        """Serve until `stop`. Unlike serve_forever, this waits without waking up."""
        while not self.machine.stopping.is_set():
            try:
                connection, address = self.get_request()
            except OSError:
                continue
            if self.machine.stopping.is_set():
                connection.close()
                return
            with self._open_lock:
                self._open.add(connection)
            self.process_request(connection, address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection that has been served."""
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke concerns its client only."""

    def stop(self) -> None:
        """Stop accepting, end every connection, wait for their threads."""
        self.machine.stopping.set()
        with contextlib.suppress(OSError), socket.create_connection((_HOST, self.server_port)):
            pass
        with self._open_lock:
            still_open = list(self._open)
        for connection in still_open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


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
        self.url = f"http://{_HOST}:{self.port}"
        self._machine.endpoint = self.url
        if self._folder:
            self._folder.announce(self.url)
        self._thread = threading.Thread(
            target=self._listener.accept_all, name="nvx-local", daemon=True
        )
        self._thread.start()

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
        self._thread.join()
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
