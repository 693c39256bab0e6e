"""Tags and attributes of objects."""

from __future__ import annotations

from nvx.local import tags
from nvx.local.context import Context, Params, operation
from nvx.local.services.s3 import checksums, objects, versions
from nvx.local.services.s3.access import bucket_of
from nvx.local.services.s3.versions import Version

_MOST_PARTS = 1000


@operation("s3", "PutObjectTagging")
def put_object_tagging(ctx: Context, params: Params) -> Params:
    """Replace all tags of an object."""
    return _set_tags(ctx, params, tags.from_list(params["Tagging"].get("TagSet")))


@operation("s3", "GetObjectTagging")
def get_object_tagging(ctx: Context, params: Params) -> Params:
    """The tags of an object; none is an empty list."""
    bucket = bucket_of(ctx, params)
    version = versions.find(ctx, bucket["Name"], params)
    return {"TagSet": tags.to_list(version["Tags"])} | versions.shown_id(bucket, version)


@operation("s3", "DeleteObjectTagging")
def delete_object_tagging(ctx: Context, params: Params) -> Params:
    """Drop all tags of an object."""
    ctx.reply_status = 204
    return _set_tags(ctx, params, {})


@operation("s3", "GetObjectAttributes")
def get_object_attributes(ctx: Context, params: Params) -> Params:
    """Those attributes of an object that are asked for; its ETag comes without quotes here."""
    bucket = bucket_of(ctx, params)
    version = versions.find(ctx, bucket["Name"], params)
    every: Params = {
        "ETag": version["ETag"].strip('"'),
        "Checksum": _checksum(version),
        "ObjectParts": _parts(params, version),
        "StorageClass": version["StorageClass"],
        "ObjectSize": version["Size"],
    }
    asked = {name for entry in params["ObjectAttributes"] for name in entry.split(",")}
    found = {name: every[name] for name in every if name in asked and every[name] is not None}
    return (
        found | {"LastModified": version["LastModified"]} | versions.shown_id(bucket, version)
    )


def _set_tags(ctx: Context, params: Params, found: dict[str, str]) -> Params:
    bucket = bucket_of(ctx, params)
    version = versions.find(ctx, bucket["Name"], params)
    changed = version | {"Tags": objects.checked_tags(found)}
    versions.replace(ctx, bucket["Name"], params["Key"], changed)
    return versions.shown_id(bucket, version)


def _checksum(version: Version) -> Params | None:
    if not version["Checksums"]:
        return None
    # Attributes show a composite checksum without the number of parts behind it.
    found = {name: value.partition("-")[0] for name, value in version["Checksums"].items()}
    return checksums.members(found) | {"ChecksumType": version["ChecksumType"]}


def _parts(params: Params, version: Version) -> Params | None:
    """The parts of a multipart upload; details only where they have checksums, as on AWS."""
    if not version["Multipart"]:
        return None
    after, most = params.get("PartNumberMarker") or 0, params.get("MaxParts") or _MOST_PARTS
    rows = [
        {"PartNumber": number, "Size": part["Size"], **checksums.members(part["Checksums"])}
        for number, part in enumerate(version["Parts"], start=1)
    ]
    chosen = rows[after : after + most]
    reply: Params = {"TotalPartsCount": len(rows)}
    if version["Checksums"]:
        reply |= {
            "PartNumberMarker": after,
            "NextPartNumberMarker": after + len(chosen),
            "MaxParts": most,
            "IsTruncated": after + most < len(rows),
            "Parts": chosen,
        }
    return reply
