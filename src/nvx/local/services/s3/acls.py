"""Access control lists: the owner alone, as in every bucket made since 2023."""

from __future__ import annotations

from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.dispatch import not_implemented
from nvx.local.services.s3 import versions
from nvx.local.services.s3.access import Bucket, bucket_of, owner

_ENFORCED = "BucketOwnerEnforced"


@operation("s3", "GetBucketAcl")
def get_bucket_acl(ctx: Context, params: Params) -> Params:
    """The list of a bucket: its owner may do anything."""
    bucket_of(ctx, params)
    return _owner_alone(ctx)


@operation("s3", "GetObjectAcl")
def get_object_acl(ctx: Context, params: Params) -> Params:
    """The list of an object: its owner may do anything."""
    bucket = bucket_of(ctx, params)
    versions.find(ctx, bucket["Name"], params)
    return _owner_alone(ctx)


@operation("s3", "PutBucketAcl")
def put_bucket_acl(ctx: Context, params: Params) -> Params:
    """Refuse to change a bucket's list."""
    raise _unchangeable(ctx, bucket_of(ctx, params))


@operation("s3", "PutObjectAcl")
def put_object_acl(ctx: Context, params: Params) -> Params:
    """Refuse to change an object's list."""
    bucket = bucket_of(ctx, params)
    versions.find(ctx, bucket["Name"], params)
    raise _unchangeable(ctx, bucket)


def _owner_alone(ctx: Context) -> Params:
    grantee = {**owner(ctx), "Type": "CanonicalUser"}
    return {
        "Owner": owner(ctx),
        "Grants": [{"Grantee": grantee, "Permission": "FULL_CONTROL"}],
    }


def _unchangeable(ctx: Context, bucket: Bucket) -> AwsError:
    """S3's refusal where lists are off; where a bucket has them on, ours: it keeps none."""
    controls = bucket["Settings"].get("OwnershipControls") or {}
    if any(rule.get("ObjectOwnership") == _ENFORCED for rule in controls.get("Rules") or ()):
        message = "The bucket does not allow ACLs"
        return AwsError("AccessControlListNotSupported", message)
    return not_implemented(ctx.service, ctx.operation)
