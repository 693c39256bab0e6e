"""Token buckets on a clock that moves only when somebody sleeps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.aws.rates import Rate, Rates, verb_class
from support.clock import START, FakeClock


@pytest.mark.parametrize(
    ("service", "operation", "expected"),
    [
        ("sagemaker", "ListTrainingJobs", "list"),
        ("sagemaker", "Search", "list"),
        ("sagemaker", "CreateTrainingJob", "create"),
        ("sagemaker", "ImportHubContent", "create"),
        ("sagemaker", "StartPipelineExecution", "create"),
        ("sagemaker", "DescribeTrainingJob", "describe"),
        ("lambda", "GetFunction", "describe"),
        ("sagemaker", "AddTags", ""),
        ("s3", "ListObjectsV2", ""),
        ("s3", "GetObject", ""),
    ],
)
def test_verb_class(service: str, operation: str, expected: str) -> None:
    assert verb_class(service, operation) == expected


def test_burst_goes_out_at_once_and_the_rest_one_a_second() -> None:
    clock = FakeClock()
    rates = Rates(clock)
    for _ in range(5):
        rates.wait("sagemaker", "CreateTrainingJob")
    assert clock.now() - START == timedelta(seconds=2)


def test_buckets_are_apart_by_service_and_class() -> None:
    clock = FakeClock()
    rates = Rates(clock)
    for service in ("sagemaker", "bedrock"):
        for _ in range(3):
            rates.wait(service, "CreateThing")
        for _ in range(2):
            rates.wait(service, "ListThings")
    assert clock.slept == []


def test_a_pause_fills_the_bucket_and_never_above_its_burst() -> None:
    clock = FakeClock()
    rates = Rates(clock)
    for _ in range(3):
        rates.wait("sagemaker", "CreateX")
    clock.sleep(timedelta(hours=1))
    clock.slept.clear()
    for _ in range(4):
        rates.wait("sagemaker", "CreateX")
    assert clock.slept == [timedelta(seconds=1)]


@given(
    st.integers(1, 10),
    st.integers(1, 5),
    st.lists(st.floats(0, 3), min_size=1, max_size=40),
)
def test_property_no_window_holds_more_calls_than_burst_plus_rate(
    per_second: int, burst: int, pauses: list[float]
) -> None:
    clock = FakeClock()
    rates = Rates(clock, {"create": Rate(per_second, burst)})
    times = []
    for pause in pauses:
        clock.sleep(timedelta(seconds=pause))
        rates.wait("sagemaker", "CreateX")
        times.append((clock.now() - START).total_seconds())
    for first, begin in enumerate(times):
        for last in range(first, len(times)):
            allowed = burst + (times[last] - begin) * per_second
            assert last - first + 1 <= allowed + 1e-3
