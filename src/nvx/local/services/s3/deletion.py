"""Deleting objects: one or a thousand, a version for good or a marker on top."""

from __future__ import annotations

from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.services.s3 import conditions, versions
from nvx.local.services.s3.access import Bucket, bucket_of

_MOST = 1000


@operation("s3", "DeleteObject")
def delete_object(ctx: Context, params: Params) -> Params:
    """Delete an object; an absent one is no error."""
    bucket = bucket_of(ctx, params)
    ctx.reply_status = 204
    return _delete(ctx, bucket, params["Key"], params.get("VersionId"), params.get("IfMatch"))


@operation("s3", "DeleteObjects")
def delete_objects(ctx: Context, params: Params) -> Params:
    """Delete many objects; those refused are listed, the others are gone."""
    bucket = bucket_of(ctx, params)
    wanted = params["Delete"]["Objects"]
    if not 1 <= len(wanted) <= _MOST:
        message = "The XML you provided was not well-formed or did not validate against our"
        raise AwsError("MalformedXML", f"{message} published schema")
    outcomes = [_outcome(ctx, bucket, entry) for entry in wanted]
    reply: Params = {}
    errors = [outcome for outcome in outcomes if "Code" in outcome]
    deleted = [outcome for outcome in outcomes if "Code" not in outcome]
    if deleted and not params["Delete"].get("Quiet"):
        reply["Deleted"] = deleted
    return reply | ({"Errors": errors} if errors else {})


def _outcome(ctx: Context, bucket: Bucket, entry: Params) -> Params:
    key, version_id = entry["Key"], entry.get("VersionId")
    named = {"Key": key} | ({"VersionId": version_id} if version_id else {})
    try:
        result = _delete(ctx, bucket, key, version_id, entry.get("ETag"))
    except AwsError as error:
        return named | {"Code": error.code, "Message": error.message}
    if result.get("DeleteMarker"):
        named |= {"DeleteMarker": True, "DeleteMarkerVersionId": result["VersionId"]}
    return named


def _delete(
    ctx: Context, bucket: Bucket, key: str, version_id: str | None, if_match: str | None
) -> Params:
    name = bucket["Name"]
    conditions.check_delete(if_match, versions.current(ctx, name, key))
    if version_id is not None:
        gone = versions.remove(ctx, name, key, version_id)
        marker = {"DeleteMarker": True} if gone and gone.get("DeleteMarker") else {}
        return {"VersionId": version_id} | marker
    if bucket["Versioning"] is None:
        versions.remove(ctx, name, key, versions.NULL)
        return {}
    entry = {"DeleteMarker": True, "LastModified": ctx.now}
    marker = versions.add(ctx, bucket, key, entry)
    return {"DeleteMarker": True, "VersionId": marker["VersionId"]}
