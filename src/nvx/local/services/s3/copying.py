"""Copies of objects, whole or as a part of a multipart upload."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.services.s3 import bodies, conditions, objects, versions
from nvx.local.services.s3.access import Bucket, bucket_of, owned_bucket
from nvx.local.services.s3.versions import Version

_LARGEST = 5 * 1024**3


@dataclass(frozen=True, slots=True)
class Source:
    """The object that a copy reads."""

    bucket: Bucket
    key: str
    version: Version

    def reply(self) -> Params:
        """What a copy says about its source."""
        if not self.bucket["Versioning"]:
            return {}
        return {"CopySourceVersionId": self.version["VersionId"]}


@operation("s3", "CopyObject")
def copy_object(ctx: Context, params: Params) -> Params:
    """Copy an object inside the local AWS; a large one is read piece by piece."""
    bucket = bucket_of(ctx, params)
    key = objects.checked_key(params["Key"])
    source = source_of(ctx, params)
    _check_change(bucket, source, params)
    if source.version["Size"] > _LARGEST:
        message = (
            "The specified copy source is larger than the maximum allowable size for a copy"
        )
        raise AwsError("InvalidRequest", f"{message} source: {_LARGEST}")
    conditions.check_write(params, versions.current(ctx, bucket["Name"], key))
    described = _description(bucket, source.version, params)
    content = _content(ctx, source.version, params.get("ChecksumAlgorithm"))
    version = versions.add(ctx, bucket, key, described | content | {"LastModified": ctx.now})
    reply = objects.stored(bucket, version) | source.reply()
    names = [name for name in reply if name == "ETag" or name.startswith("Checksum")]
    result = {name: reply.pop(name) for name in names}
    return reply | {"CopyObjectResult": result | {"LastModified": version["LastModified"]}}


def source_of(ctx: Context, params: Params) -> Source:
    """The source of a copy, its conditions checked."""
    name, key, version_id = _parsed(params["CopySource"])
    bucket = owned_bucket(ctx, name, params.get("ExpectedSourceBucketOwner"))
    version = versions.find(ctx, name, {"Key": key, "VersionId": version_id})
    conditions.check_copy(params, version)
    return Source(bucket, key, version)


def _parsed(header: object) -> tuple[str, str, str | None]:
    """Bucket, key and version of `bucket/key?versionId=id`, percent-encoded or not."""
    if isinstance(header, dict):
        return header["Bucket"], header["Key"], header.get("VersionId")
    path, _, version_id = str(header).partition("?versionId=")
    bucket, _, key = unquote(path).removeprefix("/").partition("/")
    if not bucket or not key:
        message = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey"
        raise AwsError(
            "InvalidArgument", message, members={"ArgumentName": "x-amz-copy-source"}
        )
    return bucket, key, unquote(version_id) or None


def _check_change(bucket: Bucket, source: Source, params: Params) -> None:
    """Refuse a copy onto itself that changes nothing."""
    onto_itself = (source.bucket["Name"], source.key) == (bucket["Name"], params["Key"])
    changed = (
        params.get("MetadataDirective") == "REPLACE"
        or params.get("TaggingDirective") == "REPLACE"
        or any(
            params.get(name) is not None
            for name in ("StorageClass", "ServerSideEncryption", "WebsiteRedirectLocation")
        )
    )
    current = source.bucket["Versioning"] is None or "versionId=" not in str(
        params["CopySource"]
    )
    if onto_itself and current and not changed:
        raise AwsError(
            "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to itself without "
            "changing the object's metadata, storage class, website redirect location or "
            "encryption attributes.",
        )


def _description(bucket: Bucket, source: Version, params: Params) -> Version:
    described = objects.description(bucket, params)
    if params.get("MetadataDirective") != "REPLACE":
        described |= {"Headers": source["Headers"], "Metadata": source["Metadata"]}
    if params.get("TaggingDirective") != "REPLACE":
        described["Tags"] = source["Tags"]
    return described


def _content(ctx: Context, source: Version, algorithm: str | None) -> Version:
    """The content of the copy: one piece, whatever the source was made of."""
    kept = source["Checksums"]
    wanted = [algorithm] if algorithm else list(kept)
    if not source["Multipart"] and set(wanted) <= set(kept):
        return objects.whole(
            source["ETag"], source["Parts"], {name: kept[name] for name in wanted}
        )
    body = bodies.joined(ctx, source["Parts"], 0, source["Size"])
    received = bodies.keep(ctx, body, wanted)
    return objects.whole(received.etag, [received.part()], received.checksums)


def copied_part(
    ctx: Context, source: Version, header: str | None, algorithm: str | None
) -> bodies.Received:
    """A range of the source, kept as a body of its own."""
    size = source["Size"]
    start, stop = bodies.cut(header, size) or (0, size)
    wanted = [algorithm] if algorithm else []
    body = bodies.joined(ctx, source["Parts"], start, stop)
    return bodies.keep(ctx, body, wanted)
