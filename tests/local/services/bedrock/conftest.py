from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.bedrock_requests import BedrockWorkshop
from support.local_aws import running


@pytest.fixture
def workshop() -> Iterator[BedrockWorkshop]:
    with running() as cloud:
        yield BedrockWorkshop(cloud)
