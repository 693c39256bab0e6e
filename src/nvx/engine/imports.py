"""What takes seconds to come up: hub contents, groups. Waited for inside a pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from nvx.core.address import Address
from nvx.core.events import Progress
from nvx.core.kind import Sighting, Target
from nvx.core.plan import Action
from nvx.core.state import Put, Record, Status
from nvx.engine.create import completed
from nvx.engine.desk import Book, Desk
from nvx.engine.sight import sightings

_SLOWER = 1.5
_SLOWEST_S = 10.0
_RESTS = 9
"""How many times longer than a look the time between two is: a listing grows with the stack."""


class Imports:
    """The objects that a walk waits for; looked at together, ever more slowly."""

    def __init__(self, desk: Desk, book: Book) -> None:
        self._desk = desk
        self._book = book
        self._open: dict[Address, tuple[Record, Action, datetime]] = {}
        self._pause_s = desk.pace.imports_s
        self._next = self._earliest = desk.clock.now()

    @property
    def open(self) -> bool:
        """Whether there is anything to wait for."""
        return bool(self._open)

    @property
    def due_s(self) -> float | None:
        """In how many seconds the next look is due; None where there is nothing to look at."""
        if not self._open:
            return None
        return max((self._next - self._desk.clock.now()).total_seconds(), 0.0)

    def add(self, record: Record, action: Action = Action.WAIT) -> None:
        """Wait for one more."""
        now = self._desk.clock.now()
        soon = now + timedelta(seconds=self._desk.pace.imports_s)
        soon = max(soon, self._earliest)
        self._next = min(self._next, soon) if self._open else soon
        self._pause_s = self._desk.pace.imports_s
        self._open[record.address] = (record, action, now)

    def sleep(self) -> None:
        """Wait until the next look is due."""
        if self.due_s:
            self._desk.clock.sleep(timedelta(seconds=self.due_s))

    def ended(self) -> Sequence[tuple[Record, Action]]:
        """Look at everything open, where that is due, and give what ended (or took too long)."""
        if self._desk.stopping.is_set():
            self._open.clear()
        if self.due_s is None or self.due_s > 0:
            return ()
        begun = self._desk.clock.now()
        targets = [Target(r.address, r.name, r) for r, _, _ in self._open.values()]
        seen = sightings(self._desk, targets, lenient=True)
        judged = [self._judged(target, seen.get(target.address)) for target in targets]
        ended = [one for one in judged if one is not None]
        self._book.write(*(Put(record) for record, _ in ended))  # all in one write
        self._pause_s = min(self._pause_s * _SLOWER, max(_SLOWEST_S, self._desk.pace.imports_s))
        self._rest(begun)
        return ended

    def _rest(self, begun: datetime) -> None:
        """Put the next look off; for longer where a look takes long, as nothing starts meanwhile."""
        now = self._desk.clock.now()
        self._earliest = now + _RESTS * (now - begun)
        self._next = max(now + timedelta(seconds=self._pause_s), self._earliest)

    def _judged(
        self, target: Target, sighting: Sighting | None
    ) -> tuple[Record, Action] | None:
        record, action, since = self._open[target.address]
        waited = (self._desk.clock.now() - since).total_seconds()
        newest = sighting.newest if sighting is not None else None
        now = record
        if newest is not None and newest.id == record.id:
            now = completed(record, newest)
        late = waited > self._desk.pace.import_limit_s
        if now.status is Status.PENDING and late:
            now = replace(now, detail=f"not there after {waited:.0f} s")
        if now.status is Status.PENDING and not late:
            stage = newest.stage if newest is not None else ""
            self._desk.events.emit(Progress(record.address, stage or "importing", waited))
            return None
        del self._open[record.address]
        return now, action
