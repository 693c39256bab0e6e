"""The journal: an append-only file of what happened since the snapshot that it extends.

Every line is sealed JSON. The first names the lineage and serial of the snapshot; each other one
holds what one write made durable, and the checksum of the line before it, so that a line that was
lost, repeated or swapped is seen. The checksum of the last line, the tip, stands for the whole.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

import orjson

from nvx.core.ports import CorruptState, StateError
from nvx.core.state import Entry
from nvx.store.disk import Disk
from nvx.store.fields import text, whole
from nvx.store.format import decode_entry
from nvx.store.sealed import OPENING, seal, unseal


@dataclass(frozen=True, slots=True)
class Replay:
    """What a journal adds to its snapshot."""

    tip: str
    """The checksum of its last line: of its header where it has no entries."""
    entries: tuple[Entry, ...] = ()
    length: int = 0
    """How many bytes of the file are good; 0 where there is no journal of this snapshot."""


def header(lineage: str, serial: int) -> tuple[bytes, str]:
    """The first line of the journal that extends a snapshot, and its checksum."""
    line, tip = seal({"lineage": lineage, "serial": serial})
    return line + b"\n", tip


def replay(data: bytes | None, lineage: str, serial: int, place: str) -> Replay:
    """What the bytes of a journal add to the snapshot of a lineage and serial.

    Nothing, where they extend an older snapshot or another lineage, or end before a first entry.
    Raises CorruptState or NewerFormat.
    """
    tip = header(lineage, serial)[1]
    lines = _whole_lines(data or b"", place)
    if not lines or not _extends(lines[0], lineage, serial, f"{place}: line 1"):
        return Replay(tip)
    entries: list[Entry] = []
    for number, line in enumerate(lines[1:], 2):
        more, tip = _read(line, tip, f"{place}: line {number}")
        entries += more
    return Replay(tip, tuple(entries), sum(len(line) + 1 for line in lines))


def is_empty(data: bytes | None, place: str) -> bool:
    """Whether a journal has no whole line. Raises CorruptState."""
    return not _whole_lines(data or b"", place)


def _whole_lines(data: bytes, place: str) -> list[bytes]:
    """The lines that were written to their end. What a crash left after them is dropped."""
    *lines, rest = data.split(b"\n")
    rest = rest.rstrip(b"\0")  # some file systems extend a file before they fill it
    if not _is_torn(rest):
        raise CorruptState(f"{place}: line {len(lines) + 1}: is not what nvx wrote")
    return lines


def _is_torn(rest: bytes) -> bool:
    """Whether a line without its end is the start of one; a whole line with a broken end is not."""
    if not (rest.startswith(OPENING) or OPENING.startswith(rest)):
        return False
    try:
        unseal(rest[:-1], "")
    except StateError:
        return True
    return False


def _extends(line: bytes, lineage: str, serial: int, place: str) -> bool:
    body, _ = unseal(line, place)
    try:
        written = text(body.get("lineage")), whole(body.get("serial"))
    except ValueError as problem:
        raise CorruptState(f"{place}: {problem}") from problem
    if written[0] == lineage and written[1] > serial:
        raise CorruptState(
            f"{place}: extends the snapshot of serial {written[1]}, but the one that is there has "
            f"serial {serial}; put the newer snapshot back, or remove the journal to go without it"
        )
    return written == (lineage, serial)


def _read(line: bytes, before: str, place: str) -> tuple[list[Entry], str]:
    body, tip = unseal(line, place)
    if body.get("after") != before:
        raise CorruptState(f"{place}: does not follow the line before it")
    entries = body.get("entries")
    try:
        if not isinstance(entries, list):
            raise ValueError("entries: it is no list")  # noqa: TRY301, TRY004  as all bad content
        return [decode_entry(entry) for entry in entries], tip
    except ValueError as problem:
        raise CorruptState(f"{place}: {problem}") from problem


@dataclass(slots=True)
class _Batch:
    """The entries of one call of `append`, as it waits for them to be durable."""

    entries: Sequence[bytes]
    done: bool = False
    problem: str = ""


@dataclass(slots=True)
class _End:
    """Where the next line goes."""

    tip: str
    length: int
    lead: bytes = b""
    """The header, while the file does not have it yet."""
    clean: bool = False
    """Whether the file is known to end at `length`."""


class Journal:
    """The one writer of a journal. Appends of many threads share a write and an fsync.

    A thread that finds no write under way leads: it writes all that waits as one line, so that a
    crash leaves all of it or nothing, and those that led nothing return when it is durable.
    """

    def __init__(
        self, disk: Disk, path: Path, lineage: str, serial: int, found: Replay
    ) -> None:
        self._disk = disk
        self._path = path
        self._turn = threading.Condition()
        self._waiting: list[_Batch] = []
        self._busy = False
        self._file: FileIO | None = None
        self._end = _End(
            found.tip, found.length, b"" if found.length else header(lineage, serial)[0]
        )

    @property
    def tip(self) -> str:
        """The checksum of the last durable line."""
        return self._end.tip

    def append(self, entries: Sequence[bytes]) -> None:
        """Make encoded entries durable. Raises StateError where they are not."""
        batch = _Batch(entries)
        group: list[_Batch] = []
        with self._turn:
            self._waiting.append(batch)
            self._turn.wait_for(lambda: batch.done or not self._busy)
            if not batch.done:
                self._busy = True
                group, self._waiting = self._waiting, group
        if group:
            self._lead(group)
        if batch.problem:
            raise StateError(batch.problem)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """No write is under way, and none begins."""
        with self._turn:
            self._turn.wait_for(lambda: not self._busy)
            self._busy = True
        try:
            yield
        finally:
            self._release()

    def restart(self, lineage: str, serial: int) -> None:
        """Extend another snapshot from now on, from an empty file. Call it while paused."""
        self.close()
        lead, tip = header(lineage, serial)
        self._end = _End(tip, 0, lead)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _lead(self, group: list[_Batch]) -> None:
        problem = f"{self._path}: the write of the journal was interrupted"
        try:
            self._write([entry for batch in group for entry in batch.entries])
            problem = ""
        except OSError as error:
            count = sum(len(batch.entries) for batch in group)
            problem = (
                f"{self._path}: the journal could not be written: {error.strerror or error}; "
                f"{count} {'entry was' if count == 1 else 'entries were'} not saved"
            )
        finally:
            for batch in group:
                batch.done, batch.problem = True, problem
            self._release()

    def _release(self) -> None:
        with self._turn:
            self._busy = False
            self._turn.notify_all()

    def _write(self, entries: Sequence[bytes]) -> None:
        end = self._end
        line, tip = seal({"after": end.tip, "entries": [orjson.Fragment(e) for e in entries]})
        data = end.lead + line + b"\n"
        if end.lead:
            # The snapshot's name must last before the journal of the one before it goes.
            self._disk.sync_folder(self._path.parent)
        if self._file is None:
            self._file = self._disk.open(self._path)
        if not end.clean:
            # Also after a failed fsync: the kernel may take the pages for written, and forget them.
            self._disk.truncate(self._file, end.length)
        end.clean = False
        self._disk.write(self._file, end.length, data)
        self._disk.sync(self._file)
        if end.lead:
            self._disk.sync_folder(self._path.parent)
        self._end = _End(tip, end.length + len(data), clean=True)
