from __future__ import annotations

from contextlib import suppress
from datetime import UTC
from typing import Any

import pytest
from botocore.parsers import create_parser
from hypothesis import given
from hypothesis import strategies as st

from nvx.local.wire.cbor import CborError, dumps, loads

NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False)
MOMENTS = st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1900 < moment.year < 2200)
TREES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text() | st.binary() | MOMENTS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(TREES)
def test_a_tree_is_read_as_it_was_written(tree: Any) -> None:
    assert loads(dumps(tree)) == tree


@given(
    st.recursive(
        st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_botocore_reads_the_same_tree(tree: Any) -> None:
    parser = create_parser("smithy-rpc-v2-cbor")
    stream = parser.get_peekable_stream_from_bytes(dumps(tree))
    assert parser.parse_data_item(stream) == tree


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(CborError):
        loads(data)


@pytest.mark.parametrize(
    ("data", "tree"),
    [
        (b"\x5f\x41a\x42bc\xff", b"abc"),
        (b"\x7f\x61a\x62bc\xff", "abc"),
        (b"\x9f\x01\x02\xff", [1, 2]),
        (b"\xbf\x61a\x01\xff", {"a": 1}),
        (b"\xf9\x3c\x00", 1.0),
        (b"\xfa\x3f\x80\x00\x00", 1.0),
        (b"\xf7", None),
        (b"\xd8\x20\x61a", "a"),
    ],
)
def test_forms_that_only_other_clients_send_are_read(data: bytes, tree: Any) -> None:
    assert loads(data) == tree


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"\x81\xff",
        b"\x81" * 500,
        b"\x9a\xff\xff\xff\xff",
        b"\xfc",
        b"\xf8\x20",
        b"\x1f",
        b"\x1c",
        b"\xc1\x61a",
        b"\xc1\xfb\x7e\x37\xe4\x3c\x88\x00\x75\x9c",
        b"\x5f\x01\xff",
        b"\xbf\x01\xff",
        b"\xa1\x80\x01",
    ],
)
def test_what_is_no_cbor_is_refused(data: bytes) -> None:
    with pytest.raises(CborError):
        loads(data)


def test_what_cbor_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="CBOR cannot hold object"):
        dumps([object()])
