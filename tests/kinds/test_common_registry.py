"""The registry hub: made where it is missing, waited for, never deleted."""

from __future__ import annotations

import pytest

from nvx.aws.hub import Hub
from nvx.core.cloud import AlreadyExists, Limited, NotFound, Rejected
from nvx.kinds.common.registry import Registry
from support.clock import FakeClock
from support.fake_calls import Answer, FakeCalls
from support.kind_desk import SCOPE


def _opened(*statuses: Answer, create: Answer | None = None) -> tuple[FakeCalls, FakeClock]:
    calls = FakeCalls(
        {"sagemaker.DescribeHub": statuses, "sagemaker.CreateHub": [create or {"HubArn": "a"}]}
    )
    clock = FakeClock()
    registry = Registry(Hub(calls), clock)
    registry.open(SCOPE)
    registry.open(SCOPE)
    return calls, clock


def test_hub_that_is_there_is_asked_for_once() -> None:
    calls, clock = _opened({"HubStatus": "InService"})
    assert "sagemaker.CreateHub" not in calls.operations
    assert (len(calls.sent), clock.slept) == (2, [])


def test_missing_hub_is_made_and_waited_for() -> None:
    creating: Answer = {"HubStatus": "Creating"}
    calls, clock = _opened(NotFound("no"), creating, creating, {"HubStatus": "InService"})
    assert calls.operations.count("sagemaker.CreateHub") == 1
    assert len(clock.slept) == 2


def test_hub_that_somebody_made_at_the_same_time() -> None:
    _opened(NotFound("no"), {"HubStatus": "InService"}, create=AlreadyExists("yes"))


def test_hub_that_does_not_come() -> None:
    with pytest.raises(Limited, match="still in status Creating"):
        _opened({"HubStatus": "Creating"})


def test_hub_that_failed() -> None:
    with pytest.raises(Rejected, match="CreateFailed"):
        _opened({"HubStatus": "CreateFailed"})
