"""Which bucket a request is about, and whether this caller may use it from here."""

from __future__ import annotations

from typing import Any

from nvx.local.context import AwsError, Context, Params
from nvx.local.store import Table

Bucket = dict[str, Any]
"""The document of a bucket: Name, Owner, Region, CreationDate, Versioning, Settings."""


_AWS = "aws"
"""The account of buckets that AWS itself owns and everyone may read."""
_READS = frozenset({"GetObject", "HeadObject", "HeadBucket", "ListObjects", "ListObjectsV2",
                    "GetBucketLocation", "GetObjectAttributes"})  # fmt: skip


def register(ctx: Context) -> Table:
    """Every bucket there is: names are global, over all accounts."""
    return ctx.table("s3-buckets", account="", region="")


def bucket_of(ctx: Context, params: Params) -> Bucket:
    """The bucket of a request; refuses a strange, wrongly owned or distant one."""
    bucket = owned_bucket(ctx, params["Bucket"], params.get("ExpectedBucketOwner"))
    if bucket["Region"] != ctx.region and not _names_no_region(ctx):
        raise _elsewhere(bucket)
    return bucket


def owned_bucket(ctx: Context, name: str, expected_owner: str | None) -> Bucket:
    """A bucket of the caller, in whatever region it is."""
    bucket = register(ctx).get(name)
    if bucket is None:
        message = "The specified bucket does not exist"
        raise AwsError("NoSuchBucket", message, 404, members={"BucketName": name})
    readable = bucket["Owner"] == _AWS and ctx.operation in _READS
    mine = bucket["Owner"] == ctx.account or readable
    if not mine or expected_owner not in (None, bucket["Owner"]):
        raise AwsError("AccessDenied", "Access Denied", 403)
    return bucket


def arn_of(ctx: Context, name: str) -> str:
    """The ARN of a bucket: without account and region."""
    return f"arn:{ctx.partition}:s3:::{name}"


def owner(ctx: Context) -> dict[str, str]:
    """The owner in listings; S3 shows a canonical id, here the account stands for it."""
    return {"ID": ctx.account}


def _names_no_region(ctx: Context) -> bool:
    """Whether no region is named: by no signature, nor by one of version 2."""
    return bool(ctx.headers) and not ctx.headers.get("authorization", "").startswith("AWS4-")


def _elsewhere(bucket: Bucket) -> AwsError:
    name, region = bucket["Name"], bucket["Region"]
    return AwsError(
        "PermanentRedirect",
        "The bucket you are attempting to access must be addressed using the specified endpoint. "
        "Please send all future requests to this endpoint.",
        301,
        members={"Bucket": name, "Endpoint": f"{name}.s3.{region}.amazonaws.com"},
        headers={"x-amz-bucket-region": region},
    )
