from __future__ import annotations

from typing import Any

import pytest

from support.local_aws import Cloud, refused

STREAM = {"logGroupName": "g", "logStreamName": "s"}
START = 1_790_000_000_000


@pytest.fixture
def logs(cloud: Cloud) -> Any:
    """A client; the group "g" has the stream "s" with five events."""
    client = cloud.client("logs")
    client.create_log_group(logGroupName="g")
    client.create_log_stream(**STREAM)
    put(client, "s", *(f"line {number}" for number in range(5)))
    return client


def put(client: Any, stream: str, *messages: str, start: int = START) -> None:
    events = [
        {"timestamp": start + number, "message": message}
        for number, message in enumerate(messages)
    ]
    client.put_log_events(logGroupName="g", logStreamName=stream, logEvents=events)


def texts(reply: Any) -> list[str]:
    return [event["message"] for event in reply["events"]]


def test_events_come_back_in_the_order_of_time(logs: Any) -> None:
    found = logs.get_log_events(**STREAM, startFromHead=True)

    assert texts(found) == [f"line {number}" for number in range(5)]
    assert found["events"][0]["timestamp"] == START


def test_forward_tokens_come_to_rest_at_the_end(logs: Any) -> None:
    seen, token = [], None
    while True:
        more = {"nextToken": token} if token else {"startFromHead": True}
        page = logs.get_log_events(**STREAM, limit=2, **more)
        seen += texts(page)
        if page["nextForwardToken"] == token:
            break
        token = page["nextForwardToken"]

    assert seen == [f"line {number}" for number in range(5)]
    put(logs, "s", "line 5", start=START + 100)
    assert texts(logs.get_log_events(**STREAM, nextToken=token)) == ["line 5"]


def test_without_a_token_the_newest_events_come_first(logs: Any) -> None:
    page = logs.get_log_events(**STREAM, limit=2)

    assert texts(page) == ["line 3", "line 4"]
    back = logs.get_log_events(**STREAM, limit=2, nextToken=page["nextBackwardToken"])
    assert texts(back) == ["line 1", "line 2"]


def test_events_can_be_cut_by_time(logs: Any) -> None:
    window = {"startTime": START + 1, "endTime": START + 3}

    assert texts(logs.get_log_events(**STREAM, **window)) == ["line 1", "line 2"]
    assert texts(logs.filter_log_events(logGroupName="g", **window)) == ["line 1", "line 2"]


def test_a_strange_token_is_refused(logs: Any) -> None:
    assert refused(logs.get_log_events, **STREAM, nextToken="nonsense") == (
        "InvalidParameterException",
        400,
    )


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("", ["ERROR disk full", "WARN disk slow", "ok"]),
        ("disk", ["ERROR disk full", "WARN disk slow"]),
        ("disk ERROR", ["ERROR disk full"]),
        ('"disk full"', ["ERROR disk full"]),
        ("?ERROR ?ok", ["ERROR disk full", "ok"]),
        ("disk -slow", ["ERROR disk full"]),
    ],
)
def test_a_pattern_of_terms_filters(logs: Any, pattern: str, wanted: list[str]) -> None:
    logs.create_log_stream(logGroupName="g", logStreamName="t")
    put(logs, "t", "ERROR disk full", "WARN disk slow", "ok")

    found = logs.filter_log_events(
        logGroupName="g", logStreamNames=["t"], filterPattern=pattern
    )
    assert texts(found) == wanted


def test_other_patterns_are_refused_in_words(logs: Any) -> None:
    assert refused(logs.filter_log_events, logGroupName="g", filterPattern="{ $.a = 1 }") == (
        "NotImplementedByLocalAws",
        501,
    )


def test_filtered_events_come_in_pages_over_all_streams(logs: Any) -> None:
    logs.create_log_stream(logGroupName="g", logStreamName="t")
    put(logs, "t", "other", start=START + 2)
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName="g", PaginationConfig={"PageSize": 4}
    )

    found = [event for page in pages for event in page["events"]]
    assert [event["message"] for event in found][3] == "other"
    assert len({event["eventId"] for event in found}) == len(found) == 6


def test_names_are_unique_and_must_be_there(logs: Any) -> None:
    exists, missing = (
        ("ResourceAlreadyExistsException", 400),
        ("ResourceNotFoundException", 400),
    )

    assert refused(logs.create_log_group, logGroupName="g") == exists
    assert refused(logs.create_log_stream, **STREAM) == exists
    assert refused(logs.create_log_stream, logGroupName="x", logStreamName="s") == missing
    assert refused(logs.get_log_events, logGroupName="g", logStreamName="x") == missing
    assert refused(logs.describe_log_streams, logGroupName="x") == missing


def test_events_out_of_order_are_refused(logs: Any) -> None:
    events = [{"timestamp": 2, "message": "b"}, {"timestamp": 1, "message": "a"}]

    assert refused(logs.put_log_events, **STREAM, logEvents=events) == (
        "InvalidParameterException",
        400,
    )


def test_groups_are_found_by_prefix_and_pattern(logs: Any) -> None:
    for name in ("/aws/a", "/aws/b", "own"):
        logs.create_log_group(logGroupName=name)
    logs.put_retention_policy(logGroupName="own", retentionInDays=7)

    found = logs.describe_log_groups(logGroupNamePrefix="/aws/", limit=1)
    assert [group["logGroupName"] for group in found["logGroups"]] == ["/aws/a"]
    rest = logs.describe_log_groups(logGroupNamePrefix="/aws/", nextToken=found["nextToken"])
    assert [group["logGroupName"] for group in rest["logGroups"]] == ["/aws/b"]
    own = logs.describe_log_groups(logGroupNamePattern="ow")["logGroups"][0]
    assert (own["logGroupName"], own["retentionInDays"]) == ("own", 7)


def test_streams_are_ordered_by_name_or_last_event(logs: Any) -> None:
    for name in ("a", "z"):
        logs.create_log_stream(logGroupName="g", logStreamName=name)
    put(logs, "a", "late", start=START + 1000)

    def names(**more: Any) -> list[str]:
        found = logs.describe_log_streams(logGroupName="g", **more)["logStreams"]
        return [stream["logStreamName"] for stream in found]

    assert names() == ["a", "s", "z"]
    assert names(descending=True) == ["z", "s", "a"]
    assert names(orderBy="LastEventTime", descending=True) == ["a", "s", "z"]
    assert names(logStreamNamePrefix="s") == ["s"]


def test_a_deleted_group_takes_its_events_along(logs: Any) -> None:
    logs.delete_log_group(logGroupName="g")
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(**STREAM)

    assert texts(logs.get_log_events(**STREAM)) == []
    logs.delete_log_stream(**STREAM)
    assert logs.describe_log_streams(logGroupName="g")["logStreams"] == []
