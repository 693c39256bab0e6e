"""What can be set on a bucket and read back: one table, three handlers a row."""

from __future__ import annotations

import json
from dataclasses import dataclass

from nvx.local import tags
from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.services.s3.access import arn_of, bucket_of, register


@dataclass(frozen=True, slots=True)
class Setting:
    """A sub-resource of buckets: its name in operations, its member, what its absence is."""

    name: str
    member: str
    missing: str | None = None
    """The error code where it is not set; None where AWS answers with an empty reply."""
    sentence: str = ""
    spread: bool = False
    """Whether the reply has the members of the setting instead of the setting."""
    delete: str = ""
    """The name in the delete operation, where it is another one; "-" for none."""


SETTINGS = (
    Setting(
        "PublicAccessBlock",
        "PublicAccessBlockConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "The public access block configuration was not found",
    ),
    Setting(
        "BucketLifecycleConfiguration",
        "LifecycleConfiguration",
        "NoSuchLifecycleConfiguration",
        "The lifecycle configuration does not exist",
        spread=True,
        delete="BucketLifecycle",
    ),
    Setting(
        "BucketOwnershipControls",
        "OwnershipControls",
        "OwnershipControlsNotFoundError",
        "The bucket ownership controls were not found",
    ),
    Setting(
        "BucketCors",
        "CORSConfiguration",
        "NoSuchCORSConfiguration",
        "The CORS configuration does not exist",
        spread=True,
    ),
    Setting("BucketLogging", "BucketLoggingStatus", spread=True, delete="-"),
    Setting(
        "BucketNotificationConfiguration", "NotificationConfiguration", spread=True, delete="-"
    ),
)
_DEFAULT_ENCRYPTION = {
    "Rules": [
        {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
            "BucketKeyEnabled": False,
        }
    ]
}
_ENCRYPTION = "ServerSideEncryptionConfiguration"


def _register(setting: Setting) -> None:
    @operation("s3", f"Put{setting.name}")
    def put(ctx: Context, params: Params) -> Params:
        _set(ctx, params, setting.member, params.get(setting.member) or {})
        return {}

    @operation("s3", f"Get{setting.name}")
    def get(ctx: Context, params: Params) -> Params:
        value = bucket_of(ctx, params)["Settings"].get(setting.member)
        if value is None and setting.missing:
            members = {"BucketName": params["Bucket"]}
            raise AwsError(setting.missing, setting.sentence, 404, members=members)
        return dict(value or {}) if setting.spread else {setting.member: value}

    if setting.delete != "-":

        @operation("s3", f"Delete{setting.delete or setting.name}")
        def delete(ctx: Context, params: Params) -> Params:
            return _unset(ctx, params, setting.member)


for _setting in SETTINGS:
    _register(_setting)


@operation("s3", "PutBucketEncryption")
def put_bucket_encryption(ctx: Context, params: Params) -> Params:
    """Set the default encryption of new objects."""
    _set(ctx, params, _ENCRYPTION, params[_ENCRYPTION])
    return {}


@operation("s3", "GetBucketEncryption")
def get_bucket_encryption(ctx: Context, params: Params) -> Params:
    """The default encryption; S3 has encrypted every bucket with its own keys since 2023."""
    settings = bucket_of(ctx, params)["Settings"]
    return {_ENCRYPTION: settings.get(_ENCRYPTION, _DEFAULT_ENCRYPTION)}


@operation("s3", "DeleteBucketEncryption")
def delete_bucket_encryption(ctx: Context, params: Params) -> Params:
    """Go back to the encryption that every bucket has."""
    return _unset(ctx, params, _ENCRYPTION)


@operation("s3", "PutBucketPolicy")
def put_bucket_policy(ctx: Context, params: Params) -> Params:
    """Keep a bucket policy, as it was written; the local AWS evaluates none."""
    try:
        valid = isinstance(json.loads(params["Policy"]), dict)
    except ValueError:
        valid = False
    if not valid:
        raise AwsError(
            "MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'"
        )
    _set(ctx, params, "Policy", params["Policy"])
    ctx.reply_status = 204
    return {}


@operation("s3", "GetBucketPolicy")
def get_bucket_policy(ctx: Context, params: Params) -> Params:
    """The bucket policy, as it was written."""
    policy = bucket_of(ctx, params)["Settings"].get("Policy")
    if policy is None:
        members = {"BucketName": params["Bucket"]}
        message = "The bucket policy does not exist"
        raise AwsError("NoSuchBucketPolicy", message, 404, members=members)
    return {"Policy": policy}


@operation("s3", "DeleteBucketPolicy")
def delete_bucket_policy(ctx: Context, params: Params) -> Params:
    """Drop the bucket policy."""
    return _unset(ctx, params, "Policy")


@operation("s3", "PutBucketTagging")
def put_bucket_tagging(ctx: Context, params: Params) -> Params:
    """Replace all tags of a bucket."""
    arn = arn_of(ctx, bucket_of(ctx, params)["Name"])
    tags.delete_all(ctx, arn)
    tags.set_tags(ctx, arn, tags.from_list(params["Tagging"].get("TagSet")))
    ctx.reply_status = 204
    return {}


@operation("s3", "GetBucketTagging")
def get_bucket_tagging(ctx: Context, params: Params) -> Params:
    """The tags of a bucket."""
    found = tags.tags_of(ctx, arn_of(ctx, bucket_of(ctx, params)["Name"]))
    if not found:
        members = {"BucketName": params["Bucket"]}
        raise AwsError("NoSuchTagSet", "The TagSet does not exist", 404, members=members)
    return {"TagSet": tags.to_list(found)}


@operation("s3", "DeleteBucketTagging")
def delete_bucket_tagging(ctx: Context, params: Params) -> Params:
    """Drop all tags of a bucket."""
    tags.delete_all(ctx, arn_of(ctx, bucket_of(ctx, params)["Name"]))
    ctx.reply_status = 204
    return {}


def _set(ctx: Context, params: Params, member: str, value: object) -> None:
    bucket = bucket_of(ctx, params)
    settings = {**bucket["Settings"], member: value}
    register(ctx).put(bucket["Name"], bucket | {"Settings": settings})


def _unset(ctx: Context, params: Params, member: str) -> Params:
    bucket = bucket_of(ctx, params)
    settings = {name: value for name, value in bucket["Settings"].items() if name != member}
    register(ctx).put(bucket["Name"], bucket | {"Settings": settings})
    ctx.reply_status = 204
    return {}
