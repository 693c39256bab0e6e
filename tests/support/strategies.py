"""Hypothesis strategies: every value, address, record, entry and state that can be recorded."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from nvx.core.address import Address
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
from nvx.core.values import JsonValue

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
integers = st.integers(-(2**63), 2**64 - 1)
counts = st.integers(0, 2**40)
scalars = st.one_of(
    st.none(), st.booleans(), integers, st.floats(allow_nan=False, allow_infinity=False), texts
)


def _nested(inner: st.SearchStrategy[JsonValue]) -> st.SearchStrategy[JsonValue]:
    return st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3))


values: st.SearchStrategy[JsonValue] = st.recursive(scalars, _nested, max_leaves=5)
mappings = st.dictionaries(texts, values, max_size=3)
addresses = st.builds(
    Address,
    st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True),
    st.from_regex(r"[a-z][a-z0-9_-]{0,5}", fullmatch=True),
    st.none() | texts,
)
records = st.builds(
    Record,
    address=addresses,
    kind=texts,
    variant=texts,
    nature=st.sampled_from(Nature),
    id=texts,
    name=texts,
    digest=texts,
    status=st.sampled_from(Status),
    document=texts,
    attempt=counts,
    version=counts,
    current=st.booleans(),
    inputs=mappings,
    refs=st.dictionaries(texts, texts, max_size=2),
    ran_with=mappings,
    wanted=mappings,
    outputs=mappings,
    upstream=st.dictionaries(texts, texts, max_size=2),
    depends_on=st.lists(texts, max_size=2).map(tuple),
    protect=st.booleans(),
    on_remove=texts,
    detail=texts,
    started_at=texts,
    ended_at=texts,
)
intents = st.builds(
    Intent,
    id=texts,
    address=addresses,
    kind=texts,
    variant=texts,
    name=texts,
    digest=texts,
    document=texts,
    attempt=counts,
    token=texts,
    begun_at=texts,
    draft=records,
    hints=mappings,
)


def entries(where: st.SearchStrategy[Address] = addresses) -> st.SearchStrategy[Entry]:
    """Entries of every sort, about addresses of your choice."""
    placed = st.builds(lambda record, address: replace(record, address=address), records, where)
    return st.one_of(
        st.builds(Begin, intents),
        st.builds(Done, texts, placed),
        st.builds(Refused, texts),
        st.builds(Put, placed),
        st.builds(Retire, where, texts),
        st.builds(Drop, where, texts),
        st.builds(Move, where, where),
        st.builds(Used, texts, counts),
    )


def _lived(start: State, lived: list[Entry]) -> State:
    ledger = Ledger(start)
    for entry in lived:
        ledger.apply(entry)
    return ledger.state


empty_states = st.builds(
    State, stack=texts, account=texts, region=texts, lineage=texts, serial=counts
)
states = st.builds(_lived, empty_states, st.lists(entries(), max_size=4))
