"""What every state store promises when writes die and writers race."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from nvx.core.ports import (
    Locked,
    StateError,
    StateStore,
)
from nvx.core.state import (
    State,
    Used,
)
from support.fuse import Crash, Fuse, no_space
from support.memory_store import MemoryStore
from support.state_sites import (
    EMPTY,
    LIFE,
    Site,
    after,
    begun,
    loaded,
)


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
