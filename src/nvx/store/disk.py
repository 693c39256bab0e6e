"""The door to the disk: each method is one step that can fail, or be the last one before a crash."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path


class Disk:
    """The file system of this machine. Every method raises OSError where it cannot."""

    def read(self, path: Path) -> bytes | None:
        """All bytes of a file; None where there is none."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def make_folder(self, path: Path) -> None:
        """Make a folder and those above it, each durable in the one that holds it."""
        if path.is_dir():
            return
        self.make_folder(path.parent)
        path.mkdir(exist_ok=True)
        self.sync_folder(path.parent)

    def open(self, path: Path) -> FileIO:
        """A file for writing, made where there is none. What it holds stays."""
        return FileIO(path, "r+b", opener=_open_or_make)

    def write(self, file: FileIO, offset: int, data: bytes) -> None:
        """Write all of the data, from an offset on."""
        file.seek(offset)
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) or 0 :]

    def truncate(self, file: FileIO, length: int) -> None:
        """Cut a file to a length."""
        file.truncate(length)

    def sync(self, file: FileIO) -> None:
        """Return once what was written to a file would survive a loss of power."""
        os.fsync(file.fileno())

    def replace(self, source: Path, target: Path) -> None:
        """Give a file the name of another, in one step."""
        source.replace(target)

    def sync_folder(self, path: Path) -> None:
        """Return once the names in a folder would survive a loss of power."""
        if os.name == "nt":  # Windows opens no folders, and journals their names itself
            return
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def remove(self, path: Path) -> None:
        """Remove a file, if it is there."""
        path.unlink(missing_ok=True)


def identity(path: Path) -> tuple[int, int] | None:
    """What tells one file from another of the same name; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _open_or_make(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT, 0o666)
