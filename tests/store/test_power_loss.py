"""What is not synced may be lost with the power: names, data, both or neither."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Sequence
from dataclasses import replace
from io import FileIO
from pathlib import Path

import pytest

from nvx.core.state import State, Used
from nvx.store.file import FileStore
from support.fuse import Crash, Fuse, FusedDisk
from support.state_sites import EMPTY, opened


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


Moment = tuple[int, int]


def moment(state: State | None) -> Moment:
    """How far a state has come: the number in it, and its serial. Each write raises one."""
    return (state.highest.get("hub", 0), state.serial) if state else (-1, 0)


def live(store: FileStore, safe: list[Moment], until: int = 8) -> None:
    """Start where there is nothing; append and save; note each moment once it is safe."""
    with store.lock("apply"):
        state = store.load()
        if state is None:
            store.start(EMPTY)
            safe.append((0, 0))
        for number in range(moment(state)[0] + 1 if state else 1, until + 1):
            store.append([Used("hub", number)])
            safe.append(moment(store.load()))
            if number % 3 == 0:
                safe.append(moment(store.save(store.load() or EMPTY)))


LOSSES = pytest.mark.parametrize(
    ("names", "data"), list(itertools.product([False, True], repeat=2))
)


@LOSSES
def test_a_loss_of_power_anywhere_keeps_what_was_acknowledged(
    tmp_path: Path, names: bool, data: bool
) -> None:
    for at in itertools.count(1):
        root, disk, safe = tmp_path / str(at), VolatileDisk(Fuse(at)), [(-1, 0)]
        try:
            live(opened(root, disk), safe, until=6)
        except Crash:
            check(root, disk, safe, names=names, data=data)
        else:
            break
    assert safe[-1] == (6, 2)
    assert at > 80


@LOSSES
@pytest.mark.parametrize("step", ["before replace", "after replace"])
def test_a_loss_of_power_in_the_life_after_a_kill_keeps_what_was_acknowledged(
    tmp_path: Path, names: bool, data: bool, step: str
) -> None:
    whole = Fuse()
    live(opened(tmp_path / "whole", FusedDisk(whole)), [], until=6)
    kills = [at for at, passed in enumerate(whole.passed, 1) if passed == step]
    assert len(kills) == 3
    for kill, at in itertools.product(kills[:2], range(1, 26)):
        root, disk, safe = tmp_path / f"{kill}-{at}", VolatileDisk(Fuse(kill)), [(-1, 0)]
        with pytest.raises(Crash):
            live(opened(root, disk), safe, until=6)
        disk.fuse = Fuse(at)
        with contextlib.suppress(Crash):
            live(opened(root, disk), safe, until=6)
        check(root, disk, safe, names=names, data=data)


def check(
    root: Path, disk: VolatileDisk, safe: Sequence[Moment], *, names: bool, data: bool
) -> None:
    """What is read holds all that was safe, and the store goes on from there."""
    folder = root / "000000000000" / "us-east-1"
    if folder.is_dir():
        disk.lose(folder, names=names, data=data)
    survivor = opened(root)
    state = survivor.load()
    assert moment(state) >= safe[-1], f"{root.name}: {disk.fuse.passed[-3:]}"
    if state is not None:
        with survivor.lock("apply"):
            survivor.append([Used("hub", 99)])
        assert opened(root).load() == replace(state, highest={"hub": 99})
