"""Look at AWS: how runs stand, what is there, what carries our marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from nvx.core.address import Address
from nvx.core.cloud import CloudError
from nvx.core.diagnostics import DiagnosticError, error
from nvx.core.events import RunEnded
from nvx.core.kind import Observation, Sighting, Target
from nvx.core.names import run_name
from nvx.core.planner import Seen
from nvx.core.renames import renames
from nvx.core.resource import Declared, Nature
from nvx.core.state import Put, Record, State, Status
from nvx.core.values import JsonValue
from nvx.engine.create import completed
from nvx.engine.desk import Book, Desk, as_run
from nvx.engine.sight import sightings


class Refresh(StrEnum):
    """How much to look at."""

    NONE = "none"
    NORMAL = "normal"
    FULL = "full"


def refresh(desk: Desk, book: Book, declared: Sequence[Declared], how: Refresh) -> Seen:
    """Bring the records of runs up to date, then see everything else.

    A finished run costs no call, except with `FULL`. The plan looks at a status once it is noted.
    """
    if how is Refresh.NONE:
        return Seen()
    state = book.state
    runs = [
        record
        for records in state.records.values()
        for record in records
        if record.nature is Nature.RUN and (not record.status.ended or how is Refresh.FULL)
    ]
    desk.in_parallel(lambda record: update_run(desk, book, record), runs)
    seen = sightings(desk, _targets(desk, state, declared))
    _update_others(book, seen)
    found = _recovered(desk, book.state, declared)
    return Seen({address: _judged(desk, one) for address, one in seen.items()}, found)


def update_run(desk: Desk, book: Book, record: Record) -> Record:
    """The record as AWS shows the run now; written where its status changed. Raises CloudError."""
    target = Target(record.address, record.name, record)
    sighting = desk.kind(record).observe(desk.scope, [target])[record.address]
    if sighting.newest is None:
        return _missing(desk, book, record, target)
    now = completed(record, sighting.newest)
    if now.status is record.status:
        return now
    if now.status.ended:
        now = with_results(desk, now)
        desk.events.emit(
            RunEnded(now.address, now.status, now.detail, sighting_elapsed(now), now.outputs)
        )
    book.write(Put(now))
    return now


def sighting_elapsed(record: Record) -> float:
    """How long a run took, in seconds; 0 where AWS did not say."""
    if not record.started_at or not record.ended_at:
        return 0.0
    begun, ended = map(datetime.fromisoformat, (record.started_at, record.ended_at))
    return max((ended - begun).total_seconds(), 0.0)


def with_results(desk: Desk, record: Record) -> Record:
    """A run that succeeded, with what is read once at its end: scores, say."""
    run = as_run(desk.kind(record))
    if run is None or record.status not in (Status.READY, Status.PARTIAL):
        return record
    outputs: Mapping[str, JsonValue] = run.results(desk.scope, record)
    return replace(record, outputs={**record.outputs, **outputs})


def _missing(desk: Desk, book: Book, record: Record, target: Target) -> Record:
    """Two answers of "not found", the second a little later, make a run missing; not a new one."""
    if is_new(desk, record):
        return record
    desk.clock.sleep(timedelta(seconds=desk.pace.missing_s))
    again = desk.kind(record).observe(desk.scope, [target])[record.address]
    if again.newest is not None:
        return record
    gone = replace(record, status=Status.MISSING, detail="AWS does not know it any more")
    book.write(Put(gone))
    return gone


def is_new(desk: Desk, record: Record) -> bool:
    """Whether a run was started so short a time ago that AWS may not show it yet."""
    if record.status.ended or not record.started_at:
        return False
    age = desk.clock.now() - datetime.fromisoformat(record.started_at)
    return age.total_seconds() < desk.pace.settle_grace_s


def _targets(desk: Desk, state: State, declared: Sequence[Declared]) -> Iterable[Target]:
    """What is not a run: declared, recorded, or both."""
    wished = {d.address: d for d in declared}
    before = renames(wished, state)
    left = {r.address: r for r in state.currents() if r.nature is not Nature.RUN}
    for one in wished.values():
        if one.nature is Nature.RUN:
            continue
        record = left.pop(before.get(one.address, one.address), None)
        if record is not None and record.variant != one.variant:
            record = None  # another kind made it, and may call another thing by its name
        name = record.name if record is not None else _name(desk, one)
        yield Target(one.address, name, record, one)
    yield from (Target(address, record.name, record) for address, record in left.items())


def _update_others(book: Book, seen: Mapping[Address, Sighting]) -> None:
    """An import, or the like, that ended while nobody waited for it."""
    for record in book.state.currents():
        sighting = seen.get(record.address)
        newest = sighting.newest if sighting is not None else None
        if newest is None or newest.id != record.id or record.nature is Nature.RUN:
            continue
        if not record.status.ended and newest.status is not record.status:
            book.write(Put(completed(record, newest)))


def _name(desk: Desk, declared: Declared) -> str:
    if declared.name:
        return declared.name
    stack = desk.scope.stack.name
    return run_name(stack, declared.address, declared.digest, 1, declared.name_limit)


def _judged(desk: Desk, sighting: Sighting) -> Sighting:
    """A sighting in which only what this state owns counts as ours."""
    if sighting.newest is None:
        return sighting
    return replace(sighting, newest=_owned(desk, sighting.newest))


def _owned(desk: Desk, seen: Observation) -> Observation:
    mine = not desk.scope.lineage or not seen.lineage or seen.lineage == desk.scope.lineage
    return seen if mine else replace(seen, ours=False)


def _recovered(desk: Desk, state: State, declared: Sequence[Declared]) -> Sequence[Observation]:
    """Runs with our marks, where a declared run has no record of its digest: one listing a kind."""
    digests = {r.digest for records in state.records.values() for r in records}
    targets: dict[tuple[str, str], list[Target]] = {}
    for one in declared:
        if one.nature is Nature.RUN and one.digest not in digests:
            targets.setdefault((one.kind, one.variant), []).append(
                Target(one.address, _name(desk, one), None, one)
            )
    found: list[Observation] = []
    for key, many in targets.items():
        run = as_run(desk.kinds[key])
        if run is not None:
            found += run.recover(desk.scope, many)
    return [_owned(desk, observation) for observation in found]


def lineage_seen(seen: Seen) -> str:
    """The lineage that the marks in AWS carry; "" where there is none.

    Raises DiagnosticError where two states claim the stack.
    """
    marks = [*(s.newest for s in seen.sightings.values() if s.newest), *seen.found]
    lineages = sorted({o.lineage for o in marks if o.ours and o.lineage})
    if len(lineages) < 2:
        return lineages[0] if lineages else ""
    raise DiagnosticError(
        [
            error(
                "two-lineages",
                "Two states own resources of this stack",
                f"there is no state here, and the marks in AWS name {len(lineages)} lineages:"
                f" {', '.join(lineages)}.",
                hint="run nvx where the state is kept, or give this stack another name",
            )
        ]
    )


def verify(desk: Desk, book: Book, record: Record) -> None:
    """Look once more at a finished run that a step is about to consume. Raises CloudError."""
    try:
        now = update_run(desk, book, record)
    except CloudError as failure:  # whatever it was: a look leaves nothing unknown behind
        raise CloudError(f"{record.address} could not be looked at: {failure}") from failure
    if now.status is not Status.READY:
        raise CloudError(f"{record.address} is {now.status}: {now.detail}".rstrip(": "))
