"""Buckets: create, look, list, delete; their location and versioning."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import replace

from nvx.local import tags
from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.paging import page
from nvx.local.services.s3 import versions
from nvx.local.services.s3.access import (
    Bucket,
    arn_of,
    bucket_of,
    owned_bucket,
    owner,
    register,
)

_NAME = re.compile(r"(?!xn--|.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_HOME = "us-east-1"
_NEW_SETTINGS = {
    "PublicAccessBlockConfiguration": {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": True,
    },
    "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
}
"""What every new bucket has since April 2023."""
_TOKEN = "ContinuationToken"  # noqa: S105  the name of a member


def seed(ctx: Context) -> None:
    """Make the bucket that SageMaker's SDK and many examples assume."""
    name = f"sagemaker-{ctx.region}-{ctx.account}"
    if name not in register(ctx):
        _add(ctx, name, ctx.region)


@operation("s3", "CreateBucket")
def create_bucket(ctx: Context, params: Params) -> Params:
    """Create a bucket in the caller's region."""
    name = params["Bucket"]
    configuration = params.get("CreateBucketConfiguration") or {}
    _check_name(name)
    region = _region(ctx, configuration.get("LocationConstraint"))
    existing = register(ctx).get(name)
    if existing is not None:
        _check_again(ctx, existing, region)
        return {"Location": f"/{name}", "BucketArn": arn_of(ctx, name)}
    _add(ctx, name, region)
    # us-east-1 creates buckets anywhere; their tags are kept where they are.
    there = replace(ctx, region=region)
    tags.set_tags(there, arn_of(ctx, name), tags.from_list(configuration.get("Tags")))
    return {"Location": f"/{name}", "BucketArn": arn_of(ctx, name)}


@operation("s3", "HeadBucket")
def head_bucket(ctx: Context, params: Params) -> Params:
    """Whether the bucket exists and is the caller's."""
    bucket = bucket_of(ctx, params)
    return {"BucketRegion": bucket["Region"], "BucketArn": arn_of(ctx, bucket["Name"])}


@operation("s3", "DeleteBucket")
def delete_bucket(ctx: Context, params: Params) -> Params:
    """Delete a bucket that holds nothing, not even old versions."""
    name = bucket_of(ctx, params)["Name"]
    if len(versions.objects(ctx, name)):
        message = "The bucket you tried to delete is not empty"
        if any(len(doc["Versions"]) > 1 for _, doc in versions.objects(ctx, name).items()):
            message += ". You must delete all versions in the bucket."
        raise AwsError("BucketNotEmpty", message, 409, members={"BucketName": name})
    uploads = versions.uploads(ctx, name)
    for upload, _ in uploads.items():
        uploads.delete(upload)
    tags.delete_all(ctx, arn_of(ctx, name))
    register(ctx).delete(name)
    ctx.reply_status = 204
    return {}


@operation("s3", "ListBuckets")
def list_buckets(ctx: Context, params: Params) -> Params:
    """The caller's buckets of all regions, by name."""
    prefix, region = params.get("Prefix") or "", params.get("BucketRegion")
    rows = [
        (name, bucket)
        for name, bucket in register(ctx).items()
        if bucket["Owner"] == ctx.account
        and name.startswith(prefix)
        and region in (None, bucket["Region"])
    ]
    chosen, token = page(
        rows, params, size_member="MaxBuckets", token_member=_TOKEN, default=10_000
    )
    reply: Params = {
        "Buckets": [_row(ctx, bucket) for _, bucket in chosen],
        "Owner": owner(ctx),
    }
    reply |= {_TOKEN: token} if token else {}
    return reply | ({"Prefix": prefix} if prefix else {})


@operation("s3", "GetBucketLocation")
def get_bucket_location(ctx: Context, params: Params) -> Params:
    """The region of a bucket, asked from any region; us-east-1 has no name here."""
    bucket = owned_bucket(ctx, params["Bucket"], params.get("ExpectedBucketOwner"))
    return {} if bucket["Region"] == _HOME else {"LocationConstraint": bucket["Region"]}


@operation("s3", "PutBucketVersioning")
def put_bucket_versioning(ctx: Context, params: Params) -> Params:
    """Enable or suspend versioning; there is no way back to never."""
    bucket = bucket_of(ctx, params)
    status = (params.get("VersioningConfiguration") or {}).get("Status")
    if status not in ("Enabled", "Suspended"):
        message = "The Versioning element must be specified"
        raise AwsError("IllegalVersioningConfigurationException", message)
    register(ctx).put(bucket["Name"], bucket | {"Versioning": status})
    return {}


@operation("s3", "GetBucketVersioning")
def get_bucket_versioning(ctx: Context, params: Params) -> Params:
    """The versioning status; absent where it was never set."""
    status = bucket_of(ctx, params)["Versioning"]
    return {"Status": status} if status else {}


def _add(ctx: Context, name: str, region: str) -> None:
    bucket: Bucket = {
        "Name": name,
        "Owner": ctx.account,
        "Region": region,
        "CreationDate": ctx.now,
        "Versioning": None,
        "Settings": dict(_NEW_SETTINGS),
    }
    register(ctx).put(name, bucket)


def _row(ctx: Context, bucket: Bucket) -> Params:
    return {
        "Name": bucket["Name"],
        "CreationDate": bucket["CreationDate"],
        "BucketRegion": bucket["Region"],
        "BucketArn": arn_of(ctx, bucket["Name"]),
    }


def _check_name(name: str) -> None:
    valid = _NAME.fullmatch(name) is not None
    try:
        ipaddress.IPv4Address(name)
        valid = False
    except ValueError:
        pass
    if not valid:
        message = "The specified bucket is not valid."
        raise AwsError("InvalidBucketName", message, members={"BucketName": name})


def _region(ctx: Context, constraint: str | None) -> str:
    """Where a new bucket goes: us-east-1 takes any constraint, the others only their own."""
    wanted = "eu-west-1" if constraint == "EU" else constraint or _HOME
    if ctx.region in (_HOME, wanted):
        return wanted
    said = constraint or "unspecified"
    message = f"The {said} location constraint is incompatible for the region specific endpoint"
    raise AwsError("IllegalLocationConstraintException", f"{message} this request was sent to.")


def _check_again(ctx: Context, existing: Bucket, region: str) -> None:
    """Refuse a taken name; us-east-1 answers its owner as if the bucket were new."""
    name = existing["Name"]
    if existing["Owner"] != ctx.account:
        message = "The requested bucket name is not available. Select a different name."
        raise AwsError("BucketAlreadyExists", message, 409, members={"BucketName": name})
    if not existing["Region"] == region == _HOME:
        message = "Your previous request to create the named bucket succeeded and you already"
        raise AwsError(
            "BucketAlreadyOwnedByYou", f"{message} own it.", 409, members={"BucketName": name}
        )
