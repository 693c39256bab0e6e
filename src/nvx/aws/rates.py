"""How fast nvx may call: a token bucket for each service and class of verb."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from nvx.core.ports import Clock


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls a second, and so many at once after a pause."""

    per_second: float
    burst: int


RATES: Mapping[str, Rate] = {
    "list": Rate(2, 2),  # ListTrainingJobs has this limit for the whole account
    "create": Rate(1, 3),
    "describe": Rate(10, 10),
}
"""Calls of other classes (objects, say) are not held back."""

_VERBS: Mapping[str, str] = {
    "List": "list",
    "Search": "list",
    "Create": "create",
    "Import": "create",
    "Start": "create",
    "Describe": "describe",
    "Get": "describe",
}


def verb_class(service: str, operation: str) -> str:
    """`list`, `create`, `describe`, or "" for calls without a limit of ours."""
    if service == "s3":
        return ""
    return next((name for verb, name in _VERBS.items() if operation.startswith(verb)), "")


class Rates:
    """The buckets of one process. Waits on the clock where a call comes too early."""

    def __init__(self, clock: Clock, rates: Mapping[str, Rate] = RATES) -> None:
        self._clock = clock
        self._rates = rates
        self._free: dict[tuple[str, str], datetime] = {}
        self._lock = threading.Lock()

    def wait(self, service: str, operation: str) -> None:
        """Return when the call may go out."""
        verb = verb_class(service, operation)
        if verb in self._rates:
            pause = self._take((service, verb), self._rates[verb])
            if pause > timedelta(0):
                self._clock.sleep(pause)

    def _take(self, bucket: tuple[str, str], rate: Rate) -> timedelta:
        """Take one token; how long until it is there.

        The bucket is kept as the moment at which it will be full again: one value, nothing to refill.
        """
        step = timedelta(seconds=1 / rate.per_second)
        with self._lock:
            now = self._clock.now()
            full = max(self._free.get(bucket, now), now) + step
            self._free[bucket] = full
        return full - now - rate.burst * step
