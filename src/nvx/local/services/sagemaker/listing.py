"""Lists: what a row must be like to be shown, in which order, which page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from nvx.local.context import Context, Params
from nvx.local.paging import page

Row = tuple[int, Params]
"""A serial number that no other row of the account has, and the summary to show."""

_WINDOWS = (
    ("CreationTimeAfter", "CreationTimeBefore", "created"),
    ("CreatedAfter", "CreatedBefore", "created"),
    ("LastModifiedTimeAfter", "LastModifiedTimeBefore", "modified"),
)


@dataclass(frozen=True, slots=True)
class Order:
    """Which members of a summary a list filters and sorts by."""

    name: str
    created: str = "CreationTime"
    modified: str = "LastModifiedTime"
    descending: bool = False
    members: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Member by value of SortBy; CreationTime needs no entry."""


def listed(
    ctx: Context, rows: Iterable[Row], params: Params, order: Order
) -> tuple[list[Params], dict[str, str]]:
    """The summaries of one page, and {"NextToken": …} where there is another page."""
    chosen = [row for row in rows if _shown(ctx, row[1], params, order)]
    descending = params.get("SortOrder", "") == "Descending" or (
        "SortOrder" not in params and order.descending
    )
    member = order.members.get(params.get("SortBy", ""))
    chosen.sort(key=lambda row: _place(row, member), reverse=descending)
    rows_of_page, token = page(chosen, params)
    return [summary for _, summary in rows_of_page], {"NextToken": token} if token else {}


def visible(ctx: Context, created: datetime) -> bool:
    """Whether a Describe already sees what was created then; settings.lag delays it."""
    return created + timedelta(seconds=ctx.settings.lag) <= ctx.now


def _shown(ctx: Context, summary: Params, params: Params, order: Order) -> bool:
    if summary[order.created] + timedelta(seconds=ctx.settings.list_lag) > ctx.now:
        return False
    if params.get("NameContains", "") not in summary.get(order.name, ""):
        return False
    members = {"created": order.created, "modified": order.modified}
    return all(
        _within(summary.get(members[which]), params.get(after), params.get(before))
        for after, before, which in _WINDOWS
    )


def _within(moment: datetime | None, after: datetime | None, before: datetime | None) -> bool:
    if moment is None:
        return after is None and before is None
    return (after is None or moment > after) and (before is None or moment < before)


def _place(row: Row, member: str | None) -> Any:
    serial, summary = row
    return serial if member is None else (str(summary.get(member, "")), serial)
