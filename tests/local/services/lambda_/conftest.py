from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from support.local_aws import ROLE, Cloud, running, zipped

Make = Callable[..., Any]
_FAST = 1e9
"""Changes are over at once, so that no test has to wait."""


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running(speed=_FAST) as found:
        yield found


@pytest.fixture
def slow() -> Iterator[Cloud]:
    """A cloud where a change is over only when a test advances the clock by a minute."""
    with running(speed=1.0) as found:
        yield found


@pytest.fixture
def make() -> Make:
    """Creates a function in a cloud: make(cloud, name="f", source=…, Timeout=…)."""

    def create(
        cloud: Cloud, name: str = "f", source: str = "def handler(e, c): ...", **more: Any
    ) -> Any:
        params = {
            "FunctionName": name,
            "Runtime": "python3.12",
            "Handler": "app.handler",
            "Role": ROLE,
            "Code": {"ZipFile": zipped(app=source)},
        }
        return cloud.client("lambda").create_function(**params | more)

    return create
