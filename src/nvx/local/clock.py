"""The time of the local AWS: the wall clock, moved by an offset and compressed by a speed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nvx.local.settings import Settings
    from nvx.local.store import Store

_TABLE = "_clock"
_KEY = "offset"


class Clock:
    """Wall time plus a durable offset; nominal durations shrink by the speed of the settings."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        kept = store.table(_TABLE, "", "").get(_KEY) or {}
        self._offset = timedelta(seconds=float(kept.get("seconds", 0.0)))

    def now(self) -> datetime:
        """The present: aware, UTC, moved by the offset."""
        return datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> None:
        """Move the clock; the move outlives a restart."""
        self._offset += timedelta(seconds=seconds)
        self._store.table(_TABLE, "", "").put(_KEY, {"seconds": self._offset.total_seconds()})
        self._store.commit()

    def seconds(self, nominal: float) -> float:
        """How long something lasts here that takes `nominal` seconds on AWS."""
        return nominal / self._settings.speed
