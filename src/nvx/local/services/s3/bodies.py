"""Bodies on their way in and out: hashed while they are kept, cut to a range while they leave."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from nvx.local.context import AwsError, Context, Params
from nvx.local.services.s3 import checksums

_CHUNK = 1 << 20
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Readable(Protocol):
    """Anything that gives bytes piece by piece."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; b"" at the end."""


@dataclass(frozen=True, slots=True)
class Received:
    """A body that was kept."""

    blob: str
    size: int
    md5: bytes
    checksums: Mapping[str, str]

    @property
    def etag(self) -> str:
        """The ETag of a body that came in one piece."""
        return f'"{self.md5.hex()}"'

    def part(self) -> dict[str, Any]:
        """The body as one piece of an object."""
        return {"Blob": self.blob, "Size": self.size, "Checksums": dict(self.checksums)}


class _Meter:
    """Hashes what is read through it."""

    def __init__(self, source: Readable, algorithms: Sequence[str]) -> None:
        self._source = source
        self.md5 = hashlib.md5(usedforsecurity=False)
        self.digests = {name: checksums.start(name) for name in algorithms}
        self.size = 0

    def read(self, size: int = -1, /) -> bytes:
        data = self._source.read(size)
        self.size += len(data)
        self.md5.update(data)
        for digest in self.digests.values():
            digest.update(data)
        return data


class _Joined:
    """A readable view of pieces, so that a range of an object can be kept as a new body."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            data, self._rest = self._rest + b"".join(self._pieces), b""
            return data
        if not self._rest:
            self._rest = next(self._pieces, b"")
        data, self._rest = self._rest[:size], self._rest[size:]
        return data


def readable(body: Any) -> Readable:
    """A request's body as something to read from."""
    if body is None:
        return io.BytesIO()
    if isinstance(body, bytes | bytearray):
        return io.BytesIO(body)
    if isinstance(body, str):
        return io.BytesIO(body.encode())
    source: Readable = body
    return source


def receive(ctx: Context, params: Params, algorithms: Sequence[str] = ()) -> Received:
    """Keep the body of a request; refuse it where a checksum that came with it is wrong."""
    received = keep(ctx, readable(params.get("Body")), algorithms)
    checksums.verify_md5(params, received.md5)
    checksums.verify(params, received.checksums)
    return received


def keep(ctx: Context, source: Readable, algorithms: Sequence[str]) -> Received:
    """Keep what can be read, with its checksums."""
    meter = _Meter(source, algorithms)
    blob = ctx.blobs.put_file(meter)
    found = {name: checksums.text(digest.digest()) for name, digest in meter.digests.items()}
    return Received(blob, meter.size, meter.md5.digest(), found)


def pieces(
    ctx: Context, parts: Sequence[Mapping[str, Any]], start: int, stop: int
) -> Iterator[bytes]:
    """The bytes from `start` to before `stop` of an object, in pieces that fit in memory."""
    for part in parts:
        size = part["Size"]
        if start < size and stop > 0:
            yield from _slice(ctx, part["Blob"], max(start, 0), min(stop, size))
        start -= size
        stop -= size


def joined(ctx: Context, parts: Sequence[Mapping[str, Any]], start: int, stop: int) -> Readable:
    """A range of an object as something to read from."""
    return _Joined(pieces(ctx, parts, start, stop))


def cut(header: str | None, size: int) -> tuple[int, int] | None:
    """The (start, stop) that a Range header asks for; None for the whole object."""
    match = _RANGE.fullmatch(header or "")
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        start, stop = max(size - int(last), 0), size
        satisfiable = int(last) > 0 and size > 0
    else:
        start, stop = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
        satisfiable = start < size
    if not satisfiable:
        members = {"RangeRequested": header, "ActualObjectSize": size}
        message = "The requested range is not satisfiable"
        raise AwsError("InvalidRange", message, 416, members=members)
    return start, stop


def _slice(ctx: Context, blob: str, start: int, stop: int) -> Iterator[bytes]:
    with ctx.blobs.open(blob) as file:
        file.seek(start)
        left = stop - start
        while left > 0 and (data := file.read(min(left, _CHUNK))):
            left -= len(data)
            yield data
