"""The versions of an object: found, added, removed. Newest first in every document."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from nvx.local.context import AwsError, Context, Params
from nvx.local.services.s3.access import Bucket
from nvx.local.store import Table

Version = dict[str, Any]
"""One version of an object, or a delete marker."""

NULL = "null"
"""The id of versions made while versioning was not enabled."""


def objects(ctx: Context, bucket: str) -> Table:
    """The objects of a bucket, by key."""
    return ctx.table(f"s3:{bucket}", account="", region="")


def uploads(ctx: Context, bucket: str) -> Table:
    """The unfinished multipart uploads of a bucket, by id."""
    return ctx.table(f"s3-uploads:{bucket}", account="", region="")


def new_id(ctx: Context, purpose: str) -> str:
    """An id as S3 makes them: long, opaque, without order."""
    seed = f"{purpose}/{ctx.store.sequence(f's3-{purpose}')}/{ctx.request_id}"
    return base64.urlsafe_b64encode(hashlib.sha256(seed.encode()).digest())[:32].decode("ascii")


def history(ctx: Context, bucket: str, key: str) -> list[Version]:
    """Every version of an object, newest first."""
    doc = objects(ctx, bucket).get(key)
    return [] if doc is None else list(doc["Versions"])


def current(ctx: Context, bucket: str, key: str) -> Version | None:
    """The version that a plain request sees; None where there is none, or a delete marker."""
    found = history(ctx, bucket, key)
    return None if not found or found[0].get("DeleteMarker") else found[0]


def find(ctx: Context, bucket: str, params: Params) -> Version:
    """The version that a request names, or the current one; refuses what is not there."""
    key, wanted = params["Key"], params.get("VersionId")
    found = history(ctx, bucket, key)
    if wanted is None:
        if not found or found[0].get("DeleteMarker"):
            raise no_such_key(key, found[0] if found else None)
        return found[0]
    version = next((entry for entry in found if entry["VersionId"] == wanted), None)
    if version is None:
        members = {"Key": key, "VersionId": wanted}
        raise AwsError(
            "NoSuchVersion", "The specified version does not exist.", 404, members=members
        )
    if version.get("DeleteMarker"):
        message = "The specified method is not allowed against this resource."
        headers = _marker_headers(version) | {"Allow": "DELETE"}
        raise AwsError("MethodNotAllowed", message, 405, headers=headers)
    return version


def no_such_key(key: str, marker: Version | None = None) -> AwsError:
    """The refusal where there is no object, or only a delete marker on top."""
    return AwsError(
        "NoSuchKey",
        "The specified key does not exist.",
        404,
        members={"Key": key},
        headers=_marker_headers(marker) if marker else None,
    )


def add(ctx: Context, bucket: Bucket, key: str, version: Version) -> Version:
    """Put a version on top; without versioning it takes the place of the null version."""
    enabled = bucket["Versioning"] == "Enabled"
    version = version | {"VersionId": new_id(ctx, "version") if enabled else NULL}
    kept = history(ctx, bucket["Name"], key)
    if not enabled:
        kept = [entry for entry in kept if entry["VersionId"] != NULL]
    _write(ctx, bucket["Name"], key, [version, *kept])
    return version


def replace(ctx: Context, bucket: str, key: str, version: Version) -> None:
    """Change what is kept about a version, such as its tags."""
    kept = history(ctx, bucket, key)
    same = version["VersionId"]
    _write(
        ctx, bucket, key, [version if entry["VersionId"] == same else entry for entry in kept]
    )


def remove(ctx: Context, bucket: str, key: str, version_id: str) -> Version | None:
    """Delete one version for good; the version, or None where it was not there."""
    kept = history(ctx, bucket, key)
    gone = next((entry for entry in kept if entry["VersionId"] == version_id), None)
    if gone is not None:
        _write(ctx, bucket, key, [entry for entry in kept if entry is not gone])
    return gone


def shown_id(bucket: Bucket, version: Version) -> dict[str, str]:
    """The VersionId of a reply: only buckets that ever had versioning show one."""
    return {"VersionId": version["VersionId"]} if bucket["Versioning"] else {}


def _write(ctx: Context, bucket: str, key: str, found: list[Version]) -> None:
    if found:
        objects(ctx, bucket).put(key, {"Versions": found})
    else:
        objects(ctx, bucket).delete(key)


def _marker_headers(marker: Version) -> dict[str, str]:
    if not marker.get("DeleteMarker"):
        return {}
    return {"x-amz-delete-marker": "true", "x-amz-version-id": marker["VersionId"]}
