"""The tags of every resource of the local AWS, by ARN: one store that all services share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nvx.local.context import Context
    from nvx.local.store import Table

_TABLE = "tags"


def tags_of(ctx: Context, arn: str) -> dict[str, str]:
    """The tags of a resource, keys sorted; none where nobody tagged it."""
    doc = _table(ctx).get(arn)
    return {} if doc is None else dict(sorted(doc["Tags"].items()))


def set_tags(ctx: Context, arn: str, tags: Mapping[str, str]) -> None:
    """Add tags to a resource; a key that it has already gets the new value."""
    _write(ctx, arn, {**tags_of(ctx, arn), **tags})


def remove_tags(ctx: Context, arn: str, keys: Iterable[str]) -> None:
    """Take tags from a resource; a key that it lacks is no error."""
    gone = set(keys)
    _write(
        ctx, arn, {key: value for key, value in tags_of(ctx, arn).items() if key not in gone}
    )


def delete_all(ctx: Context, arn: str) -> None:
    """Forget a resource: it no longer shows in the tagging API."""
    table = _table(ctx)
    if arn in table:
        table.delete(arn)


def all_tagged(ctx: Context) -> list[tuple[str, dict[str, str]]]:
    """Every resource of the caller's account and region that has tags, by ARN.

    A resource shows as late as the settings' `list_lag` wants it.
    """
    visible = ctx.now - timedelta(seconds=ctx.settings.list_lag)
    return [
        (arn, dict(sorted(doc["Tags"].items())))
        for arn, doc in _table(ctx).items()
        if doc["Tags"] and doc["Since"] <= visible
    ]


def from_list(tags: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """The mapping of `[{"Key": …, "Value": …}]`, the form of most services."""
    return {tag["Key"]: tag["Value"] for tag in tags or ()}


def to_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """The form of most services, `[{"Key": …, "Value": …}]`, by key."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def _table(ctx: Context) -> Table:
    return ctx.table(_TABLE)


def _write(ctx: Context, arn: str, tags: dict[str, str]) -> None:
    known = _table(ctx).get(arn)
    since = ctx.now if known is None else known["Since"]
    _table(ctx).put(arn, {"Tags": tags, "Since": since})
