"""Bodies of requests: by length, chunked, and AWS's own chunks with trailers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from typing import BinaryIO, cast

from nvx.local.context import AwsError

LARGEST = 5 << 30
"""The largest body of one request: an object, or a part of one, of 5 GiB."""
_DIGITS = len(str(LARGEST))
_IN_MEMORY = 8 << 20
_PIECE = 1 << 16
_LINE = 1 << 16


def read_body(source: BinaryIO, headers: dict[str, str]) -> BinaryIO:
    """The decoded body of a request, spooled; trailing headers are added to the headers.

    The caller closes it. AwsError IncompleteBody where the sender stopped early.
    """
    if "chunked" in headers.get("transfer-encoding", "").lower():
        spool = _spooled(_chunks(source, headers))
    else:
        spool = _spooled(_exactly(source, _length(headers)))
    if not _is_aws_chunked(headers):
        return spool
    with spool:
        decoded = _spooled(_chunks(spool, headers))
    encodings = [part.strip() for part in headers.get("content-encoding", "").split(",")]
    kept = [part for part in encodings if part and part != "aws-chunked"]
    headers.pop("content-encoding", None)
    if kept:
        headers["content-encoding"] = ",".join(kept)
    if "x-amz-decoded-content-length" in headers:
        headers["content-length"] = headers["x-amz-decoded-content-length"]
    return decoded


def is_too_large(length: str) -> bool:
    """Whether a Content-Length states more than S3 takes in one request."""
    digits = length.lstrip("0")
    return digits.isdecimal() and (len(digits) > _DIGITS or int(digits) > LARGEST)


def _is_aws_chunked(headers: Mapping[str, str]) -> bool:
    return headers.get("x-amz-content-sha256", "").startswith(
        "STREAMING-"
    ) or "aws-chunked" in headers.get("content-encoding", "")


def _length(headers: Mapping[str, str]) -> int:
    text = headers.get("content-length", "0") or "0"
    if is_too_large(text):
        message = "Your proposed upload exceeds the maximum allowed size"
        members = {"ProposedSize": text, "MaxSizeAllowed": LARGEST}
        raise AwsError("EntityTooLarge", message, members=members)
    if not text.isdecimal():
        raise AwsError("InvalidRequest", "Content-Length is not a number.")
    return int(text)


def _spooled(pieces: Iterator[bytes]) -> BinaryIO:
    spool = cast(
        BinaryIO,
        tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY),  # noqa: SIM115  the caller closes it
    )
    try:
        for piece in pieces:
            spool.write(piece)
    except BaseException:
        spool.close()
        raise
    spool.seek(0)
    return spool


def _exactly(source: BinaryIO, size: int) -> Iterator[bytes]:
    left = size
    while left:
        piece = source.read(min(left, _PIECE))
        if not piece:
            raise AwsError("IncompleteBody", "The body is shorter than its Content-Length.")
        left -= len(piece)
        yield piece


def _chunks(source: BinaryIO, headers: dict[str, str]) -> Iterator[bytes]:
    """The data of chunks; AWS's carry a signature behind the size, which is not verified."""
    while True:
        head = source.readline(_LINE).split(b";")[0].strip()
        try:
            size = int(head, 16)
        except ValueError as error:
            raise AwsError("IncompleteBody", "A chunk of the body has no size.") from error
        if size < 0:
            raise AwsError("IncompleteBody", "A chunk of the body has a negative size.")
        if size == 0:
            headers.update(_trailers(source))
            return
        yield from _exactly(source, size)
        source.readline(_LINE)


def _trailers(source: BinaryIO) -> dict[str, str]:
    found = {}
    while line := source.readline(_LINE).strip():
        name, _, value = line.decode("latin-1").partition(":")
        found[name.strip().lower()] = value.strip()
    return found
