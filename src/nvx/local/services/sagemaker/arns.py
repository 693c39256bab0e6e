"""Names inside ARNs and S3 addresses."""

from __future__ import annotations

from typing import NamedTuple

from nvx.local.context import Context, Params


class Arn(NamedTuple):
    """The parts of an ARN; `resource` is all that follows the account."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @property
    def kind(self) -> str:
        """The first part of the resource, such as hub-content or training-job."""
        return self.resource.partition("/")[0]

    @property
    def path(self) -> tuple[str, ...]:
        """The other parts of the resource."""
        return tuple(self.resource.split("/")[1:])


def parse(text: str) -> Arn | None:
    """The parts of an ARN, or None where the text is none."""
    parts = text.split(":", 5)
    return Arn(*parts[1:]) if len(parts) == 6 and parts[0] == "arn" else None


def last_part(name_or_arn: str) -> str:
    """The name, of a name or of an ARN that ends with it."""
    return name_or_arn.rpartition("/")[2]


def own_name(ctx: Context, kind: str, name_or_arn: str) -> str | None:
    """The name of the caller's resource of this kind; None for an ARN of anything else."""
    arn = parse(name_or_arn)
    if arn is None:
        return name_or_arn
    if (arn.region, arn.account, arn.kind) != (ctx.region, ctx.account, kind):
        return None
    return "/".join(arn.path)


def bucket_and_key(uri: str) -> tuple[str, str]:
    """The bucket and the key of s3://bucket/key; the key may be empty."""
    bucket, _, key = uri.partition("://")[2].partition("/")
    return bucket, key


def user_context(ctx: Context) -> Params:
    """Who made or changed a resource, as Describe calls tell it."""
    return {
        "IamIdentity": {
            "Arn": f"arn:{ctx.partition}:iam::{ctx.account}:root",
            "PrincipalId": ctx.account,
        }
    }
