from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nvx.core.address import Address
from nvx.core.ports import CorruptState, Locked, NewerFormat, StaleState, StateError
from nvx.core.resource import Nature
from nvx.core.state import Begin, Done, Entry, Intent, Ledger, Record, State, Status, Used
from nvx.store.file import FileStore
from nvx.store.lock import ourselves
from support.clock import FakeClock
from support.fuse import Fuse, FusedDisk, no_space
from support.memory_store import somebody

AT = Address("fine_tune", "support")
RECORD = Record(AT, "fine_tune", "sft", Nature.RUN, "arn:1", "support-1", "d1", Status.READY)
INTENT = Intent("i1", AT, "fine_tune", "sft", "n", "d1", "", 1, "t", "now", RECORD)
EMPTY = State("demo", "000000000000", "us-east-1", "lineage-1")
STEPS: Sequence[Sequence[Entry]] = (
    [Begin(INTENT)],
    [Done("i1", RECORD), Used("hub", 1)],
    [Used("hub", 2)],
)


def opened(root: Path, disk: FusedDisk | None = None) -> FileStore:
    return FileStore(root, "demo", "000000000000", "us-east-1", holder=somebody, disk=disk)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "000000000000" / "us-east-1"


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    """A store with a snapshot and a journal of three writes."""
    made = opened(tmp_path)
    with made.lock("apply"):
        made.start(EMPTY)
        for step in STEPS:
            made.append(step)
    return made


def states() -> list[State]:
    """What is recorded after none, one, two and three steps."""
    ledger = Ledger(EMPTY)
    found = [EMPTY]
    for step in STEPS:
        for entry in step:
            ledger.apply(entry)
        found.append(ledger.state)
    return found


def test_state_is_in_a_folder_of_its_account_and_region(store: FileStore, folder: Path) -> None:
    assert store.place == str(folder / "demo.json")
    assert sorted(path.name for path in folder.iterdir()) == [
        "demo.journal",
        "demo.json",
        "demo.lock",
    ]


def test_a_save_leaves_no_journal_and_no_temporary_file(store: FileStore, folder: Path) -> None:
    with store.lock("apply"):
        store.save(states()[-1])
    assert sorted(path.name for path in folder.iterdir()) == ["demo.json", "demo.lock"]


def test_reading_makes_nothing(tmp_path: Path) -> None:
    store = opened(tmp_path)
    assert (store.load(), store.holder(), store.unlock()) == (None, None, None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("stack", "account", "region"),
    [
        ("../demo", "000000000000", "us-east-1"),
        ("", "000000000000", "us-east-1"),
        ("a" * 21, "000000000000", "us-east-1"),
        ("demo\n", "000000000000", "us-east-1"),
        ("demo", "..", "us-east-1"),
        ("demo", "0000000000000", "us-east-1"),
        ("demo", "٠" * 12, "us-east-1"),
        ("demo", "000000000000", "../us-east-1"),
        ("demo", "000000000000", "us-east-1\0"),
    ],
)
def test_names_that_are_none_make_no_path(
    tmp_path: Path, stack: str, account: str, region: str
) -> None:
    with pytest.raises(StateError, match="no such name"):
        FileStore(tmp_path, stack, account, region, holder=somebody)


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


def test_a_snapshot_of_another_account_is_refused(store: FileStore, folder: Path) -> None:
    real = folder.parent.parent / "111111111111" / "us-east-1"
    real.mkdir(parents=True)
    (real / "demo.json").write_bytes((folder / "demo.json").read_bytes())
    misled = FileStore(real.parent.parent, "demo", "111111111111", "us-east-1", holder=somebody)
    with pytest.raises(CorruptState, match="belongs to stack demo in account 000000000000"):
        misled.load()


def test_a_snapshot_that_somebody_replaced_without_the_lock_is_not_overwritten(
    store: FileStore, folder: Path, tmp_path: Path
) -> None:
    with store.lock("apply"):
        store.append([Used("hub", 3)])
        (folder / "demo.lock").rename(folder / "aside")
        intruder = opened(tmp_path)
        with intruder.lock("apply"):
            intruder.save(intruder.load() or EMPTY)
        (folder / "aside").rename(folder / "demo.lock")
        with pytest.raises(StaleState, match="has serial 1"):
            store.save(states()[-1])


def test_entries_that_json_cannot_hold_are_said_and_the_store_goes_on(store: FileStore) -> None:
    odd = replace(RECORD, outputs={"loss": float("nan")})
    with store.lock("apply"):
        with pytest.raises(StateError, match="not saved"):
            store.append([Done("i1", odd)])
        with pytest.raises(StateError, match="not saved"):
            store.save(replace(EMPTY, records={AT: (odd,)}))
        store.append([Used("hub", 3)])
    assert store.load() == replace(states()[-1], highest={"hub": 3})


def test_each_append_of_one_thread_has_its_own_sync(tmp_path: Path) -> None:
    disk = FusedDisk(Fuse())
    store = opened(tmp_path, disk)
    with store.lock("apply"):
        store.start(EMPTY)
        before = disk.syncs
        for number in range(10):
            store.append([Used("hub", number)])
    assert disk.syncs - before == 10


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StateError, match="Permission denied"), opened(tmp_path).lock("apply"):
        pytest.fail("locked")


def test_a_file_where_a_folder_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "000000000000").write_text("")
    store = opened(tmp_path)
    assert store.load() is None
    with pytest.raises(StateError, match="no lock was taken"), store.lock("apply"):
        pytest.fail("locked")


@pytest.mark.parametrize("name", ["demo.json", "demo.journal", "demo.lock"])
def test_a_folder_where_a_file_should_be_is_said(
    folder: Path, tmp_path: Path, name: str
) -> None:
    (folder / name).mkdir(parents=True)
    store = opened(tmp_path)
    with pytest.raises(StateError), store.lock("apply"):
        store.load()


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


@pytest.mark.parametrize("note", [b"", b"{", b"[]", b'{"who": 1}', b"\xff"])
def test_a_broken_note_of_the_holder_names_nobody(
    store: FileStore, folder: Path, tmp_path: Path, note: bytes
) -> None:
    with store.lock("apply"):
        (folder / "demo.holder").write_bytes(note)
        assert store.holder() is None
        with pytest.raises(Locked) as refused, opened(tmp_path).lock("apply"):
            pytest.fail("two holders")
        assert refused.value.holder is None


def test_a_note_that_a_dead_holder_left_names_nobody_and_can_be_removed(
    store: FileStore, folder: Path
) -> None:
    note = folder / "demo.holder"
    with store.lock("apply"):
        left = note.read_bytes()
    note.write_bytes(left)
    assert store.holder() is None
    assert store.unlock() == somebody("apply")
    assert not note.exists()
    assert store.unlock() is None


def test_a_holder_is_this_process_and_since_when() -> None:
    holder = ourselves(FakeClock())("apply")
    assert (holder.pid, holder.purpose) == (os.getpid(), "apply")
    assert holder.since == "2026-01-01T00:00:00+00:00"
    assert holder.who
    assert holder.host


def test_the_note_is_plain_json(store: FileStore, folder: Path) -> None:
    with store.lock("apply"):
        assert orjson.loads((folder / "demo.holder").read_bytes())["purpose"] == "apply"


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
