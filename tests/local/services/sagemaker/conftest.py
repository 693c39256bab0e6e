from collections.abc import Iterator

import pytest

from support.local_aws import Cloud, running
from support.sagemaker_requests import Workshop


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    # Nothing happens between two calls, however slow the machine: time passes by `advance` only.
    with running(speed=1.0) as made:
        yield made


@pytest.fixture
def shop(cloud: Cloud) -> Workshop:
    return Workshop(cloud)
