"""The end of a multipart upload: its parts, checked, become an object."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.services.s3 import checksums, conditions, objects, versions
from nvx.local.services.s3.access import bucket_of
from nvx.local.services.s3.multipart import Upload, parts_of, upload_of
from nvx.local.services.s3.versions import Version

_LEAST_SIZE = 5 * 1024**2

Part = Mapping[str, Any]


@operation("s3", "CompleteMultipartUpload")
def complete_multipart_upload(ctx: Context, params: Params) -> Params:
    """Make the object out of the parts that the caller lists; others are dropped."""
    bucket = bucket_of(ctx, params)
    upload = upload_of(ctx, params)
    listed = (params.get("MultipartUpload") or {}).get("Parts") or []
    parts = _chosen(upload, listed)
    _check_sizes(params, parts)
    content = _content(upload, params, parts)
    conditions.check_write(params, versions.current(ctx, bucket["Name"], params["Key"]))
    described = upload["Description"] | content | {"LastModified": ctx.now}
    version = versions.add(ctx, bucket, params["Key"], described)
    versions.uploads(ctx, bucket["Name"]).delete(params["UploadId"])
    location = f"{ctx.endpoint}/{bucket['Name']}/{params['Key']}"
    named = {"Location": location, "Bucket": bucket["Name"], "Key": params["Key"]}
    return named | objects.stored(bucket, version)


def _chosen(upload: Upload, listed: Sequence[Params]) -> list[Part]:
    if not listed:
        message = "The XML you provided was not well-formed or did not validate against our"
        raise AwsError("MalformedXML", f"{message} published schema")
    numbers = [entry["PartNumber"] for entry in listed]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        message = "The list of parts was not in ascending order. Parts must be ordered by part"
        raise AwsError("InvalidPartOrder", f"{message} number.")
    there = dict(parts_of(upload))
    return [_matching(there.get(entry["PartNumber"]), entry) for entry in listed]


def _matching(part: Part | None, entry: Params) -> Part:
    """The stored part, unless the caller means another one."""
    wanted = (entry.get("ETag") or "").strip('"')
    sums = checksums.given(entry)
    if (
        part is None
        or part["ETag"].strip('"') != wanted
        or not sums.items() <= part["Checksums"].items()
    ):
        raise AwsError(
            "InvalidPart",
            "One or more of the specified parts could not be found.  The part may not have been "
            "uploaded, or the specified entity tag may not match the part's entity tag.",
            members={"PartNumber": entry["PartNumber"], "ETag": wanted},
        )
    return part


def _check_sizes(params: Params, parts: Sequence[Part]) -> None:
    """All parts but the last have a least size; the whole has the one that the caller expects."""
    for number, part in enumerate(parts[:-1], start=1):
        if part["Size"] < _LEAST_SIZE:
            members = {
                "ProposedSize": part["Size"],
                "MinSizeAllowed": _LEAST_SIZE,
                "PartNumber": number,
                "ETag": part["ETag"].strip('"'),
            }
            message = "Your proposed upload is smaller than the minimum allowed size"
            raise AwsError("EntityTooSmall", message, members=members)
    expected = params.get("MpuObjectSize")
    total = sum(part["Size"] for part in parts)
    if expected is not None and int(expected) != total:
        message = (
            f"The provided 'x-amz-mp-object-size' header value {expected} does not match what"
        )
        raise AwsError("InvalidRequest", f"{message} was computed: {total}")


def _content(upload: Upload, params: Params, parts: Sequence[Part]) -> Version:
    digests = b"".join(bytes.fromhex(part["ETag"].strip('"')) for part in parts)
    etag = hashlib.md5(digests, usedforsecurity=False).hexdigest()
    found = _checksums(upload, params, parts)
    return {
        "ETag": f'"{etag}-{len(parts)}"',
        "Size": sum(part["Size"] for part in parts),
        "Parts": [
            {name: part[name] for name in ("Blob", "Size", "Checksums")} for part in parts
        ],
        "Multipart": True,
        "Checksums": found,
        "ChecksumType": upload["ChecksumType"] if found else None,
    }


def _checksums(upload: Upload, params: Params, parts: Sequence[Part]) -> dict[str, str]:
    """The checksum of the object out of those of its parts, compared with the caller's."""
    algorithm, kind = upload["Algorithm"], upload["ChecksumType"]
    if params.get("ChecksumType") not in (None, kind):
        said = f"{params['ChecksumType']} and not {kind}"
        raise AwsError("BadDigest", f"The checksum type of this upload is not {said}.")
    if algorithm is None:
        return {}
    if any(algorithm not in part["Checksums"] for part in parts):
        message = (
            f"The upload was created using a {algorithm.lower()} checksum. The complete request"
        )
        raise AwsError("InvalidRequest", f"{message} must include the checksum for each part.")
    if kind == "FULL_OBJECT":
        value = checksums.full(
            algorithm, [(p["Checksums"][algorithm], p["Size"]) for p in parts]
        )
    else:
        value = checksums.composite(algorithm, [part["Checksums"][algorithm] for part in parts])
    _check_expected(params, algorithm, value)
    return {algorithm: value}


def _check_expected(params: Params, algorithm: str, value: str) -> None:
    for name, expected in checksums.given(params).items():
        # A composite may be sent with or without the number of parts behind it.
        if name != algorithm or expected not in (value, value.partition("-")[0]):
            message = f"The {name} you specified did not match the calculated checksum."
            raise AwsError("BadDigest", message)
