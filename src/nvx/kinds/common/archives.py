"""Files out of the archive that a training job leaves, whatever the archive holds."""

from __future__ import annotations

import re
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

LARGEST_FILE = 16 * 1024**2
"""Bytes. A result file has some thousand, one with every subtask a hundred thousand."""

LARGEST_ARCHIVE = 4 * 1024**3
"""Bytes, unpacked. Details of every answer are in the same archive and are passed over."""

_MANY = 10_000
_BLOCK = 512
_CHUNK = 64 * 1024
_LONGEST_NAME = 64 * 1024
_PAX_PATH = re.compile(rb"\d+ path=([^\n]*)\n")


class Readable(Protocol):
    """Bytes that are read once, in order."""

    def read(self, amount: int, /) -> bytes:
        """The next bytes, at most so many; none at the end."""
        ...


class UnreadableArchiveError(ValueError):
    """An archive that cannot be read to its end, or that holds more than any job leaves."""


def files_in(archive: Readable, wanted: Callable[[str], bool]) -> Mapping[str, bytes]:
    """The regular files of a .tar.gz whose name is wanted; nothing is written to disk.

    Names are only compared, so a path that leads out of the archive, a link or a device does no
    harm; memory stays flat whatever sizes are claimed. Raises UnreadableArchiveError.
    """
    stream = _Unzipped(archive)
    found: dict[str, bytes] = {}
    try:
        for number, (name, size) in enumerate(_members(stream)):
            if number >= _MANY:
                raise UnreadableArchiveError(f"it holds more than {_MANY:,} files")
            if wanted(name) and size <= LARGEST_FILE:
                found[name] = stream.exactly(size)
                stream.skip(-size % _BLOCK)
            else:
                stream.skip(size + -size % _BLOCK)
    except (tarfile.TarError, OSError, zlib.error) as failure:
        raise UnreadableArchiveError(f"it is no whole .tar.gz: {failure}") from failure
    return found


def _members(stream: _Unzipped) -> Iterator[tuple[str, int]]:
    """Name and size of each member whose content comes next; a name that is none of a file is ""."""
    long_name = ""
    while block := stream.block():
        info = tarfile.TarInfo.frombuf(block, "utf-8", "replace")
        if info.type in (tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME):
            if info.size > _LONGEST_NAME:
                raise UnreadableArchiveError("a file in it has a name without end")
            said = stream.exactly(info.size)
            stream.skip(-info.size % _BLOCK)
            long_name = _name_in(said, info.type) or long_name
            continue
        name, long_name = long_name or info.name, ""
        yield (name if info.isreg() else "", max(info.size, 0) if _has_content(info) else 0)


def _name_in(said: bytes, type_: bytes) -> str:
    if type_ == tarfile.GNUTYPE_LONGNAME:
        return said.rstrip(b"\0").decode("utf-8", "replace")
    match = _PAX_PATH.search(said)
    return match[1].decode("utf-8", "replace") if match else ""


def _has_content(info: tarfile.TarInfo) -> bool:
    return info.type not in (
        tarfile.LNKTYPE,
        tarfile.SYMTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.DIRTYPE,
        tarfile.FIFOTYPE,
    )


class _Unzipped:
    """What a gzip stream unpacks to, at most a bounded amount."""

    def __init__(self, archive: Readable) -> None:
        self._archive = archive
        self._unzip = zlib.decompressobj(wbits=31)
        self._ready = b""
        self._unpacked = 0

    def block(self) -> bytes:
        """The next header; empty at the end of the archive."""
        block = self._read(_BLOCK)
        if len(block) == _BLOCK and block.strip(b"\0"):
            return block
        if block and len(block) < _BLOCK:
            raise UnreadableArchiveError("it ends in the middle of a file")
        return b""

    def exactly(self, size: int) -> bytes:
        """The next bytes, all of them. Raises UnreadableArchiveError where there are fewer."""
        parts, left = [], size
        while left and (part := self._read(min(left, _CHUNK))):
            parts.append(part)
            left -= len(part)
        if left:
            raise UnreadableArchiveError("it ends in the middle of a file")
        return b"".join(parts)

    def skip(self, size: int) -> None:
        """Pass over bytes. Raises UnreadableArchiveError where there are fewer."""
        while size:
            part = self._read(min(size, _CHUNK))
            if not part:
                raise UnreadableArchiveError("it ends in the middle of a file")
            size -= len(part)

    def _read(self, amount: int) -> bytes:
        while len(self._ready) < amount and not self._unzip.eof:
            more = self._unzip.unconsumed_tail or self._archive.read(_CHUNK)
            if not more:
                break
            part = self._unzip.decompress(more, _CHUNK)
            self._unpacked += len(part)
            if self._unpacked > LARGEST_ARCHIVE:
                raise UnreadableArchiveError(
                    f"it unpacks to more than {LARGEST_ARCHIVE:,} bytes"
                )
            self._ready += part
        part, self._ready = self._ready[:amount], self._ready[amount:]
        return part
