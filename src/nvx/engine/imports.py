"""What takes seconds to come up: hub contents, groups. Waited for inside a pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from nvx.core.address import Address
from nvx.core.cloud import CloudError
from nvx.core.events import Progress
from nvx.core.kind import Sighting, Target
from nvx.core.plan import Action
from nvx.core.state import Put, Record, Status
from nvx.engine.create import completed
from nvx.engine.desk import Book, Desk

_SLOWER = 1.5
_SLOWEST_S = 10.0


class Imports:
    """The objects that a walk waits for; looked at together, ever more slowly."""

    def __init__(self, desk: Desk, book: Book) -> None:
        self._desk = desk
        self._book = book
        self._open: dict[Address, tuple[Record, Action, datetime]] = {}
        self._pause_s = desk.pace.imports_s

    @property
    def open(self) -> bool:
        """Whether there is anything to wait for."""
        return bool(self._open)

    def add(self, record: Record, action: Action = Action.WAIT) -> None:
        """Wait for one more."""
        self._open[record.address] = (record, action, self._desk.clock.now())
        self._pause_s = self._desk.pace.imports_s

    def ended(self) -> Sequence[tuple[Record, Action]]:
        """Sleep a little, look at everything open, and give what ended (or took too long)."""
        if not self._open:
            return ()
        if self._desk.stopping.is_set():
            self._open.clear()
            return ()
        self._desk.clock.sleep(timedelta(seconds=self._pause_s))
        self._pause_s = min(self._pause_s * _SLOWER, max(_SLOWEST_S, self._desk.pace.imports_s))
        return [one for one in map(self._judged, self._looked()) if one is not None]

    def _looked(self) -> list[tuple[Record, Sighting | None]]:
        groups: dict[tuple[str, str], list[Record]] = {}
        for record, _, _ in self._open.values():
            groups.setdefault((record.kind, record.variant), []).append(record)
        looked: list[tuple[Record, Sighting | None]] = []
        for key, records in groups.items():
            targets = [Target(r.address, r.name, r) for r in records]
            try:
                seen = self._desk.kinds[key].observe(self._desk.scope, targets)
            except CloudError:  # a look that failed says nothing: look again
                seen = {}
            looked += [(r, seen.get(r.address)) for r in records]
        return looked

    def _judged(self, look: tuple[Record, Sighting | None]) -> tuple[Record, Action] | None:
        record, sighting = look
        _, action, since = self._open[record.address]
        waited = (self._desk.clock.now() - since).total_seconds()
        newest = sighting.newest if sighting is not None else None
        now = record
        if newest is not None and newest.id == record.id:
            now = completed(record, newest)
        elif waited > self._desk.pace.import_limit_s:
            now = replace(record, detail=f"not there after {waited:.0f} s")
        if now.status is Status.PENDING and waited <= self._desk.pace.import_limit_s:
            stage = newest.stage if newest is not None else ""
            self._desk.events.emit(Progress(record.address, stage or "importing", waited))
            return None
        del self._open[record.address]
        self._book.write(Put(now))
        return now, action
