"""What is not synced may be lost with the power: names, data, both or neither."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from io import FileIO
from pathlib import Path

import pytest

from nvx.core.state import State, Used
from nvx.store.file import FileStore
from support.fuse import Crash, Fuse, FusedDisk
from support.memory_store import somebody

EMPTY = State("demo", "000000000000", "us-east-1", "lineage-1")


class VolatileDisk(FusedDisk):
    """A disk that knows which names and data were synced, and can forget the others."""

    def __init__(self, fuse: Fuse) -> None:
        super().__init__(fuse)
        self.data: dict[int, bytes] = {}
        self.names: dict[Path, dict[str, int]] = {}

    def open(self, path: Path) -> FileIO:
        is_new = not path.exists()
        file = super().open(path)
        if is_new:
            self.data[path.stat().st_ino] = b""
        return file

    def sync(self, file: FileIO) -> None:
        super().sync(file)
        path = Path(str(file.name))
        self.data[path.stat().st_ino] = path.read_bytes()

    def sync_folder(self, path: Path) -> None:
        super().sync_folder(path)
        self.names[path] = _files(path)

    def lose(self, folder: Path, *, names: bool, data: bool) -> None:
        """Forget what was not synced in a folder: its names, the data of its files."""
        now = _files(folder)
        kept = self.names.get(folder, {}) if names else now
        content = {ino: (folder / name).read_bytes() for name, ino in now.items()}
        if data:
            content |= {ino: self.data[ino] for ino in content}
        for name in now:
            (folder / name).unlink()
        for name, ino in kept.items():
            (folder / name).write_bytes(content.get(ino, self.data[ino]))


def _files(folder: Path) -> dict[str, int]:
    wanted = (".json", ".journal", ".new")
    return {p.name: p.stat().st_ino for p in folder.iterdir() if p.suffix in wanted}


def opened(root: Path, disk: FusedDisk | None = None) -> FileStore:
    return FileStore(root, "demo", "000000000000", "us-east-1", holder=somebody, disk=disk)


def live(store: FileStore, acknowledged: list[int]) -> None:
    """Appends and saves; the number in the state rises with each, and is noted once it is safe."""
    with store.lock("apply"):
        store.start(EMPTY)
        acknowledged.append(0)
        for number in range(1, 9):
            store.append([Used("hub", number)])
            acknowledged.append(number)
            if number % 3 == 0:
                state = store.load()
                assert state is not None
                store.save(state)


@pytest.mark.parametrize("names", [False, True])
@pytest.mark.parametrize("data", [False, True])
def test_a_loss_of_power_anywhere_keeps_what_was_acknowledged(
    tmp_path: Path, names: bool, data: bool
) -> None:
    for at in itertools.count(1):
        root = tmp_path / str(at)
        disk = VolatileDisk(Fuse(at))
        acknowledged: list[int] = []
        try:
            live(opened(root, disk), acknowledged)
        except Crash:
            check(root, disk, acknowledged, names=names, data=data)
        else:
            break
    assert at > 100


def check(
    root: Path, disk: VolatileDisk, acknowledged: Sequence[int], *, names: bool, data: bool
) -> None:
    folder = root / "000000000000" / "us-east-1"
    if folder.is_dir():
        disk.lose(folder, names=names, data=data)
    survivor = opened(root)
    state = survivor.load()
    where = f"{len(disk.fuse.passed)}: {disk.fuse.passed[disk.fuse.at - 1]}"
    if state is None:
        assert not acknowledged, where
        return
    number = state.highest.get("hub", 0)
    last = acknowledged[-1] if acknowledged else 0
    assert last <= number <= last + 1, where
    with survivor.lock("apply"):
        survivor.append([Used("hub", 99)])
    assert opened(root).load() == replace(state, highest={"hub": 99}), where
