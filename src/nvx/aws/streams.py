"""Objects of S3 that are read as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nvx.aws.call import Calls
from nvx.aws.objects import Place
from nvx.core.cloud import CloudError


class Stream:
    """The bytes of an object, in order. Raises CloudError where the connection breaks."""

    def __init__(self, body: Any, place: Place) -> None:
        self._body = body
        self._place = place

    def read(self, amount: int, /) -> bytes:
        """The next bytes, at most so many; none at the end."""
        from botocore.exceptions import BotoCoreError, HTTPClientError

        try:
            return bytes(self._body.read(amount))
        except (BotoCoreError, HTTPClientError, OSError) as error:
            raise CloudError(f"{self._place}: {error}", operation="s3.GetObject") from error


@contextmanager
def opened(calls: Calls, place: Place) -> Iterator[Stream]:
    """An object to read. Raises NotFound where there is none."""
    said = calls.call("s3", "GetObject", {"Bucket": place.bucket, "Key": place.key})
    body = said["Body"]
    try:
        yield Stream(body, place)
    finally:
        body.close()
