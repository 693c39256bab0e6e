"""A clock that moves only when somebody sleeps."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 1, tzinfo=UTC)


class FakeClock:
    """A `Clock` for tests: sleeping takes no time, and moves `now` on."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._lock = threading.Lock()
        self.slept: list[timedelta] = []

    def now(self) -> datetime:
        """Where the clock stands."""
        with self._lock:
            return self._now

    def sleep(self, duration: timedelta) -> None:
        """Move the clock on; a negative duration does not move it back."""
        with self._lock:
            self.slept.append(duration)
            self._now += max(duration, timedelta())
