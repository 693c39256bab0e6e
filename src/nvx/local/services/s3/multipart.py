"""Multipart uploads: begun, filled part by part, listed, given up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.services.s3 import bodies, checksums, objects, versions
from nvx.local.services.s3.access import bucket_of, owner
from nvx.local.services.s3.copying import copied_part, source_of
from nvx.local.services.s3.listing import echo, encoded, listing, size_of

Upload = dict[str, Any]
"""An unfinished upload: Key, Initiated, Description, Algorithm, ChecksumType, Parts."""

_MOST_PARTS = 10_000
_SEPARATOR = "\0"


@operation("s3", "CreateMultipartUpload")
def create_multipart_upload(ctx: Context, params: Params) -> Params:
    """Begin an upload; the object appears when it is completed."""
    bucket = bucket_of(ctx, params)
    algorithm, kind = params.get("ChecksumAlgorithm"), params.get("ChecksumType")
    if algorithm:
        checksums.start(algorithm)
        kind = kind or checksums.default_type(algorithm)
        checksums.check_type(algorithm, kind)
    upload: Upload = {
        "Key": objects.checked_key(params["Key"]),
        "Initiated": ctx.now,
        "Description": objects.description(bucket, params),
        "Algorithm": algorithm,
        "ChecksumType": kind if algorithm else None,
        "Parts": {},
    }
    upload_id = versions.new_id(ctx, "upload")
    versions.uploads(ctx, bucket["Name"]).put(upload_id, upload)
    return {
        "Bucket": bucket["Name"],
        "Key": params["Key"],
        "UploadId": upload_id,
        **upload["Description"]["Encryption"],
        **_checksum_members(upload),
    }


@operation("s3", "UploadPart")
def upload_part(ctx: Context, params: Params) -> Params:
    """Store a part; the same number again replaces it."""
    upload = upload_of(ctx, params)
    _check_algorithm(upload, params)
    received = bodies.receive(ctx, params, _algorithms(upload, params))
    _add_part(ctx, params, upload, received)
    encryption = upload["Description"]["Encryption"]
    return {"ETag": received.etag, **checksums.members(received.checksums), **encryption}


@operation("s3", "UploadPartCopy")
def upload_part_copy(ctx: Context, params: Params) -> Params:
    """Store a range of another object as a part."""
    upload = upload_of(ctx, params)
    source = source_of(ctx, params)
    header = params.get("CopySourceRange")
    received = copied_part(ctx, source.version, header, upload["Algorithm"])
    _add_part(ctx, params, upload, received)
    result = {"ETag": received.etag, "LastModified": ctx.now}
    return {
        "CopyPartResult": result | checksums.members(received.checksums),
        **source.reply(),
        **upload["Description"]["Encryption"],
    }


@operation("s3", "AbortMultipartUpload")
def abort_multipart_upload(ctx: Context, params: Params) -> Params:
    """Give up an upload and its parts."""
    upload_of(ctx, params)
    versions.uploads(ctx, params["Bucket"]).delete(params["UploadId"])
    ctx.reply_status = 204
    return {}


@operation("s3", "ListParts")
def list_parts(ctx: Context, params: Params) -> Params:
    """The parts of an upload, by number."""
    upload = upload_of(ctx, params)
    after, most = params.get("PartNumberMarker") or 0, size_of(params, "MaxParts")
    rows = [row for row in parts_of(upload) if row[0] > after]
    chosen = rows[:most]
    reply = {
        "Bucket": params["Bucket"],
        "Key": params["Key"],
        "UploadId": params["UploadId"],
        "PartNumberMarker": after,
        "NextPartNumberMarker": chosen[-1][0] if chosen else 0,
        "MaxParts": most,
        "IsTruncated": len(rows) > most,
        "StorageClass": upload["Description"]["StorageClass"],
        "Owner": owner(ctx),
        "Initiator": owner(ctx),
    }
    if chosen:
        reply["Parts"] = [_part_row(number, part) for number, part in chosen]
    return reply | _checksum_members(upload)


@operation("s3", "ListMultipartUploads")
def list_multipart_uploads(ctx: Context, params: Params) -> Params:
    """The unfinished uploads of a bucket, by key, oldest first."""
    bucket = bucket_of(ctx, params)
    most = size_of(params, "MaxUploads")
    key, upload_id = params.get("KeyMarker") or "", params.get("UploadIdMarker") or ""
    found = listing(_uploads(ctx, bucket["Name"]), params, _after(ctx, params), most)
    reply = found.reply() | {
        "Bucket": bucket["Name"],
        "KeyMarker": key,
        "UploadIdMarker": upload_id,
        "MaxUploads": most,
        **echo(params, "Prefix", "Delimiter"),
    }
    if found.keys:
        reply["Uploads"] = [_upload_row(ctx, row.value) for row in found.keys]
    if found.truncated:
        last = found.rows[-1]
        reply["NextKeyMarker"] = last.name.partition(_SEPARATOR)[0]
        reply |= {"NextUploadIdMarker": last.value["UploadId"]} if last.value else {}
    return encoded(params, reply)


def upload_of(ctx: Context, params: Params) -> Upload:
    """The upload that a request names."""
    bucket = bucket_of(ctx, params)
    upload = versions.uploads(ctx, bucket["Name"]).get(params["UploadId"])
    if upload is None or upload["Key"] != params["Key"]:
        message = (
            "The specified upload does not exist. The upload ID may be invalid, or the upload"
        )
        members = {"UploadId": params["UploadId"]}
        raise AwsError(
            "NoSuchUpload",
            f"{message} may have been aborted or completed.",
            404,
            members=members,
        )
    return upload


def parts_of(upload: Upload) -> list[tuple[int, dict[str, Any]]]:
    """The parts that an upload has so far, by number."""
    return sorted((int(number), part) for number, part in upload["Parts"].items())


def _check_algorithm(upload: Upload, params: Params) -> None:
    """Refuse a part whose checksum is of another kind than the upload's."""
    named, wanted = checksums.algorithms_of(params), upload["Algorithm"]
    if wanted and named and named != [wanted]:
        message = "Checksum Type mismatch occurred, expected checksum Type: "
        raise AwsError(
            "InvalidRequest", f"{message}{wanted.lower()}, actual: {named[0].lower()}"
        )


def _algorithms(upload: Upload, params: Params) -> list[str]:
    return checksums.algorithms_of(params) or (
        [upload["Algorithm"]] if upload["Algorithm"] else []
    )


def _add_part(ctx: Context, params: Params, upload: Upload, received: bodies.Received) -> None:
    number = params["PartNumber"]
    if not 1 <= number <= _MOST_PARTS:
        message = f"Part number must be an integer between 1 and {_MOST_PARTS}, inclusive"
        members = {"ArgumentName": "partNumber", "ArgumentValue": number}
        raise AwsError("InvalidArgument", message, members=members)
    part = received.part() | {"ETag": received.etag, "LastModified": ctx.now}
    changed = upload | {"Parts": {**upload["Parts"], str(number): part}}
    versions.uploads(ctx, params["Bucket"]).put(params["UploadId"], changed)


def _part_row(number: int, part: dict[str, Any]) -> Params:
    shown = {name: part[name] for name in ("ETag", "Size", "LastModified")}
    return {"PartNumber": number} | shown | checksums.members(part["Checksums"])


def _checksum_members(upload: Upload) -> Params:
    if not upload["Algorithm"]:
        return {}
    return {"ChecksumAlgorithm": upload["Algorithm"], "ChecksumType": upload["ChecksumType"]}


def _uploads(ctx: Context, bucket: str) -> Iterator[tuple[str, Upload]]:
    rows = [
        (f"{upload['Key']}{_SEPARATOR}{upload['Initiated'].isoformat()}/{upload_id}", upload_id)
        for upload_id, upload in versions.uploads(ctx, bucket).items()
    ]
    for name, upload_id in sorted(rows):
        yield (
            name,
            (versions.uploads(ctx, bucket).get(upload_id) or {}) | {"UploadId": upload_id},
        )


def _after(ctx: Context, params: Params) -> str:
    key, upload_id = params.get("KeyMarker") or "", params.get("UploadIdMarker")
    names = [name for name, upload in _uploads(ctx, params["Bucket"]) if upload["Key"] == key]
    if upload_id:
        return next((name for name in names if name.endswith(f"/{upload_id}")), key)
    return names[-1] if names else key


def _upload_row(ctx: Context, upload: Upload) -> Params:
    return {
        "UploadId": upload["UploadId"],
        "Key": upload["Key"],
        "Initiated": upload["Initiated"],
        "StorageClass": upload["Description"]["StorageClass"],
        "Owner": owner(ctx),
        "Initiator": owner(ctx),
        **_checksum_members(upload),
    }
