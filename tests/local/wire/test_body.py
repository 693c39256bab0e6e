from __future__ import annotations

import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.local.context import AwsError
from nvx.local.wire.body import read_body

PIECES = st.lists(st.binary(min_size=1, max_size=50), max_size=5)


def chunked(pieces: list[bytes], extension: str, trailers: dict[str, str]) -> bytes:
    sent = b"".join(b"%x%s\r\n%s\r\n" % (len(p), extension.encode(), p) for p in pieces)
    ends = "".join(f"{name}:{value}\r\n" for name, value in trailers.items())
    return sent + b"0" + extension.encode() + b"\r\n" + ends.encode() + b"\r\n"


@given(PIECES, st.sampled_from(["", ";chunk-signature=abc"]), st.booleans())
def test_a_body_in_chunks_is_the_data_of_its_chunks(
    pieces: list[bytes], extension: str, outer: bool
) -> None:
    inner = chunked(pieces, extension, {"x-amz-checksum-crc32": "AAAAAA=="})
    headers = {
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "content-encoding": "gzip, aws-chunked",
        "x-amz-decoded-content-length": "7",
    }
    if outer:
        headers["transfer-encoding"] = "chunked"
        sent = chunked([inner], "", {})
    else:
        headers["content-length"] = str(len(inner))
        sent = inner
    with read_body(io.BytesIO(sent + b"next request"), headers) as body:
        assert body.read() == b"".join(pieces)
    assert headers["x-amz-checksum-crc32"] == "AAAAAA=="
    assert headers["content-encoding"] == "gzip"
    assert headers["content-length"] == "7"


def test_a_body_by_length_ends_there() -> None:
    source = io.BytesIO(b"datanext")
    with read_body(source, {"content-length": "4"}) as body:
        assert body.read() == b"data"
    assert source.read() == b"next"


def test_the_encoding_of_chunks_alone_leaves_no_header() -> None:
    headers = {"content-encoding": "aws-chunked", "content-length": "5"}
    with read_body(io.BytesIO(b"0\r\n\r\n"), headers) as body:
        assert body.read() == b""
    assert "content-encoding" not in headers


@given(st.binary(max_size=60), st.sampled_from(["chunked", "", "aws"]))
def test_any_bytes_as_body_are_read_or_refused(data: bytes, kind: str) -> None:
    headers = {"content-length": "40"}
    if kind == "chunked":
        headers["transfer-encoding"] = "chunked"
    if kind == "aws":
        headers["content-encoding"] = "aws-chunked"
    with suppress(AwsError):
        read_body(io.BytesIO(data), headers).close()


@pytest.mark.parametrize("length", ["x", "-1", "1e3"])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    with pytest.raises(AwsError, match="InvalidRequest"):
        read_body(io.BytesIO(b""), {"content-length": length})
