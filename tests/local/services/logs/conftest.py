from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.local_aws import Cloud, running


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running() as found:
        yield found
