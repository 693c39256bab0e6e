"""What every state store promises. A store is added by adding its site to SITES."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nvx.core.ports import (
    CorruptState,
    StaleState,
    StateStore,
)
from nvx.core.state import (
    Entry,
    Used,
)
from support.state_sites import (
    AT,
    EMPTY,
    LIFE,
    OTHER,
    Site,
    after,
    begun,
    loaded,
)
from support.strategies import entries


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
