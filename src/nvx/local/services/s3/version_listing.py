"""The listing of all versions and delete markers of a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.services.s3 import versions
from nvx.local.services.s3.access import Bucket, bucket_of, owner
from nvx.local.services.s3.listing import Row, echo, encoded, listing, size_of

_SEPARATOR = "\0"


@operation("s3", "ListObjectVersions")
def list_object_versions(ctx: Context, params: Params) -> Params:
    """Every version, by key, newest first; paged by key and version id."""
    bucket = bucket_of(ctx, params)
    most = size_of(params, "MaxKeys")
    found = listing(_every(ctx, bucket), params, _after(ctx, bucket, params), most)
    reply = found.reply() | {
        "Name": bucket["Name"],
        "Prefix": params.get("Prefix") or "",
        "KeyMarker": params.get("KeyMarker") or "",
        "VersionIdMarker": params.get("VersionIdMarker") or "",
        "MaxKeys": most,
        **echo(params, "Delimiter"),
    }
    markers = [_entry(ctx, row) for row in found.keys if row.value.get("DeleteMarker")]
    objects = [
        _entry(ctx, row) | _content(row)
        for row in found.keys
        if not row.value.get("DeleteMarker")
    ]
    reply |= {"Versions": objects} if objects else {}
    reply |= {"DeleteMarkers": markers} if markers else {}
    if found.truncated:
        reply |= _next(found.rows[-1])
    return encoded(params, reply)


def _every(ctx: Context, bucket: Bucket) -> Iterator[tuple[str, Any]]:
    """Names sort by key, then by age: the place in the history stands behind the key."""
    for key, doc in versions.objects(ctx, bucket["Name"]).items():
        for place, version in enumerate(doc["Versions"]):
            yield _name(key, place), version | {"IsLatest": place == 0}


def _after(ctx: Context, bucket: Bucket, params: Params) -> str:
    key, version_id = params.get("KeyMarker") or "", params.get("VersionIdMarker") or ""
    if not version_id:
        # Behind all versions of the key, but before those of the next; a prefix stays as it is.
        return _name(key, 10**8 - 1) if _holds(ctx, bucket, key) else key
    if not key:
        message = "A version-id marker cannot be specified without a key marker."
        raise AwsError("InvalidArgument", message)
    ids = [entry["VersionId"] for entry in versions.history(ctx, bucket["Name"], key)]
    return _name(key, ids.index(version_id) if version_id in ids else len(ids))


def _holds(ctx: Context, bucket: Bucket, key: str) -> bool:
    return key in versions.objects(ctx, bucket["Name"])


def _name(key: str, place: int) -> str:
    return f"{key}{_SEPARATOR}{place:08d}"


def _entry(ctx: Context, row: Row) -> Params:
    return {
        "Key": row.name.partition(_SEPARATOR)[0],
        "VersionId": row.value["VersionId"],
        "IsLatest": row.value["IsLatest"],
        "LastModified": row.value["LastModified"],
        "Owner": owner(ctx),
    }


def _content(row: Row) -> Params:
    version = row.value
    found = {name: version[name] for name in ("ETag", "Size", "StorageClass")}
    if version["Checksums"]:
        found["ChecksumAlgorithm"] = list(version["Checksums"])
        found["ChecksumType"] = version["ChecksumType"]
    return found


def _next(row: Row) -> Params:
    if row.value is None:
        return {"NextKeyMarker": row.name}
    key = row.name.partition(_SEPARATOR)[0]
    return {"NextKeyMarker": key, "NextVersionIdMarker": row.value["VersionId"]}
