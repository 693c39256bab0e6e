"""CloudWatch Logs: events put, read with tokens that come to rest, and filtered."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.paging import page
from nvx.local.services.logs import (
    Event,
    add_events,
    checked_group,
    checked_stream,
    events_of,
    streams_of,
)

_MOST = 10_000
_TOKEN = re.compile(r"([fb])/(\d{1,56})/s")
_NEXT = "nextToken"
_TERM = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))')


@operation("logs", "PutLogEvents")
def put_log_events(ctx: Context, params: Params) -> Params:
    """Add events, which must come in the order of time; a sequence token is not needed."""
    group = checked_group(ctx, params)
    stream = checked_stream(ctx, group, params["logStreamName"])
    events: list[Event] = params["logEvents"]
    times = [event["timestamp"] for event in events]
    if times != sorted(times):
        message = "Log events in a single PutLogEvents request must be in chronological order."
        raise AwsError("InvalidParameterException", message)
    add_events(ctx, group, stream, events)
    return {"nextSequenceToken": f"{ctx.store.sequence('log-put'):056d}"}


@operation("logs", "GetLogEvents")
def get_log_events(ctx: Context, params: Params) -> Params:
    """A window of a stream's events.

    A forward token at the end of the stream gives itself back: that is how readers know the end.
    """
    group = checked_group(ctx, params)
    stream = checked_stream(ctx, group, params["logStreamName"])
    events = [event for _, event in events_of(ctx, group, stream, params)]
    start, stop = _window(params, len(events))
    return {
        "events": events[start:stop],
        "nextForwardToken": _token("f", stop),
        "nextBackwardToken": _token("b", start),
    }


@operation("logs", "FilterLogEvents")
def filter_log_events(ctx: Context, params: Params) -> Params:
    """The events of a group's streams that fit a pattern of plain terms, by time."""
    group = checked_group(ctx, params)
    if params.get("logStreamNames") and params.get("logStreamNamePrefix"):
        message = "logStreamNames and logStreamNamePrefix exclude each other."
        raise AwsError("InvalidParameterException", message)
    wanted, prefix = params.get("logStreamNames"), params.get("logStreamNamePrefix") or ""
    streams = [
        name
        for name in streams_of(ctx, group)
        if name.startswith(prefix) and (wanted is None or name in wanted)
    ]
    pattern = _Pattern(params.get("filterPattern") or "")
    rows = [
        (key, event | {"eventId": key, "logStreamName": stream})
        for stream in streams
        for key, event in events_of(ctx, group, stream, params)
        if pattern.fits(event["message"])
    ]
    rows.sort(key=lambda row: row[0])
    chosen, token = page(rows, params, size_member="limit", token_member=_NEXT, default=_MOST)
    reply: Params = {"events": [event for _, event in chosen], "searchedLogStreams": []}
    return reply | ({_NEXT: token} if token else {})


class _Pattern:
    """A filter pattern of terms: all must be there, `?` any of them, `-` none."""

    def __init__(self, text: str) -> None:
        if text.lstrip().startswith(("{", "[", "%")):
            message = "The local AWS knows filter patterns of plain terms only."
            raise AwsError("NotImplementedByLocalAws", message, 501)
        terms = [(sign, quoted or plain) for sign, quoted, plain in _TERM.findall(text)]
        self._all = _signed(terms, "")
        self._any = _signed(terms, "?")
        self._none = _signed(terms, "-")

    def fits(self, message: str) -> bool:
        """Whether the message has the terms."""
        return (
            all(term in message for term in self._all)
            and (not self._any or any(term in message for term in self._any))
            and not any(term in message for term in self._none)
        )


def _signed(terms: Sequence[tuple[str, str]], sign: str) -> list[str]:
    return [term.replace('\\"', '"') for found, term in terms if found == sign]


def _window(params: Params, count: int) -> tuple[int, int]:
    """The (start, stop) of the events that a token, or the lack of one, stands for."""
    limit, token = params.get("limit") or _MOST, params.get("nextToken")
    if not token:
        start = 0 if params.get("startFromHead") else max(count - limit, 0)
        return start, min(start + limit, count)
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise AwsError("InvalidParameterException", "The specified nextToken is invalid.")
    place = min(int(match[2]), count)
    if match[1] == "f":
        return place, min(place + limit, count)
    return max(place - limit, 0), place


def _token(direction: str, place: int) -> str:
    return f"{direction}/{place:056d}/s"
