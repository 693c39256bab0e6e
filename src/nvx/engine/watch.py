"""Wait for runs without a lock: look at AWS, report progress, return when one ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from nvx.core.cloud import CloudError
from nvx.core.events import Progress
from nvx.core.kind import Observation, Sighting, Target
from nvx.core.resource import Nature
from nvx.core.state import Record, State
from nvx.engine.desk import Desk
from nvx.engine.refresh import is_new


def running_of(state: State) -> tuple[Record, ...]:
    """The current runs that have not ended, in order of address."""
    return tuple(r for r in state.currents() if r.nature is Nature.RUN and not r.status.ended)


def until_one_ends(
    desk: Desk, running: Sequence[Record], limit: timedelta | None = None
) -> bool:
    """Poll until one of the runs ends; False where the limit or Ctrl-C came first."""
    begun = desk.clock.now()
    while running and not desk.stopping.is_set():
        seen = desk.in_parallel(lambda record: _looked_at(desk, record), running)
        over = [_over(desk, *look) for look in zip(running, seen, strict=True)]
        if any(over):
            return True
        if limit is not None and desk.clock.now() - begun >= limit:
            return False
        desk.clock.sleep(timedelta(seconds=desk.pace.runs_s))
    return False


def _looked_at(desk: Desk, record: Record) -> Sighting | None:
    """One look; a look that fails says nothing."""
    target = Target(record.address, record.name, record)
    try:
        return desk.kind(record).observe(desk.scope, [target])[record.address]
    except CloudError:
        return None


def _over(desk: Desk, record: Record, sighting: Sighting | None) -> bool:
    """Whether a run has ended, or is not there any more: then a refresh looks closer."""
    if sighting is None:
        return False
    if sighting.newest is None:
        return not is_new(desk, record)
    _report(desk, record, sighting.newest)
    return sighting.newest.status.ended


def _report(desk: Desk, record: Record, seen: Observation) -> None:
    begun = record.started_at or seen.started_at
    elapsed = (
        (desk.clock.now() - datetime.fromisoformat(begun)).total_seconds() if begun else 0.0
    )
    desk.events.emit(Progress(record.address, seen.stage, max(elapsed, 0.0), seen.progress))
