from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from support.local_aws import REGION, Cloud, running


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running() as found:
        yield found


@pytest.fixture
def s3(cloud: Cloud) -> Any:
    """A client; the bucket "box" is there."""
    client = cloud.client("s3")
    client.create_bucket(Bucket="box", CreateBucketConfiguration={"LocationConstraint": REGION})
    return client
