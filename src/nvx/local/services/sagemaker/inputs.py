"""The data that a job reads: whether it is there, and how much."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from nvx.local.context import AwsError, Context, Params
from nvx.local.services.sagemaker.arns import bucket_and_key, parse
from nvx.local.services.sagemaker.contents import Shelf, status_of
from nvx.local.services.sagemaker.hubs import find_hub
from nvx.local.services.sagemaker.refusals import invalid, not_found

_READ_AT_MOST = 4 * 1024 * 1024
_BYTES_PER_ROW = 400
"""How long rows are taken to be in files too big to count."""


def check_channels(ctx: Context, params: Params) -> Params:
    """The bytes and rows of the channels together; refuses data that is not there."""
    size = rows = 0
    for channel in params.get("InputDataConfig", []):
        uri = _location(ctx, channel["DataSource"])
        if uri is None:
            continue
        objects = objects_under(ctx, uri, params["RoleArn"])
        channel_size = sum(item["Size"] for item in objects)
        size += channel_size
        rows += _rows(ctx, uri, objects, channel_size)
    return {"Bytes": size, "Rows": rows}


def check_output(ctx: Context, uri: str) -> None:
    """Refuse an output location whose bucket the job could not write to."""
    bucket, _ = bucket_and_key(uri)
    try:
        ctx.call("s3", "HeadBucket", {"Bucket": bucket})
    except AwsError as error:
        raise invalid(
            f"Access denied to OutputDataConfig S3 bucket. S3 URL: {uri}. Please ensure that the "
            "bucket exists in this region and that the role can write to it."
        ) from error


def objects_under(ctx: Context, uri: str, role: str) -> list[Params]:
    """Up to a thousand objects under a prefix; refuses a prefix with none."""
    bucket, prefix = bucket_and_key(uri)
    try:
        listing = ctx.call("s3", "ListObjectsV2", {"Bucket": bucket, "Prefix": prefix})
    except AwsError:
        listing = {}
    found: list[Params] = listing.get("Contents", [])
    if not found:
        raise invalid(
            f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure '
            f"that the bucket exists in the selected region ({ctx.region}), that objects exist "
            f'under that S3 prefix, and that the role "{role}" has "s3:ListBucket" permissions '
            f'on bucket "{bucket}".'
        )
    return found


def read_object(ctx: Context, uri: str) -> bytes:
    """The bytes of an object; AwsError where it is not there."""
    bucket, key = bucket_and_key(uri)
    body: Any = ctx.call("s3", "GetObject", {"Bucket": bucket, "Key": key})["Body"]
    return body if isinstance(body, bytes) else b"".join(body)


def find_content(ctx: Context, arn: str, content_type: str) -> Params:
    """The hub content that an ARN names; refuses one that is absent or not Available."""
    parts = parse(arn)
    path = parts.path if parts is not None and parts.kind == "hub-content" else ()
    if len(path) not in (3, 4) or path[1] != content_type:
        raise invalid(f"Invalid HubContentArn format: {arn}")
    hub_name, _, name, *version = path
    _, hub = find_hub(ctx, f"{arn.split(':hub-content/')[0]}:hub/{hub_name}")
    doc = Shelf(ctx, hub, content_type, name).get(version[0] if version else None)
    if doc is None:
        raise not_found(f"Hub content {arn} does not exist.")
    if status_of(ctx, doc) != "Available":
        raise invalid(f"Hub content {arn} is in status {status_of(ctx, doc)}, not Available.")
    return doc


def channel_rows(ctx: Context, request: Params) -> list[Params]:
    """The rows of the first channel, as far as they are JSON objects in a small JSONL file."""
    for channel in request.get("InputDataConfig", [])[:1]:
        uri = _location(ctx, channel["DataSource"])
        objects = objects_under(ctx, uri, request["RoleArn"]) if uri else []
        if uri and sum(item["Size"] for item in objects) <= _READ_AT_MOST:
            bucket, _ = bucket_and_key(uri)
            return [
                row
                for item in objects
                for row in json_rows(read_object(ctx, f"s3://{bucket}/{item['Key']}"))
            ]
    return []


def json_rows(data: bytes) -> list[Params]:
    """The JSON objects of a JSONL file; other lines are passed over."""
    rows = []
    for line in _lines(data):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            rows.append(row)
    return rows


def _location(ctx: Context, source: Params) -> str | None:
    if "DatasetSource" in source:
        content = find_content(ctx, source["DatasetSource"]["DatasetArn"], "DataSet")
        document = json.loads(content["HubContentDocument"])
        return f"s3://{document.get('DatasetS3Bucket')}/{document.get('DatasetS3Prefix')}"
    if "S3DataSource" in source:
        uri: str = source["S3DataSource"]["S3Uri"]
        return uri
    return None


def _rows(ctx: Context, uri: str, objects: list[Params], size: int) -> int:
    if size > _READ_AT_MOST:
        return size // _BYTES_PER_ROW
    bucket, _ = bucket_and_key(uri)
    return sum(
        sum(1 for _ in _lines(read_object(ctx, f"s3://{bucket}/{item['Key']}")))
        for item in objects
    )


def _lines(data: bytes) -> Iterator[bytes]:
    return (line for line in data.splitlines() if line.strip())
