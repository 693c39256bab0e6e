"""Token buckets: how many requests a second an operation bears."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase

from nvx.local.context import AwsError

_CODES: Mapping[str, tuple[str, int, str]] = {
    "bedrock": (
        "ThrottlingException",
        429,
        "Too many requests, please wait before trying again.",
    ),
    "lambda": ("TooManyRequestsException", 429, "Rate exceeded"),
    "s3": ("SlowDown", 503, "Please reduce your request rate."),
    "iam": ("Throttling", 400, "Rate exceeded"),
    "sts": ("Throttling", 400, "Rate exceeded"),
    "resourcegroupstaggingapi": ("ThrottledException", 400, "Rate exceeded"),
}
_USUAL = ("ThrottlingException", 400, "Rate exceeded")


def throttled(service: str) -> AwsError:
    """How a service refuses a request that comes too early."""
    code, status, message = _CODES.get(service, _USUAL)
    return AwsError(code, message, status)


class Throttle:
    """One bucket for each account, region and operation that a glob of the settings names."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._buckets: dict[tuple[str, ...], tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, rates: Mapping[str, list[float]], scope: tuple[str, str], name: str) -> None:
        """Take one token for `service:Operation`; AwsError where there is none."""
        glob = next((glob for glob in rates if fnmatchcase(name, glob)), None)
        if glob is None:
            return
        rate, burst = rates[glob]
        now = self._monotonic()
        with self._lock:
            tokens, then = self._buckets.get((*scope, name), (burst, now))
            tokens = min(burst, tokens + (now - then) * rate)
            enough = tokens >= 1
            self._buckets[*scope, name] = (tokens - 1 if enough else tokens, now)
        if not enough:
            raise throttled(name.partition(":")[0])
