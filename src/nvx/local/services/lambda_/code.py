"""The code of functions: a zip, sent along or taken from S3."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from typing import Any

from nvx.local.context import AwsError, Context, Params
from nvx.local.services.lambda_.register import invalid

Code = dict[str, Any]
"""Blob, CodeSize, CodeSha256 of a zip."""

_LARGEST_REQUEST = 70_167_211
_LARGEST_UNZIPPED = 262_144_000


def code_of(ctx: Context, given: Params) -> Code:
    """The code that a request brings or points to; refuses what Lambda could not unzip."""
    if given.get("ImageUri"):
        message = "The local AWS runs zip packages, not container images."
        raise AwsError("NotImplementedByLocalAws", message, 501)
    data = given.get("ZipFile")
    if data is None and given.get("S3Bucket") and given.get("S3Key"):
        data = _from_s3(ctx, given)
    elif data is not None and len(data) > _LARGEST_REQUEST:
        message = f"Request must be smaller than {_LARGEST_REQUEST} bytes for the operation"
        raise AwsError("RequestEntityTooLargeException", message, 413)
    if data is None:
        raise invalid("Please provide a source for function code.")
    _check_zip(data)
    return {
        "Blob": ctx.blobs.put(data),
        "CodeSize": len(data),
        "CodeSha256": base64.b64encode(hashlib.sha256(data).digest()).decode("ascii"),
    }


def location(ctx: Context, code: Code) -> Params:
    """Where the code can be fetched, without credentials as on AWS."""
    url = f"{ctx.endpoint}/_nvx/blobs/{code['Blob']}"
    return {"RepositoryType": "S3", "Location": url}


def _from_s3(ctx: Context, given: Params) -> bytes:
    wanted = {"Bucket": given["S3Bucket"], "Key": given["S3Key"]}
    if given.get("S3ObjectVersion"):
        wanted["VersionId"] = given["S3ObjectVersion"]
    try:
        body = ctx.call("s3", "GetObject", wanted)["Body"]
    except AwsError as error:
        message = "Error occurred while GetObject. S3 Error Code: "
        raise invalid(f"{message}{error.code}. S3 Error Message: {error.message}") from error
    return body if isinstance(body, bytes) else b"".join(body)


def _check_zip(data: bytes) -> None:
    if not data:
        raise invalid("Uploaded file must be a non-empty zip")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            # Sizes first: what is too large is not unpacked, not even to check it.
            sound = size > 0 and (size > _LARGEST_UNZIPPED or archive.testzip() is None)
    except Exception:  # noqa: BLE001  zipfile raises a dozen types on bytes that are no zip
        sound, size = False, 0
    if not sound:
        message = (
            "Could not unzip uploaded file. Please check your file, then try to upload again."
        )
        raise invalid(message)
    if size > _LARGEST_UNZIPPED:
        raise invalid(f"Unzipped size must be smaller than {_LARGEST_UNZIPPED} bytes")
