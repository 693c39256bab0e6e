"""The socket of the local AWS: on 127.0.0.1 only, a thread for each connection."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from http.server import ThreadingHTTPServer
from typing import Any

from nvx.local.connection import Connection
from nvx.local.control import PREFIX, control_reply
from nvx.local.pipeline import Answer, Machine
from nvx.local.uploads import answer_any
from nvx.local.wire.message import Request

HOST = "127.0.0.1"
"""The only address: whoever reaches the port can run Lambda code."""

_JOIN_S = 5.0
"""How long a stop waits for requests under way; a Lambda function may run longer."""
_PAUSE_S = 0.05


class Listener(ThreadingHTTPServer):
    """Accepts connections until it is told to stop."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, machine: Machine, token: str) -> None:
        super().__init__((HOST, port), Connection)
        self.machine = machine
        self.token = token
        self._open: dict[Any, threading.Thread] = {}
        self._open_lock = threading.Lock()
        self._acceptor = threading.Thread(target=self._accept, name="nvx-local", daemon=True)

    def server_bind(self) -> None:
        """Bind without looking up the name of the address, which may take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = HOST, self.server_address[1]

    def reply(self, request: Request) -> Answer:
        """The answer to any request: control API or AWS."""
        if request.path.startswith(PREFIX):
            return Answer(control_reply(self.machine, self.token, request))
        return answer_any(self.machine, request)

    def start(self) -> None:
        """Accept connections in the background until `stop`."""
        self._acceptor.start()

    def _accept(self) -> None:
        # Unlike serve_forever, this waits without waking up, and ends at once.
        while not self.machine.stopping.is_set():
            try:
                connection, address = self.get_request()
            except OSError:
                self.machine.stopping.wait(_PAUSE_S)  # out of file handles, most likely
                continue
            if self.machine.stopping.is_set():
                connection.close()
                return
            self.process_request(connection, address)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread of its own."""
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        with self._open_lock:
            self._open[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        """Close a connection that has been served."""
        with self._open_lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke concerns its client only."""

    def stop(self) -> None:
        """Stop accepting, end every connection, wait for their threads."""
        self.machine.stopping.set()
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.server_port)):
            self._acceptor.join()
        with self._open_lock:
            still_open = dict(self._open)
        for connection in still_open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        end = time.monotonic() + _JOIN_S
        for thread in still_open.values():
            thread.join(max(0.0, end - time.monotonic()))
        self.server_close()
