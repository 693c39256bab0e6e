"""Objects: put, get, head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.services.s3 import bodies, checksums, conditions, versions
from nvx.local.services.s3.access import Bucket, bucket_of
from nvx.local.services.s3.versions import Version

_HEADERS = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "WebsiteRedirectLocation",
)
_OVERRIDES = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
)
_ENCRYPTION = ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled")
_SMALL = 1 << 20
_LONGEST_KEY = 1024
_MOST_TAGS = 10


@operation("s3", "PutObject")
def put_object(ctx: Context, params: Params) -> Params:
    """Store an object, whole or not at all."""
    bucket = bucket_of(ctx, params)
    key = checked_key(params["Key"])
    conditions.check_write(params, versions.current(ctx, bucket["Name"], key))
    described = description(bucket, params)
    received = bodies.receive(ctx, params, checksums.algorithms_of(params))
    content = whole(received.etag, [received.part()], received.checksums)
    version = versions.add(ctx, bucket, key, described | content | {"LastModified": ctx.now})
    return stored(bucket, version)


@operation("s3", "GetObject")
def get_object(ctx: Context, params: Params) -> Params:
    """Read an object, or a range of it."""
    version, reply = _look(ctx, params)
    if reply is None:
        return _not_modified(ctx, version)
    start, stop = _window(ctx, params, version, reply)
    found = bodies.pieces(ctx, version["Parts"], start, stop)
    reply["Body"] = b"".join(found) if stop - start <= _SMALL else found
    return reply


@operation("s3", "HeadObject")
def head_object(ctx: Context, params: Params) -> Params:
    """Read what is known about an object."""
    version, reply = _look(ctx, params)
    if reply is None:
        return _not_modified(ctx, version)
    _window(ctx, params, version, reply)
    return reply


def checked_key(key: str) -> str:
    """The key, unless it is longer than S3 takes."""
    if len(key.encode()) > _LONGEST_KEY:
        members = {"Size": len(key.encode()), "MaxSizeAllowed": _LONGEST_KEY}
        raise AwsError("KeyTooLongError", "Your key is too long", members=members)
    return key


def description(bucket: Bucket, params: Params) -> Version:
    """What a put, copy or multipart request says about its object, body apart."""
    headers = {name: params[name] for name in _HEADERS if params.get(name) is not None}
    return {
        "Headers": {"ContentType": "binary/octet-stream"} | headers,
        "Metadata": {
            name.lower(): value for name, value in (params.get("Metadata") or {}).items()
        },
        "Encryption": _encryption(bucket, params),
        "StorageClass": params.get("StorageClass") or "STANDARD",
        "Tags": parsed_tags(params.get("Tagging")),
    }


def whole(etag: str, parts: Sequence[Any], found: Any) -> Version:
    """The content of an object that came in one piece."""
    return {
        "ETag": etag,
        "Size": sum(part["Size"] for part in parts),
        "Parts": list(parts),
        "Multipart": False,
        "Checksums": dict(found),
        "ChecksumType": "FULL_OBJECT" if found else None,
    }


def stored(bucket: Bucket, version: Version) -> Params:
    """The reply to what stored an object."""
    return {
        "ETag": version["ETag"],
        **checksums.members(version["Checksums"]),
        **_checksum_type(version),
        **version["Encryption"],
        **versions.shown_id(bucket, version),
    }


def parsed_tags(header: str | None) -> dict[str, str]:
    """The tags of a Tagging header, `a=1&b=2`."""
    pairs = parse_qsl(header or "", keep_blank_values=True)
    found = dict(pairs)
    if len(found) != len(pairs):
        raise AwsError("InvalidTag", "Cannot provide multiple Tags with the same key")
    return checked_tags(found)


def checked_tags(found: dict[str, str]) -> dict[str, str]:
    """The tags, unless there are more than S3 takes on an object."""
    if len(found) > _MOST_TAGS:
        raise AwsError("BadRequest", f"Object tags cannot be greater than {_MOST_TAGS}")
    return found


def _encryption(bucket: Bucket, params: Params) -> Version:
    """How the object says it is encrypted: by the request, else as its bucket wants."""
    asked = {name: params[name] for name in _ENCRYPTION if params.get(name) is not None}
    if "ServerSideEncryption" in asked:
        return asked
    configuration = bucket["Settings"].get("ServerSideEncryptionConfiguration") or {}
    rule: Params = next(iter(configuration.get("Rules") or ()), {})
    default = rule.get("ApplyServerSideEncryptionByDefault") or {}
    found = {"ServerSideEncryption": default.get("SSEAlgorithm", "AES256")}
    if default.get("KMSMasterKeyID"):
        found["SSEKMSKeyId"] = default["KMSMasterKeyID"]
    return found


def _look(ctx: Context, params: Params) -> tuple[Version, Params | None]:
    """The version that a read is about, and the reply without body; None where unchanged."""
    bucket = bucket_of(ctx, params)
    version = versions.find(ctx, bucket["Name"], params)
    if conditions.check_read(params, version):
        return version, None
    reply = {
        **version["Headers"],
        **version["Encryption"],
        **versions.shown_id(bucket, version),
        "AcceptRanges": "bytes",
        "LastModified": version["LastModified"],
        "ETag": version["ETag"],
        "Metadata": dict(version["Metadata"]),
    }
    if version["StorageClass"] != "STANDARD":
        reply["StorageClass"] = version["StorageClass"]
    if version["Tags"]:
        reply["TagCount"] = len(version["Tags"])
    for name in _OVERRIDES:
        if params.get(f"Response{name}") is not None:
            reply[name] = params[f"Response{name}"]
    return version, reply


def _not_modified(ctx: Context, version: Version) -> Params:
    ctx.reply_status = 304
    return {"ETag": version["ETag"], "LastModified": version["LastModified"]}


def _window(ctx: Context, params: Params, version: Version, reply: Params) -> tuple[int, int]:
    """The (start, stop) that a read wants; completes the reply with lengths and checksums."""
    size = version["Size"]
    number = params.get("PartNumber")
    if number is None:
        window = bodies.cut(params.get("Range"), size)
    else:
        window = _part_window(version, number)
        reply |= {"PartsCount": len(version["Parts"])} if version["Multipart"] else {}
    if window is None:
        if params.get("ChecksumMode") == "ENABLED":
            reply |= checksums.members(version["Checksums"]) | _checksum_type(version)
        reply["ContentLength"] = size
        return 0, size
    start, stop = window
    ctx.reply_status = 206
    reply |= {"ContentLength": stop - start, "ContentRange": f"bytes {start}-{stop - 1}/{size}"}
    return start, stop


def _part_window(version: Version, number: int) -> tuple[int, int] | None:
    parts = version["Parts"]
    if not 1 <= number <= len(parts):
        message = "The requested partnumber is not satisfiable"
        raise AwsError("InvalidPartNumber", message, 416)
    start = sum(part["Size"] for part in parts[: number - 1])
    stop = start + parts[number - 1]["Size"]
    return (start, stop) if stop > start else None


def _checksum_type(version: Version) -> Params:
    return {"ChecksumType": version["ChecksumType"]} if version["ChecksumType"] else {}
