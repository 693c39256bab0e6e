from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from nvx.core.ports import CorruptState, Locked, StaleState, StateError
from nvx.core.state import Done, Used
from nvx.store.file import FileStore
from nvx.store.lock import ourselves
from support.clock import FakeClock
from support.memory_store import somebody
from support.state_sites import AT, EMPTY, RECORD, opened, states


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


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StateError, match="Permission denied"), opened(tmp_path).lock("apply"):
        pytest.fail("locked")


def test_a_file_where_a_folder_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "000000000000").write_text("")
    store = opened(tmp_path)
    with pytest.raises(StateError, match="Not a directory"):
        store.load()
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
