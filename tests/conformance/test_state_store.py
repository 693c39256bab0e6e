"""What every state store promises. A store is added by adding its site to SITES."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nvx.core.address import Address
from nvx.core.ports import (
    CorruptState,
    Locked,
    LockLost,
    StaleState,
    StateError,
    StateStore,
)
from nvx.core.resource import Nature
from nvx.core.state import (
    Begin,
    Done,
    Drop,
    Entry,
    Intent,
    Ledger,
    Move,
    Put,
    Record,
    Refused,
    Retire,
    State,
    Status,
    Used,
)
from nvx.store.file import FileStore
from support.fuse import Crash, Fuse, FusedDisk, no_space
from support.memory_store import MemoryStore, Shelf, somebody
from support.strategies import entries

AT = Address("fine_tune", "support")
OTHER = Address("fine_tune", "other", "a/b\n")
RECORD = Record(AT, "fine_tune", "sft", Nature.RUN, "arn:1", "support-1", "d1", Status.READY)
INTENT = Intent("i1", AT, "fine_tune", "sft", "n", "d1", "", 1, "t", "now", RECORD)
EMPTY = State("demo", "000000000000", "us-east-1", "lineage-1")
LIFE: tuple[Entry, ...] = (
    Begin(INTENT),
    Done("i1", RECORD),
    Begin(replace(INTENT, id="i2")),
    Refused("i2"),
    Begin(replace(INTENT, id="i3")),
    Put(replace(RECORD, id="arn:2", attempt=2)),
    Retire(AT, "arn:2"),
    Put(replace(RECORD, address=OTHER)),
    Move(OTHER, AT),
    Drop(AT, "arn:2"),
    Used("hub", 3),
    Used("hub", 2),
)


class Site(Protocol):
    """A place where one stack's state is kept; each store opened on it is as another process."""

    def open(self, fuse: Fuse | None = None) -> StateStore:
        """Another store on the same state."""
        ...

    def break_lock(self) -> None:
        """Take the lock away from whoever holds it."""
        ...


class MemorySite:
    def __init__(self, _: Path) -> None:
        self.shelf = Shelf()

    def open(self, fuse: Fuse | None = None) -> StateStore:
        return MemoryStore(self.shelf, fuse=fuse)

    def break_lock(self) -> None:
        self.shelf.owner = self.shelf.held_by = None


class FileSite:
    def __init__(self, root: Path) -> None:
        self.root = root

    def open(self, fuse: Fuse | None = None) -> StateStore:
        disk = FusedDisk(fuse or Fuse())
        whose = ("demo", "000000000000", "us-east-1")
        return FileStore(self.root, *whose, holder=somebody, disk=disk)

    def break_lock(self) -> None:
        (self.root / "000000000000" / "us-east-1" / "demo.lock").unlink()


SITES: Sequence[Callable[[Path], Site]] = (MemorySite, FileSite)


@pytest.fixture(params=SITES)
def make_site(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Site]:
    """What makes sites, each apart from the others."""
    numbers = itertools.count()
    kind: Callable[[Path], Site] = request.param
    return lambda: kind(tmp_path / str(next(numbers)))


@pytest.fixture
def site(make_site: Callable[[], Site]) -> Site:
    return make_site()


@pytest.fixture
def store(site: Site) -> StateStore:
    """A store of a state that was started."""
    opened = site.open()
    begun(opened)
    return opened


def begun(store: StateStore) -> State:
    with store.lock("start"):
        store.start(EMPTY)
    return EMPTY


def after(lived: Sequence[Entry], start: State = EMPTY) -> State:
    ledger = Ledger(start)
    for entry in lived:
        ledger.apply(entry)
    return ledger.state


def loaded(store: StateStore) -> State:
    state = store.load()
    assert state is not None
    return state


def test_there_is_nothing_at_first(site: Site) -> None:
    assert site.open().load() is None
    assert site.open().holder() is None
    assert site.open().unlock() is None


def test_a_started_state_is_there_for_others(site: Site, store: StateStore) -> None:
    assert store.load() == site.open().load() == EMPTY


def test_a_state_is_started_once(site: Site, store: StateStore) -> None:
    for another in (store, site.open()):
        with another.lock("start"), pytest.raises(StaleState):
            another.start(replace(EMPTY, lineage="lineage-2"))
    assert store.load() == EMPTY


def test_nothing_is_appended_to_a_state_that_was_not_started(site: Site) -> None:
    store = site.open()
    with store.lock("append"), pytest.raises(StaleState):
        store.append(LIFE)
    with store.lock("save"), pytest.raises(StaleState):
        store.save(EMPTY)
    assert store.load() is None


def test_each_append_is_there_at_once_for_others(site: Site, store: StateStore) -> None:
    with store.lock("apply"):
        for count, entry in enumerate(LIFE, 1):
            store.append([entry])
            assert store.load() == site.open().load() == after(LIFE[:count])


def test_many_entries_at_once_are_as_many_appends(site: Site, store: StateStore) -> None:
    with store.lock("apply"):
        store.append(LIFE)
        store.append([])
    assert site.open().load() == after(LIFE)


def test_entries_replayed_twice_change_nothing(site: Site, store: StateStore) -> None:
    with store.lock("apply"):
        store.append(LIFE[:5])
        store.append(LIFE[:5])
    assert site.open().load() == after(LIFE[:5])


def test_a_snapshot_has_the_next_serial_and_takes_in_the_journal(
    site: Site, store: StateStore
) -> None:
    with store.lock("apply"):
        store.append(LIFE)
        saved = store.save(loaded(store))
        assert saved == replace(after(LIFE), serial=1)
        assert store.load() == saved
        store.append([Used("hub", 9)])
        assert store.save(loaded(store)).serial == 2
    assert site.open().load() == replace(after([*LIFE, Used("hub", 9)]), serial=2)


def test_the_next_holder_goes_on_where_the_last_one_ended(
    site: Site, store: StateStore
) -> None:
    with store.lock("apply"):
        store.append(LIFE[:3])
    another = site.open()
    with another.lock("apply"):
        another.load()
        another.append(LIFE[3:])
    with another.lock("apply"):
        another.append([Used("hub", 7)])
    assert store.load() == after([*LIFE, Used("hub", 7)])


def test_writing_without_the_lock_is_a_mistake_of_the_program(store: StateStore) -> None:
    with pytest.raises(RuntimeError):
        store.append(LIFE)
    with pytest.raises(RuntimeError):
        store.save(EMPTY)
    with pytest.raises(RuntimeError):
        store.start(EMPTY)


@pytest.mark.parametrize("between", [Used("hub", 1), None], ids=["appended", "saved"])
def test_a_writer_that_did_not_see_the_last_write_is_stale(
    site: Site, store: StateStore, between: Entry | None
) -> None:
    stale = site.open()
    state = loaded(stale)
    with store.lock("apply"):
        if between:
            store.append([between])
        else:
            store.save(EMPTY)
    with stale.lock("apply"), pytest.raises(StaleState):
        stale.append(LIFE)
    with stale.lock("apply"), pytest.raises(StaleState):
        stale.save(state)
    there = loaded(store)
    with stale.lock("apply"):
        stale.load()
        stale.append(LIFE)
    assert store.load() == after(LIFE, there)


def test_a_snapshot_of_another_serial_is_stale(store: StateStore) -> None:
    with store.lock("apply"):
        store.save(EMPTY)
        with pytest.raises(StaleState):
            store.save(replace(EMPTY, serial=5))
        with pytest.raises(StaleState):
            store.save(replace(EMPTY, lineage="lineage-2", serial=1))
    assert loaded(store).serial == 1


def test_a_state_of_another_account_is_refused(site: Site, store: StateStore) -> None:
    with store.lock("apply"), pytest.raises(CorruptState, match="belongs to"):
        store.save(replace(EMPTY, account="111111111111"))
    assert site.open().load() == EMPTY


def test_the_lock_has_one_holder_who_is_named(site: Site, store: StateStore) -> None:
    holder = somebody("apply")
    with store.lock("apply"):
        assert store.holder() == site.open().holder() == holder
        for another in (store, site.open()):
            with pytest.raises(Locked) as refused, another.lock("destroy"):
                pytest.fail("two holders")
            assert refused.value.holder == holder
            with pytest.raises(Locked):
                another.unlock()
    assert site.open().holder() is None
    with site.open().lock("destroy"):
        pass


def test_the_lock_is_free_after_an_error(site: Site, store: StateStore) -> None:
    with pytest.raises(ZeroDivisionError), store.lock("apply"):
        raise ZeroDivisionError
    assert site.open().holder() is None
    with site.open().lock("apply"):
        pass


def test_a_lost_lock_is_noticed_before_each_write(site: Site, store: StateStore) -> None:
    with store.lock("apply"):
        store.append(LIFE[:1])
        site.break_lock()
        with pytest.raises(LockLost):
            store.append(LIFE[1:])
        with pytest.raises(LockLost):
            store.save(loaded(store))
        successor = site.open()
        with successor.lock("apply"):
            with pytest.raises(LockLost):
                store.append(LIFE[1:])
            successor.load()
            successor.append([Used("hub", 1)])
    assert loaded(store) == after([LIFE[0], Used("hub", 1)])


def test_the_end_of_a_lost_lock_leaves_the_next_holder_alone(
    site: Site, store: StateStore
) -> None:
    successor = site.open()
    with store.lock("apply"):
        site.break_lock()
        next_lock = successor.lock("destroy")
        next_lock.__enter__()
    try:
        assert site.open().holder() == somebody("destroy")
    finally:
        next_lock.__exit__(None, None, None)


def a_life(store: StateStore, acknowledged: list[State]) -> None:
    """Start, appends and saves, noting each state that the store said was written."""
    with store.lock("apply"):
        store.start(EMPTY)
        acknowledged.append(EMPTY)
        for step in (LIFE[:1], LIFE[1:2], LIFE[2:7]):
            store.append(step)
            acknowledged.append(after(step, acknowledged[-1]))
        acknowledged.append(store.save(acknowledged[-1]))
        store.append(LIFE[7:])
        acknowledged.append(after(LIFE[7:], acknowledged[-1]))
        acknowledged.append(store.save(acknowledged[-1]))


def all_states() -> list[State | None]:
    noted: list[State] = []
    a_life(MemoryStore(), noted)
    return [None, *noted]


ALL_STATES = all_states()


@pytest.mark.parametrize("blow", [Crash, no_space])
def test_a_write_that_dies_anywhere_loses_nothing_that_was_acknowledged(
    make_site: Callable[[], Site], blow: Callable[[], BaseException]
) -> None:
    at = 0
    while True:
        at += 1
        fuse, site, noted = Fuse(at, blow), make_site(), list[State]()
        try:
            a_life(site.open(fuse), noted)
        except (Crash, StateError):
            assert fuse.blown
        if not fuse.blown:
            break
        check_survivor(site, noted, f"{at}: {fuse.passed[at - 1]}")
    assert at > 10


def check_survivor(site: Site, noted: list[State], where: str) -> None:
    """What is read is what was acknowledged, or that and the one write that was under way."""
    survivor = site.open()
    last = len(noted)
    state = survivor.load()
    assert state in ALL_STATES[last : last + 2], where
    with survivor.lock("apply"):
        if state is None:
            survivor.start(EMPTY)
            state = EMPTY
        survivor.append([Used("next", 1)])
        saved = survivor.save(after([Used("next", 1)], state))
    assert site.open().load() == saved, where


def test_a_failed_write_says_so_and_the_store_goes_on(
    make_site: Callable[[], Site],
) -> None:
    for at in itertools.count(1):
        fuse, site = Fuse(), make_site()
        writer = site.open(fuse)
        begun(writer)
        with writer.lock("apply"):
            fuse.at, fuse.blow = len(fuse.passed) + at, no_space
            said = failure_of(writer)
            if not fuse.blown:
                break
            assert "not saved" in said or "may not survive" in said or not said
            fuse.at = 0
            state = loaded(writer)
            writer.append([Used("hub", 2)])
            saved = writer.save(after([Used("hub", 2)], state))
        assert site.open().load() == saved
        assert saved.highest["hub"] == 2


def failure_of(writer: StateStore) -> str:
    """What is said where an append or a save fails; nothing where the failure does no harm."""
    try:
        writer.append([Used("hub", 1)])
        writer.save(loaded(writer))
    except StateError as error:
        return str(error)
    return ""


def test_a_failed_save_can_be_tried_again(make_site: Callable[[], Site]) -> None:
    for at in itertools.count(1):
        fuse, site = Fuse(), make_site()
        writer = site.open(fuse)
        begun(writer)
        with writer.lock("apply"):
            writer.append(LIFE)
            state = loaded(writer)
            fuse.at, fuse.blow = len(fuse.passed) + at, no_space
            with contextlib.suppress(StateError):
                writer.save(state)
            if not fuse.blown:
                break
            assert (
                replace(loaded(writer), serial=0)
                == replace(loaded(site.open()), serial=0)
                == state
            )
            if loaded(writer).serial == 0:
                writer.append([Used("more", 1)])
                state = after([Used("more", 1)], state)
            saved = writer.save(state)
        assert site.open().load() == saved == replace(state, serial=1)


def test_eight_threads_append_through_one_store_and_none_is_lost(
    site: Site, store: StateStore
) -> None:
    barrier = threading.Barrier(8)

    def work(worker: int) -> None:
        barrier.wait()
        for number in range(25):
            store.append([Used(f"{worker}-{number}", 1)])

    with store.lock("apply"), ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert len(loaded(site.open()).highest) == 200


def test_eight_writers_race_for_the_lock_and_none_is_lost(
    site: Site, store: StateStore
) -> None:
    barrier = threading.Barrier(8)

    def work(worker: int) -> None:
        mine = site.open()
        barrier.wait()
        for number in range(4):
            write_once(mine, f"{worker}-{number}", save=number % 2 == 0)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    state = loaded(store)
    assert len(state.highest) == 32
    assert state.serial == 16


def write_once(store: StateStore, name: str, *, save: bool) -> None:
    while True:
        try:
            with store.lock("race"):
                state = loaded(store)
                entry = Used(name, 1)
                store.append([entry])
                if save:
                    store.save(after([entry], state))
                return
        except Locked:
            continue


def test_a_reader_always_sees_a_state_that_was_written(site: Site, store: StateStore) -> None:
    """Each write raises both counts, in one append; a reader never sees one of them alone."""
    ended = threading.Event()

    def write() -> None:
        try:
            with store.lock("apply"):
                for number in range(1, 60):
                    store.append([Used("a", number), Used("b", number)])
                    if number % 3 == 0:
                        store.save(loaded(store))
        finally:
            ended.set()

    def read() -> None:
        reader, last = site.open(), 0
        while not ended.is_set():
            highest = loaded(reader).highest
            assert highest.get("a", 0) == highest.get("b", 0) >= last
            last = highest.get("a", 0)

    with ThreadPoolExecutor(3) as pool:
        for task in [pool.submit(write), pool.submit(read), pool.submit(read)]:
            task.result()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lived=st.lists(st.lists(entries(st.sampled_from([AT, OTHER])), max_size=3), max_size=4))
def test_what_is_appended_and_saved_is_what_is_loaded(
    make_site: Callable[[], Site], lived: list[list[Entry]]
) -> None:
    site = make_site()
    store = site.open()
    state = begun(store)
    for step in lived:
        with store.lock("apply"):
            store.append(step)
            state = after(step, state)
            if len(step) == 2:
                state = store.save(state)
        assert site.open().load() == state
