from collections.abc import Iterator

import pytest

from support.local_aws import Cloud, running
from support.sagemaker_requests import Workshop


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running() as made:
        yield made


@pytest.fixture
def shop(cloud: Cloud) -> Workshop:
    return Workshop(cloud)
