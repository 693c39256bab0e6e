"""Listings of objects and versions: prefixes, delimiters, pages, encoded keys."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.services.s3 import versions
from nvx.local.services.s3.access import Bucket, bucket_of, owner
from nvx.local.services.s3.versions import Version

_MOST = 1000
_ENCODED = ("Key", "Prefix", "Delimiter", "StartAfter", "Marker", "NextMarker")
_ENCODED_MARKERS = ("KeyMarker", "NextKeyMarker")


class Row(NamedTuple):
    """A key of a listing; `value` is None for a common prefix."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing."""

    rows: list[Row]
    truncated: bool

    @property
    def keys(self) -> list[Row]:
        """The rows that are keys."""
        return [row for row in self.rows if row.value is not None]

    def reply(self) -> Params:
        """The members that all listings share."""
        prefixes = [{"Prefix": row.name} for row in self.rows if row.value is None]
        reply: Params = {"IsTruncated": self.truncated}
        return reply | ({"CommonPrefixes": prefixes} if prefixes else {})


def listing(entries: Iterable[tuple[str, Any]], params: Params, after: str, most: int) -> Page:
    """A page of the sorted (key, value) pairs behind `after`, keys rolled up at the delimiter."""
    rows: list[Row] = []
    rest = ((key, value) for key, value in entries if key > after)
    for row in _rolled(rest, params.get("Prefix") or "", params.get("Delimiter") or ""):
        if row.name == after:  # the last page ended with this prefix
            continue
        if len(rows) == most:
            return Page(rows, truncated=most > 0)
        rows.append(row)
    return Page(rows, truncated=False)


def encoded(params: Params, reply: Params) -> Params:
    """The reply with its keys percent-encoded, where the caller asked for that."""
    if params.get("EncodingType") != "url":
        return reply
    return {name: _encode(name, value) for name, value in reply.items()} | {
        "EncodingType": "url"
    }


def size_of(params: Params, member: str) -> int:
    """How many rows a page may have."""
    asked = params.get(member)
    if asked is not None and asked < 0:
        message = f"Argument {member} must be an integer between 0 and 2147483647"
        raise AwsError("InvalidArgument", message)
    return min(_MOST if asked is None else int(asked), _MOST)


def echo(params: Params, *names: str) -> Params:
    """Those members of the request that the reply repeats."""
    return {name: params[name] for name in names if params.get(name)}


@operation("s3", "ListObjectsV2")
def list_objects_v2(ctx: Context, params: Params) -> Params:
    """The current objects of a bucket, a page at a time."""
    bucket = bucket_of(ctx, params)
    most = size_of(params, "MaxKeys")
    token = params.get("ContinuationToken")
    after = _decoded(token) if token else params.get("StartAfter") or ""
    found = listing(_current(ctx, bucket), params, after, most)
    reply = found.reply() | {
        "Name": bucket["Name"],
        "Prefix": params.get("Prefix") or "",
        "MaxKeys": most,
        "KeyCount": len(found.rows),
        **echo(params, "Delimiter", "ContinuationToken", "StartAfter"),
    }
    shown = owner(ctx) if params.get("FetchOwner") else None
    if found.keys:
        reply["Contents"] = [_object(row, shown) for row in found.keys]
    if found.truncated:
        last = found.rows[-1].name.encode()
        reply["NextContinuationToken"] = base64.urlsafe_b64encode(last).decode("ascii")
    return encoded(params, reply)


@operation("s3", "ListObjects")
def list_objects(ctx: Context, params: Params) -> Params:
    """The current objects of a bucket, paged by marker."""
    bucket = bucket_of(ctx, params)
    most = size_of(params, "MaxKeys")
    found = listing(_current(ctx, bucket), params, params.get("Marker") or "", most)
    reply = found.reply() | {
        "Name": bucket["Name"],
        "Prefix": params.get("Prefix") or "",
        "Marker": params.get("Marker") or "",
        "MaxKeys": most,
        **echo(params, "Delimiter"),
    }
    if found.keys:
        reply["Contents"] = [_object(row, owner(ctx)) for row in found.keys]
    if found.truncated and params.get("Delimiter"):
        reply["NextMarker"] = found.rows[-1].name
    return encoded(params, reply)


def _current(ctx: Context, bucket: Bucket) -> Iterator[tuple[str, Version]]:
    for key, doc in versions.objects(ctx, bucket["Name"]).items():
        newest = doc["Versions"][0]
        if not newest.get("DeleteMarker"):
            yield key, newest


def _rolled(entries: Iterable[tuple[str, Any]], prefix: str, delimiter: str) -> Iterator[Row]:
    last = None
    for key, value in entries:
        if not key.startswith(prefix):
            continue
        end = key.find(delimiter, len(prefix)) if delimiter else -1
        if end < 0:
            yield Row(key, value)
        elif (rolled := key[: end + len(delimiter)]) != last:
            last = rolled
            yield Row(rolled, None)


def _object(row: Row, shown_owner: Params | None) -> Params:
    version = row.value
    found = {
        "Key": row.name,
        "LastModified": version["LastModified"],
        "ETag": version["ETag"],
        "Size": version["Size"],
        "StorageClass": version["StorageClass"],
    }
    if version["Checksums"]:
        found["ChecksumAlgorithm"] = list(version["Checksums"])
        found["ChecksumType"] = version["ChecksumType"]
    return found | ({"Owner": shown_owner} if shown_owner else {})


def _decoded(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode("ascii")).decode()
    except (ValueError, binascii.Error) as error:
        message = "The continuation token provided is incorrect"
        members = {"ArgumentName": "continuation-token"}
        raise AwsError("InvalidArgument", message, members=members) from error


def _encode(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_encode(name, entry) for entry in value]
    if isinstance(value, dict):
        return {inner: _encode(inner, entry) for inner, entry in value.items()}
    if name in _ENCODED or name in _ENCODED_MARKERS:
        return quote(value, safe="/")
    return value
