"""CloudWatch Logs: groups, streams and events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from nvx.local import tags
from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.paging import page
from nvx.local.store import Table

Event = dict[str, Any]
"""timestamp, ingestionTime (milliseconds), message."""

_SEPARATOR = "\0"
_TOKEN = "nextToken"  # noqa: S105  the name of a member
_PAGE = 50


def put_lines(ctx: Context, group: str, stream: str, lines: Iterable[str]) -> None:
    """Write lines as a service does: group and stream are made where they are missing."""
    if group not in groups(ctx):
        _add_group(ctx, group)
    if _name(group, stream) not in _streams(ctx):
        _add_stream(ctx, group, stream)
    now = milliseconds(ctx)
    add_events(ctx, group, stream, [{"timestamp": now, "message": line} for line in lines])


def groups(ctx: Context) -> Table:
    """The log groups of the caller's account and region, by name."""
    return ctx.table("log-groups")


def milliseconds(ctx: Context) -> int:
    """The present as Logs writes times."""
    return int(ctx.now.timestamp() * 1000)


def group_name(params: Params) -> str:
    """The group that a request names, by name or by ARN."""
    name = params.get("logGroupName") or params.get("logGroupIdentifier") or ""
    return name.split(":log-group:")[-1].removesuffix(":*")


def add_events(ctx: Context, group: str, stream: str, events: Iterable[Event]) -> None:
    """Add events to a stream that is there."""
    table, now = _events(ctx, group, stream), milliseconds(ctx)
    for event in events:
        key = f"{event['timestamp']:015d}-{ctx.store.sequence('log-event'):012d}"
        table.put(key, event | {"ingestionTime": now})


def events_of(ctx: Context, group: str, stream: str, params: Params) -> list[tuple[str, Event]]:
    """The (id, event) pairs of a stream in the time window of a request, oldest first."""
    start, end = params.get("startTime") or 0, params.get("endTime")
    return [
        (key, event)
        for key, event in _events(ctx, group, stream).items()
        if event["timestamp"] >= start and (end is None or event["timestamp"] < end)
    ]


def checked_group(ctx: Context, params: Params) -> str:
    """The name of the request's group; refuses one that is not there."""
    name = group_name(params)
    if name not in groups(ctx):
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
    return name


def checked_stream(ctx: Context, group: str, stream: str) -> str:
    """The name of a stream; refuses one that is not there."""
    if _name(group, stream) not in _streams(ctx):
        raise AwsError("ResourceNotFoundException", "The specified log stream does not exist.")
    return stream


def streams_of(ctx: Context, group: str) -> list[str]:
    """The names of a group's streams."""
    prefix = _name(group, "")
    return [
        key.removeprefix(prefix) for key, _ in _streams(ctx).items() if key.startswith(prefix)
    ]


@operation("logs", "CreateLogGroup")
def create_log_group(ctx: Context, params: Params) -> Params:
    """Create a group."""
    name = params["logGroupName"]
    if name in groups(ctx):
        message = "The specified log group already exists"
        raise AwsError("ResourceAlreadyExistsException", message)
    _add_group(ctx, name, params.get("kmsKeyId"))
    tags.set_tags(ctx, _arn(ctx, name), params.get("tags") or {})
    return {}


@operation("logs", "DeleteLogGroup")
def delete_log_group(ctx: Context, params: Params) -> Params:
    """Delete a group with its streams."""
    name = checked_group(ctx, params)
    for stream in streams_of(ctx, name):
        _drop_stream(ctx, name, stream)
    tags.delete_all(ctx, _arn(ctx, name))
    groups(ctx).delete(name)
    return {}


@operation("logs", "DescribeLogGroups")
def describe_log_groups(ctx: Context, params: Params) -> Params:
    """The groups whose names begin with, or contain, what is asked for."""
    prefix, pattern = (
        params.get("logGroupNamePrefix") or "",
        params.get("logGroupNamePattern") or "",
    )
    rows = [
        (name, doc)
        for name, doc in groups(ctx).items()
        if name.startswith(prefix) and pattern in name
    ]
    chosen, reply = _paged(rows, params)
    return {"logGroups": [_shown_group(ctx, name, doc) for name, doc in chosen]} | reply


@operation("logs", "PutRetentionPolicy")
def put_retention_policy(ctx: Context, params: Params) -> Params:
    """Set after how many days events may go; here they stay."""
    name = checked_group(ctx, params)
    doc = groups(ctx).get(name) or {}
    groups(ctx).put(name, doc | {"retentionInDays": params["retentionInDays"]})
    return {}


@operation("logs", "CreateLogStream")
def create_log_stream(ctx: Context, params: Params) -> Params:
    """Create a stream in a group."""
    group, stream = checked_group(ctx, params), params["logStreamName"]
    if _name(group, stream) in _streams(ctx):
        message = "The specified log stream already exists"
        raise AwsError("ResourceAlreadyExistsException", message)
    _add_stream(ctx, group, stream)
    return {}


@operation("logs", "DeleteLogStream")
def delete_log_stream(ctx: Context, params: Params) -> Params:
    """Delete a stream with its events."""
    group = checked_group(ctx, params)
    _drop_stream(ctx, group, checked_stream(ctx, group, params["logStreamName"]))
    return {}


@operation("logs", "DescribeLogStreams")
def describe_log_streams(ctx: Context, params: Params) -> Params:
    """The streams of a group, by name or by their last event."""
    group, prefix = checked_group(ctx, params), params.get("logStreamNamePrefix") or ""
    by_time = params.get("orderBy") == "LastEventTime"
    if by_time and prefix:
        message = "Cannot order by LastEventTime with a logStreamNamePrefix."
        raise AwsError("InvalidParameterException", message)
    found = [
        (name, _shown_stream(ctx, group, name))
        for name in streams_of(ctx, group)
        if name.startswith(prefix)
    ]
    order: Callable[[tuple[str, Params]], Any] = (
        (lambda row: (row[1].get("lastEventTimestamp", 0), row[0]))
        if by_time
        else lambda row: row[0]
    )
    found.sort(key=order, reverse=bool(params.get("descending")))
    chosen, reply = _paged(found, params)
    return {"logStreams": [stream for _, stream in chosen]} | reply


def _paged(rows: list[tuple[str, Any]], params: Params) -> tuple[list[tuple[str, Any]], Params]:
    chosen, token = page(rows, params, size_member="limit", token_member=_TOKEN, default=_PAGE)
    return chosen, {_TOKEN: token} if token else {}


def _add_group(ctx: Context, name: str, key: str | None = None) -> None:
    doc = {"creationTime": milliseconds(ctx)} | ({"kmsKeyId": key} if key else {})
    groups(ctx).put(name, doc)


def _add_stream(ctx: Context, group: str, stream: str) -> None:
    _streams(ctx).put(_name(group, stream), {"creationTime": milliseconds(ctx)})


def _drop_stream(ctx: Context, group: str, stream: str) -> None:
    events = _events(ctx, group, stream)
    for key, _ in events.items():
        events.delete(key)
    _streams(ctx).delete(_name(group, stream))


def _streams(ctx: Context) -> Table:
    return ctx.table("log-streams")


def _events(ctx: Context, group: str, stream: str) -> Table:
    return ctx.table(f"log-events:{_name(group, stream)}")


def _name(group: str, stream: str) -> str:
    return f"{group}{_SEPARATOR}{stream}"


def _arn(ctx: Context, group: str) -> str:
    return ctx.arn("logs", f"log-group:{group}")


def _shown_group(ctx: Context, name: str, doc: Params) -> Params:
    arn = _arn(ctx, name)
    sizes = [
        len(event["message"])
        for stream in streams_of(ctx, name)
        for _, event in _events(ctx, name, stream).items()
    ]
    return {
        "logGroupName": name,
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "metricFilterCount": 0,
        "storedBytes": sum(sizes),
        **doc,
    }


def _shown_stream(ctx: Context, group: str, stream: str) -> Params:
    doc = _streams(ctx).get(_name(group, stream)) or {}
    shown = {
        "logStreamName": stream,
        "arn": f"{_arn(ctx, group)}:log-stream:{stream}",
        "storedBytes": 0,
        **doc,
    }
    times = [event["timestamp"] for _, event in _events(ctx, group, stream).items()]
    if times:
        shown |= {"firstEventTimestamp": times[0], "lastEventTimestamp": times[-1]}
        shown["lastIngestionTime"] = milliseconds(ctx)
    return shown
