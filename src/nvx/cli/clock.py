"""Real time; a sleep ends early when the command is interrupted."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta


class SystemClock:
    """`core.ports.Clock` of the machine."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251  this is the clock that others take

    def sleep(self, duration: timedelta) -> None:
        """Wait, or return as soon as the command is interrupted."""
        self._stopping.wait(duration.total_seconds())
