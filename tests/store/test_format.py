from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.core.address import Address
from nvx.core.ports import CorruptState, NewerFormat
from nvx.core.resource import Nature
from nvx.core.state import Entry, Intent, Record, State, Status
from nvx.store.format import decode_entry, dump, encode_entry, load
from nvx.store.sealed import seal, unseal
from support.strategies import entries, states

AT = Address("fine_tune", "support")
RECORD = Record(AT, "fine_tune", "sft", Nature.RUN, "arn:1", "support-1", "d1", Status.READY)
INTENT = Intent("i1", AT, "fine_tune", "sft", "n", "d1", "", 1, "t", "now", RECORD)
STATE = State(
    "demo",
    "000000000000",
    "us-east-1",
    "l1",
    serial=3,
    records={AT: (replace(RECORD, id="arn:0", current=False), RECORD)},
    intents={"i1": INTENT},
    highest={"hub": 4},
)
REFUSALS = (CorruptState, NewerFormat)


@given(states)
def test_a_dumped_state_loads_as_it_was(state: State) -> None:
    assert load(dump(state), "here") == state


@given(entries())
def test_an_encoded_entry_decodes_as_it_was(entry: Entry) -> None:
    assert decode_entry(orjson.loads(encode_entry(entry))) == entry


@given(states)
def test_equal_states_are_dumped_as_equal_bytes(state: State) -> None:
    assert dump(load(dump(state), "here")) == dump(state)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_one_of_two_ways(data: bytes) -> None:
    with pytest.raises(REFUSALS):
        load(data, "here")


@given(
    st.recursive(
        st.none() | st.integers() | st.text("abc"),
        lambda v: (
            st.lists(v)
            | st.dictionaries(
                st.sampled_from(["format", "sha256", "records", "intents", "serial"]), v
            )
        ),
    )
)
def test_any_json_is_refused_in_one_of_two_ways(value: object) -> None:
    with pytest.raises(REFUSALS):
        load(repr(value).replace("'", '"').replace("None", "null").encode(), "here")


def test_every_truncation_is_refused() -> None:
    data = dump(STATE).rstrip()
    for length in range(len(data)):
        with pytest.raises(REFUSALS):
            load(data[:length], "here")


def test_every_flipped_bit_is_refused_or_changes_nothing() -> None:
    data = dump(STATE)
    for position in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[position] ^= 1 << bit
            try:
                assert load(bytes(flipped), "here") == STATE
            except REFUSALS:
                continue


def test_a_snapshot_has_a_line_for_each_record_and_intent() -> None:
    lines = dump(STATE).decode().splitlines()
    assert [line.startswith('{"address"') for line in lines].count(True) == 3
    assert lines[1] == (
        '"account":"000000000000","lineage":"l1","region":"us-east-1","serial":3,"stack":"demo",'
    )


def test_a_newer_format_is_told_from_a_broken_file() -> None:
    newer = dump(STATE).replace(b"nvx.state/1", b"nvx.state/2")
    with pytest.raises(NewerFormat, match=r"nvx\.state/2"):
        load(newer, "here")


@pytest.mark.parametrize(
    "name", ["nvx.state/0", "nvx.state/01", "nvx.state/", "tf.state/1", ""]
)
def test_another_format_is_corrupt(name: str) -> None:
    with pytest.raises(CorruptState):
        load(dump(STATE).replace(b"nvx.state/1", name.encode()), "here")


def resealed(**changes: object) -> bytes:
    body, _ = unseal(dump(STATE), "here")
    return seal({**body, **changes})[0]


RAW = orjson.loads(dump(STATE))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"serial": "3"}, "no integer"),
        ({"serial": True}, "no integer"),
        ({"more": 1}, "no snapshot"),
        ({"records": {}}, "records: it is no list"),
        ({"records": [{**RAW["records"][0], "status": "odd"}]}, "records, number 1: status"),
        ({"records": [{**RAW["records"][0], "address": "odd"}]}, "address"),
        ({"records": [{**RAW["records"][0], "protect": 0}]}, "protect"),
        ({"records": [{**RAW["records"][0], "inputs": []}]}, "inputs: it is no object"),
        ({"records": [{**RAW["records"][0], "refs": {"a": 1}}]}, "refs: it is no text"),
        ({"records": [{**RAW["records"][0], "depends_on": "x"}]}, "depends_on: it is no list"),
        ({"records": [{**RAW["records"][0], "more": 1}]}, "it is no record"),
        ({"records": [1]}, "it is no record"),
        ({"records": [RAW["records"][1]] * 2}, "more than one current"),
        ({"intents": [{**RAW["intents"][0], "draft": 1}]}, "draft: it is no record"),
        ({"highest": {"hub": 1.5}}, "no integer"),
        ({"stack": None}, "no text"),
    ],
)
def test_forged_content_under_a_right_checksum_is_corrupt(
    changes: dict[str, object], said: str
) -> None:
    with pytest.raises(CorruptState, match=said):
        load(resealed(**changes), "here")


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), [1, {"a": float("-inf")}], 2**64, "\ud800", {1}, b"x"]
)
def test_what_json_cannot_hold_is_not_written(value: object) -> None:
    outputs = {"odd": value, "null": None}
    record = replace(RECORD, outputs=outputs)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(ValueError, match=r".+"):
        dump(replace(STATE, records={AT: (record,)}))


@pytest.mark.parametrize(
    "broken",
    [
        replace(STATE, records={AT: (RECORD, replace(RECORD, id="arn:2"))}),
        replace(STATE, records={Address("fine_tune", "other"): (RECORD,)}),
        replace(STATE, intents={"i2": INTENT}),
    ],
)
def test_a_state_that_breaks_its_own_rules_is_not_written(broken: State) -> None:
    with pytest.raises(ValueError, match=r".+"):
        dump(broken)


@pytest.mark.parametrize(
    "value", [None, [], {}, {"entry": "odd"}, {"entry": "used"}, {"entry": 1}]
)
def test_a_value_that_is_no_entry_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode_entry(value)
