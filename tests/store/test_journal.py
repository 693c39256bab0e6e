from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nvx.core.ports import CorruptState, NewerFormat, StateError
from nvx.core.state import Used
from nvx.store.file import FileStore
from support.fuse import Fuse, FusedDisk, no_space
from support.state_sites import EMPTY, STEPS, opened, states


def test_every_truncated_journal_is_a_moment_of_the_past(
    store: FileStore, folder: Path
) -> None:
    journal = folder / "demo.journal"
    data = journal.read_bytes()
    seen = []
    for length in range(len(data) + 1):
        journal.write_bytes(data[:length])
        seen.append(states().index(store.load() or EMPTY))
    assert seen == sorted(seen)
    assert set(seen) == {0, 1, 2, 3}


def test_a_torn_journal_goes_on_after_its_last_whole_line(
    store: FileStore, folder: Path
) -> None:
    journal = folder / "demo.journal"
    data = journal.read_bytes()
    for length in range(0, len(data), 7):
        journal.write_bytes(data[:length])
        state = store.load()
        assert state is not None
        with store.lock("apply"):
            store.append([Used("next", 1)])
        assert store.load() == replace(state, highest={**state.highest, "next": 1})


@pytest.mark.parametrize("zeros", [1, 4096])
def test_zeros_that_a_file_system_left_at_the_end_are_dropped(
    store: FileStore, folder: Path, zeros: int
) -> None:
    with (folder / "demo.journal").open("ab") as journal:
        journal.write(b'{"form' + bytes(zeros))
    assert store.load() == states()[-1]


def test_every_flipped_bit_of_a_journal_is_refused_or_changes_nothing(
    store: FileStore, folder: Path
) -> None:
    journal = folder / "demo.journal"
    data = journal.read_bytes()
    for position in range(len(data)):
        flipped = bytearray(data)
        flipped[position] ^= 1 << (position % 8)
        journal.write_bytes(flipped)
        try:
            assert store.load() == states()[-1], position
        except (CorruptState, NewerFormat):
            continue


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary() | st.builds(lambda tail: b'{"format":"nvx.state/1"' + tail, st.binary())
)
def test_any_bytes_as_a_journal_are_refused_or_say_nothing(
    store: FileStore, folder: Path, data: bytes
) -> None:
    (folder / "demo.journal").write_bytes(data)
    try:
        assert store.load() == EMPTY
    except (CorruptState, NewerFormat) as error:
        assert str(folder / "demo.journal") in str(error)  # noqa: PT017  either is right


@pytest.mark.parametrize("change", ["lose", "swap", "repeat"])
def test_a_journal_with_a_line_lost_swapped_or_repeated_is_corrupt(
    store: FileStore, folder: Path, change: str
) -> None:
    journal = folder / "demo.journal"
    head, one, two, three = journal.read_bytes().splitlines(keepends=True)
    changed = {
        "lose": [head, one, three],
        "swap": [head, two, one, three],
        "repeat": [head, one, two, two, three],
    }
    journal.write_bytes(b"".join(changed[change]))
    with pytest.raises(CorruptState, match=r"line [234]: does not follow"):
        store.load()


def test_a_journal_of_an_older_snapshot_says_nothing_and_is_swept(
    store: FileStore, folder: Path
) -> None:
    journal = folder / "demo.journal"
    old = journal.read_bytes()
    with store.lock("apply"):
        saved = store.save(states()[-1])
    journal.write_bytes(old)
    assert store.load() == saved
    with store.lock("apply"):
        store.append([Used("hub", 9)])
    assert store.load() == replace(saved, highest={"hub": 9})


def test_a_journal_of_a_newer_snapshot_is_not_thrown_away(
    store: FileStore, folder: Path
) -> None:
    old = (folder / "demo.json").read_bytes()
    with store.lock("apply"):
        store.save(states()[-1])
        store.append([Used("hub", 9)])
    (folder / "demo.json").write_bytes(old)
    with pytest.raises(CorruptState, match="serial 1"):
        store.load()


def test_a_journal_of_another_lineage_says_nothing(store: FileStore, folder: Path) -> None:
    (folder / "demo.json").unlink()
    journal = (folder / "demo.journal").rename(folder / "kept")
    another = replace(EMPTY, lineage="lineage-2")
    with store.lock("apply"):
        store.start(another)
    journal.rename(folder / "demo.journal")
    assert store.load() == another


def test_a_journal_without_its_snapshot_is_not_thrown_away(
    store: FileStore, folder: Path
) -> None:
    (folder / "demo.json").unlink()
    with pytest.raises(CorruptState, match="not there"):
        store.load()
    with store.lock("apply"), pytest.raises(CorruptState):
        store.start(EMPTY)


def test_each_append_of_one_thread_has_its_own_sync(tmp_path: Path) -> None:
    disk = FusedDisk(Fuse())
    store = opened(tmp_path, disk)
    with store.lock("apply"):
        store.start(EMPTY)
        before = disk.syncs
        for number in range(10):
            store.append([Used("hub", number)])
    assert disk.syncs - before == 10


def test_a_snapshot_that_cannot_be_saved_stays_in_the_journal(tmp_path: Path) -> None:
    fuse = Fuse(blow=no_space)
    store = opened(tmp_path, FusedDisk(fuse))
    with store.lock("apply"):
        store.start(EMPTY)
        store.append(STEPS[0])
        fuse.at = len(fuse.passed) + 2
        with pytest.raises(StateError, match=r"No space left on device.*not saved"):
            store.save(states()[1])
        store.append(STEPS[1])
    assert opened(tmp_path).load() == states()[2]


def test_a_short_entry_after_a_long_one_that_failed_is_all_that_is_there(
    tmp_path: Path,
) -> None:
    fuse = Fuse(blow=no_space)
    store = opened(tmp_path, FusedDisk(fuse))
    with store.lock("apply"):
        store.start(EMPTY)
        store.append([Used("hub", 1)])
        fuse.at = len(fuse.passed) + 3
        with pytest.raises(StateError, match="1 entry was not saved"):
            store.append([Used("long" * 100, 1)])
        assert fuse.passed[-1] == "after write"
        store.append([Used("hub", 2)])
    assert opened(tmp_path).load() == replace(EMPTY, highest={"hub": 2})
