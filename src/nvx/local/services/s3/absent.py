"""What no bucket of the local AWS has: read as S3 tells that it was never set."""

from __future__ import annotations

from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.services.s3.access import bucket_of

_ABSENT = {
    "BucketReplication": (
        "ReplicationConfigurationNotFoundError",
        "The replication configuration was not found",
    ),
    "ObjectLockConfiguration": (
        "ObjectLockConfigurationNotFoundError",
        "Object Lock configuration does not exist for this bucket",
    ),
    "BucketWebsite": (
        "NoSuchWebsiteConfiguration",
        "The specified bucket does not have a website configuration",
    ),
}


def _register(name: str, code: str, message: str) -> None:
    @operation("s3", f"Get{name}")
    def get(ctx: Context, params: Params) -> Params:
        bucket = bucket_of(ctx, params)
        raise AwsError(code, message, 404, members={"BucketName": bucket["Name"]})


for _name, (_code, _message) in _ABSENT.items():
    _register(_name, _code, _message)


@operation("s3", "GetBucketAccelerateConfiguration")
def get_bucket_accelerate_configuration(ctx: Context, params: Params) -> Params:
    """Nothing: transfers were never accelerated."""
    bucket_of(ctx, params)
    return {}


@operation("s3", "GetBucketRequestPayment")
def get_bucket_request_payment(ctx: Context, params: Params) -> Params:
    """The owner pays."""
    bucket_of(ctx, params)
    return {"Payer": "BucketOwner"}
