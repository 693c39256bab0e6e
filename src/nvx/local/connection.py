"""One HTTP connection: requests in, replies out, and the faults of networks."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import urlsplit

from nvx.local.context import AwsError
from nvx.local.faults import Fault
from nvx.local.pipeline import refusal
from nvx.local.wire.body import is_too_large, read_body
from nvx.local.wire.message import Reply, Request, split_target

if TYPE_CHECKING:
    from nvx.local.listener import Listener

_PIECE = 1 << 16
_LOCALHOST = "localhost"
_GARBAGE = b"<html><body><h1>Sign in to continue</h1></body></html>"
_BODYLESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
_S3_MARK = ".s3"


class Connection(BaseHTTPRequestHandler):
    """Serves the requests of one connection, one after another."""

    protocol_version = "HTTP/1.1"
    server_version = "nvx-local"
    sys_version = ""
    disable_nagle_algorithm = True
    server: Listener

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing; the call log has it all."""

    def handle_one_request(self) -> None:
        """Serve one request; a connection that breaks ends quietly."""
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True

    def handle_expect_100(self) -> bool:
        """Ask for the body, unless it is refused for its size alone."""
        return (
            is_too_large(self.headers.get("Content-Length", "")) or super().handle_expect_100()
        )

    def _serve(self) -> None:
        headers = {key.lower(): value for key, value in self.headers.items()}
        body: BinaryIO = BytesIO()
        path, query = split_target(self.path)
        path = bucket_in_path(headers.get("host", ""), path)
        request = Request(self.command, path, query, headers)
        try:
            if not is_local(headers.get("host", "")) or not is_local_origin(headers):
                self._refuse_host()
                return
            request.body = body = read_body(cast(BinaryIO, self.rfile), headers)
            answer = self.server.reply(request)
            self._send(answer.reply, answer.fault)
        except AwsError as error:
            self.close_connection = True
            self._write(refusal(request, error))
        finally:
            body.close()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_PATCH = do_OPTIONS = _serve

    def _refuse_host(self) -> None:
        self.close_connection = True
        text = "This server answers only to loopback names.\n"
        self._write(Reply(403, {"Content-Type": "text/plain"}, text.encode()))

    def _send(self, reply: Reply, fault: Fault | None) -> None:
        match fault.do if fault else "":
            case "drop" | "drop_after":
                self._cut()
            case "reset":
                self._cut(reset=True)
            case "hang" | "hang_after":
                self.server.machine.stopping.wait(fault.seconds if fault else 0)
                self._cut()
            case "truncate":
                self._truncate(reply, fault.at if fault else None)
            case "garbage":
                status = (fault.status if fault else 0) or 200
                self._write(Reply(status, {"Content-Type": "text/html"}, _GARBAGE))
            case _:
                self._write(reply)

    def _write(self, reply: Reply) -> None:
        body, size = _sized(reply)
        head = self._head(reply, size)
        bare = self.command == "HEAD" or reply.status in _BODYLESS
        if bare or isinstance(body, bytes):
            self.wfile.write(head + (b"" if bare or not isinstance(body, bytes) else body))
            _close(body)
            return
        try:
            self.wfile.write(head)
            for piece in _pieces(body):
                chunk = piece if size is not None else b"%x\r\n%s\r\n" % (len(piece), piece)
                self.wfile.write(chunk)
            if size is None:
                self.wfile.write(b"0\r\n\r\n")
        finally:
            _close(body)

    def _head(self, reply: Reply, size: int | None) -> bytes:
        headers = dict(reply.headers)
        names = {name.lower() for name in headers}
        if reply.status not in _BODYLESS and "content-length" not in names:
            if size is None:
                headers["Transfer-Encoding"] = "chunked"
            else:
                headers["Content-Length"] = str(size)
        if "date" not in names:
            headers["Date"] = self.date_time_string()
        headers["Server"] = self.server_version
        if self.close_connection:
            headers["Connection"] = "close"
        phrase = HTTPStatus(reply.status).phrase if reply.status in _STATUSES else "Unknown"
        lines = [f"HTTP/1.1 {reply.status} {phrase}"]
        lines += [f"{name}: {_one_line(value)}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")

    def _truncate(self, reply: Reply, at: int | None) -> None:
        """Send a part of the body with the length of that part: well-formed HTTP, half a reply."""
        body, _ = _sized(reply)
        data = body if isinstance(body, bytes) else b"".join(_pieces(body))
        _close(body)
        cut = len(data) // 2 if at is None else at
        kept = {
            key: value
            for key, value in reply.headers.items()
            if key.lower() != "content-length"
        }
        self._write(Reply(reply.status, kept, data[:cut]))

    def _cut(self, *, reset: bool = False) -> None:
        """Close the connection without a reply."""
        self.close_connection = True
        if reset:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            return
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


_STATUSES = frozenset(int(status) for status in HTTPStatus)


def is_local(host: str) -> bool:
    """Whether a Host header (or the host of an origin) names this machine's loopback."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    if name == _LOCALHOST or name.endswith(f".{_LOCALHOST}"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_local_origin(headers: dict[str, str]) -> bool:
    """Whether a request is no script of a foreign web page."""
    origin = headers.get("origin")
    return origin is None or is_local(origin.partition("://")[2])


def bucket_in_path(host: str, path: str) -> str:
    """The path with the bucket that a host such as bucket.localhost names in front."""
    name = host.rsplit(":", 1)[0].rstrip(".")
    bucket = name.removesuffix(f".{_LOCALHOST}")
    if bucket == name or f".{bucket}.".startswith(f"{_S3_MARK}."):
        return path
    bucket = bucket.partition(f"{_S3_MARK}.")[0].removesuffix(_S3_MARK)
    return f"/{bucket}{path}"


def _sized(reply: Reply) -> tuple[bytes | BinaryIO | Iterable[bytes], int | None]:
    body = reply.body
    if isinstance(body, bytes | bytearray):
        return bytes(body), len(body)
    stated = {key.lower(): value for key, value in reply.headers.items()}.get("content-length")
    if stated is not None:
        return body, int(stated)
    if hasattr(body, "seek") and hasattr(body, "tell"):
        start = body.tell()
        end = body.seek(0, 2)
        body.seek(start)
        return body, end - start
    return body, None


def _pieces(body: BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
    read = getattr(body, "read", None)
    if read is None:
        yield from (piece for piece in body if piece)
        return
    while piece := read(_PIECE):
        yield piece


def _close(body: object) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()


def _one_line(value: str) -> str:
    return str(value).replace("\r", " ").replace("\n", " ")
