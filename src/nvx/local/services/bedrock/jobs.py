"""What jobs of all kinds share: ids, request tokens, statuses, lists, roles and places."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import timedelta

from nvx.local import tags
from nvx.local.context import AwsError, Context, Params
from nvx.local.paging import page
from nvx.local.services.bedrock.refusals import conflict, invalid
from nvx.local.services.sagemaker.roles import is_assumable

_TOKENS = "bedrock.tokens"
_PRINCIPAL = "bedrock.amazonaws.com"
NEXT = "nextToken"
"""The member that names the next page."""


def id12(*of: str) -> str:
    """Twelve small letters and digits that are the same for the same arguments."""
    return hashlib.sha256("\0".join(of).encode()).hexdigest()[:12]


def made_before(ctx: Context, params: Params) -> str | None:
    """What an earlier request with this token made; refuses a token used for something else."""
    token = params.get("clientRequestToken")
    doc = ctx.table(_TOKENS).get(f"{ctx.operation}/{token}") if token else None
    if doc is None:
        return None
    if doc["Params"] != params:
        raise conflict("The clientRequestToken was used before with other parameters.")
    return str(doc["Arn"])


def keep_token(ctx: Context, params: Params, arn: str) -> None:
    """Remember what a request with a token made."""
    token = params.get("clientRequestToken")
    if token:
        ctx.table(_TOKENS).put(f"{ctx.operation}/{token}", {"Params": params, "Arn": arn})


def tags_from(found: Iterable[Params] | None) -> dict[str, str]:
    """The mapping of `[{"key": …, "value": …}]`."""
    return {tag["key"]: tag["value"] for tag in found or ()}


def tag_new(ctx: Context, arn: str, found: Iterable[Params] | None) -> None:
    """Give something new its tags."""
    tags.set_tags(ctx, arn, tags_from(found))


def check_role(ctx: Context, arn: str) -> None:
    """Refuse a role that Bedrock cannot assume."""
    if not is_assumable(ctx, arn, _PRINCIPAL):
        raise invalid(
            f"Could not assume role {arn}. Verify that the role exists and that its trust policy "
            f"allows {_PRINCIPAL}."
        )


def check_bucket(ctx: Context, uri: str) -> None:
    """Refuse an output location whose bucket is not there."""
    bucket = uri.removeprefix("s3://").partition("/")[0]
    try:
        ctx.call("s3", "HeadBucket", {"Bucket": bucket})
    except AwsError as error:
        raise invalid(f"The bucket {bucket} does not exist or cannot be reached.") from error


def job_listing(
    ctx: Context, rows: Iterable[Params], params: Params, *, most: int | None = None
) -> tuple[list[Params], dict[str, str]]:
    """The summaries of one page by time, newest first, and {"nextToken": …} for another page."""
    chosen = [row for row in rows if _shown(ctx, row, params)]
    descending = params.get("sortOrder", "Descending") == "Descending"
    chosen.sort(key=lambda row: (row["creationTime"], row["jobArn"]), reverse=descending)
    size = int(params.get("maxResults") or 100)
    shown, token = page(
        [((row["creationTime"], row["jobArn"]), row) for row in chosen],
        {**params, "maxResults": min(size, most or size)},
        size_member="maxResults",
        token_member=NEXT,
    )
    return [row for _, row in shown], {NEXT: token} if token else {}


def _shown(ctx: Context, row: Params, params: Params) -> bool:
    created = row["creationTime"]
    after, before = params.get("creationTimeAfter"), params.get("creationTimeBefore")
    tests: tuple[Callable[[], bool], ...] = (
        lambda: created + timedelta(seconds=ctx.settings.list_lag) <= ctx.now,
        lambda: params.get("nameContains", "") in row["jobName"],
        lambda: params.get("statusEquals", row["status"]) == row["status"],
        lambda: after is None or created > after,
        lambda: before is None or created < before,
    )
    return all(test() for test in tests)
