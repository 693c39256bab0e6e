"""A fuse that blows at the n-th point of a piece of work, and a disk with a fuse at every step."""

from __future__ import annotations

import errno
from collections.abc import Callable
from io import FileIO
from pathlib import Path

from nvx.store.disk import Disk


class Crash(BaseException):
    """The process died here. Not an Exception: nothing catches a kill."""


def no_space() -> BaseException:
    """The error of a full disk."""
    return OSError(errno.ENOSPC, "No space left on device")


class Fuse:
    """Counts points, and raises at one of them; a crash goes on for ever, an error happens once."""

    def __init__(self, at: int = 0, blow: Callable[[], BaseException] = Crash) -> None:
        self.at = at
        self.blow = blow
        self.passed: list[str] = []

    @property
    def blown(self) -> bool:
        """Whether the work got as far as the point."""
        return 0 < self.at <= len(self.passed)

    def point(self, name: str) -> None:
        """One point of the work. Raises at the chosen one."""
        dead = self.blown and self.blow is Crash
        self.passed.append(name)
        if dead or len(self.passed) == self.at:
            raise self.blow()


class FusedDisk(Disk):
    """The disk of this machine, with a point before and after every step that changes it.

    A write has a third one, after half of its data.
    """

    def __init__(self, fuse: Fuse) -> None:
        self.fuse = fuse
        self.syncs = 0

    def make_folder(self, path: Path) -> None:
        if not path.is_dir():
            self.fuse.point("before make_folder")
            super().make_folder(path)

    def open(self, path: Path) -> FileIO:
        self.fuse.point("before open")
        return super().open(path)

    def write(self, file: FileIO, offset: int, data: bytes) -> None:
        self.fuse.point("before write")
        half = len(data) // 2
        super().write(file, offset, data[:half])
        self.fuse.point("half of write")
        super().write(file, offset + half, data[half:])
        self.fuse.point("after write")

    def truncate(self, file: FileIO, length: int) -> None:
        self.fuse.point("before truncate")
        super().truncate(file, length)
        self.fuse.point("after truncate")

    def sync(self, file: FileIO) -> None:
        self.fuse.point("before sync")
        super().sync(file)
        self.syncs += 1
        self.fuse.point("after sync")

    def replace(self, source: Path, target: Path) -> None:
        self.fuse.point("before replace")
        super().replace(source, target)
        self.fuse.point("after replace")

    def sync_folder(self, path: Path) -> None:
        self.fuse.point("before sync_folder")
        super().sync_folder(path)
        self.fuse.point("after sync_folder")

    def remove(self, path: Path) -> None:
        self.fuse.point("before remove")
        super().remove(path)
        self.fuse.point("after remove")
