"""What every state store promises about its lock."""

from __future__ import annotations

import pytest

from nvx.core.ports import (
    Locked,
    LockLost,
    StateStore,
)
from nvx.core.state import (
    Used,
)
from support.memory_store import somebody
from support.state_sites import (
    EMPTY,
    LIFE,
    Site,
    after,
    loaded,
)


def test_writing_without_the_lock_is_a_mistake_of_the_program(store: StateStore) -> None:
    with pytest.raises(RuntimeError):
        store.append(LIFE)
    with pytest.raises(RuntimeError):
        store.save(EMPTY)
    with pytest.raises(RuntimeError):
        store.start(EMPTY)


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
