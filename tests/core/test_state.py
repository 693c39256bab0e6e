"""What entries mean, and what a broken state says of itself."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nvx.core.address import Address
from nvx.core.resource import Nature
from nvx.core.state import Drop, Entry, Ledger, Move, Put, Record, Retire, State, Status, Used
from support.strategies import empty_states, entries

A, B = Address("fine_tune", "a"), Address("fine_tune", "b")
EMPTY = State("demo", "000000000000", "us-east-1", "L")


def record(id_: str, address: Address = A, *, current: bool = True) -> Record:
    return Record(
        address, "fine_tune", "", Nature.RUN, id_, id_, "D", Status.READY, current=current
    )


def after(*written: Entry, state: State = EMPTY) -> State:
    ledger = Ledger(state)
    for entry in written:
        ledger.apply(entry)
    return ledger.state


def test_one_record_is_current_the_others_are_history() -> None:
    state = after(Put(record("1")), Put(record("2")))
    assert [(r.id, r.current) for r in state.records[A]] == [("1", False), ("2", True)]
    assert state.current(A) == record("2")
    assert after(Retire(A, "2"), state=state).current(A) is None
    assert [r.id for r in after(Drop(A, "2"), state=state).records[A]] == ["1"]


def test_all_records_of_an_address_move() -> None:
    state = after(Put(record("1")), Put(record("2")), Move(A, B))
    assert [(r.address, r.id) for r in state.records[B]] == [(B, "1"), (B, "2")]
    assert A not in state.records
    assert state.problems() == ()


def test_version_numbers_only_rise() -> None:
    state = after(Used("x", 3), Used("x", 2))
    assert state.highest == {"x": 3}
    assert Ledger(state).highest("x") == 3
    assert Ledger(state).highest("y") == 0


def test_broken_invariants_are_named() -> None:
    twice = (record("1"), record("1"), record("2", B))
    problems = replace(EMPTY, records={A: twice}).problems()
    assert problems == (
        "fine_tune.a has more than one current record",
        "fine_tune.a has two records with one id",
        "fine_tune.a holds a record of fine_tune.b",
    )


@given(empty_states, st.lists(entries(), max_size=6))
def test_entries_that_are_replayed_change_nothing(start: State, written: list[Entry]) -> None:
    state = after(*written, state=start)
    for entry in written[-1:]:
        assert after(entry, state=state) == state


@given(empty_states, st.lists(entries(), max_size=8))
def test_no_entries_give_an_address_two_current_records(
    start: State, written: list[Entry]
) -> None:
    assert after(*written, state=start).problems() == ()
