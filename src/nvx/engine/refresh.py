"""Look at AWS: how runs stand, what is there, what carries our marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from nvx.core.address import Address
from nvx.core.cloud import CloudError
from nvx.core.diagnostics import DiagnosticError, error
from nvx.core.events import RunEnded
from nvx.core.kind import Observation, ResourceKind, Sighting, Target
from nvx.core.names import run_name
from nvx.core.planner import Seen
from nvx.core.resource import Declared, Nature
from nvx.core.state import Put, Record, State, Status
from nvx.core.values import JsonValue
from nvx.engine.create import completed
from nvx.engine.desk import Book, Desk, as_run


class Refresh(StrEnum):
    """How much to look at."""

    NONE = "none"
    NORMAL = "normal"
    FULL = "full"


def refresh(desk: Desk, book: Book, declared: Sequence[Declared], how: Refresh) -> Seen:
    """Bring the records of runs up to date, then see everything else.

    A finished run costs no call, except with `FULL`. A new status is written before the plan looks.
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
    sightings = _sightings(desk, state, declared)
    found = _recovered(desk, book.state, declared)
    return Seen(sightings, found)


def update_run(desk: Desk, book: Book, record: Record) -> Record:
    """The record as AWS shows the run now; written where it changed."""
    target = Target(record.address, record.name, record)
    sighting = desk.kind(record).observe(desk.scope, [target])[record.address]
    if sighting.newest is None:
        return _missing(desk, book, record, target)
    now = completed(record, sighting.newest)
    if now.status.ended and not record.status.ended:
        now = with_results(desk, now)
        book.write(Put(now))
        desk.events.emit(
            RunEnded(now.address, now.status, now.detail, sighting_elapsed(now), now.outputs)
        )
    elif now != record and now.status is not record.status:
        book.write(Put(now))
    return now


def sighting_elapsed(record: Record) -> float:
    """How long a run took, in seconds; 0 where AWS did not say."""
    from datetime import datetime

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
    """Two answers of "not found", the second a little later, make a run missing."""
    desk.clock.sleep(timedelta(seconds=desk.pace.missing_s))
    again = desk.kind(record).observe(desk.scope, [target])[record.address]
    if again.newest is not None:
        return record
    gone = replace(record, status=Status.MISSING, detail="AWS does not know it any more")
    book.write(Put(gone))
    return gone


def _sightings(
    desk: Desk, state: State, declared: Sequence[Declared]
) -> Mapping[Address, Sighting]:
    """One look per resource that is not a run; kinds that list answer for many at once."""
    targets: dict[tuple[str, str], list[Target]] = {}
    wished = {d.address: d for d in declared if d.nature is not Nature.RUN}
    records = {r.address: r for r in state.currents() if r.nature is not Nature.RUN}
    for address in sorted({*wished, *records}):
        one, record = wished.get(address), records.get(address)
        source = one or record
        if source is None:
            continue
        name = record.name if record is not None else _name(desk, wished[address])
        key = (source.kind, source.variant)
        targets.setdefault(key, []).append(Target(address, name, record, one))
    seen: dict[Address, Sighting] = {}
    for answer in desk.in_parallel(_asked(desk), _portions(desk, targets)):
        seen.update(answer)
    return {address: _judged(desk, sighting) for address, sighting in seen.items()}


def _name(desk: Desk, declared: Declared) -> str:
    if declared.name:
        return declared.name
    return run_name(desk.scope.stack.name, declared.address, declared.digest, 1)


_Portion = tuple[ResourceKind, list[Target]]


def _portions(
    desk: Desk, targets: Mapping[tuple[str, str], list[Target]]
) -> Iterable[_Portion]:
    for key, many in targets.items():
        kind = desk.kinds[key]
        if kind.bulk:
            yield kind, many
        else:
            yield from ((kind, [target]) for target in many)


def _asked(desk: Desk) -> Callable[[_Portion], Mapping[Address, Sighting]]:
    def ask(portion: _Portion) -> Mapping[Address, Sighting]:
        kind, targets = portion
        return kind.observe(desk.scope, targets)

    return ask


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


def verified(desk: Desk, book: Book, record: Record) -> bool:
    """Whether a finished run that a step is about to consume is still there."""
    try:
        return update_run(desk, book, record).status is Status.READY
    except CloudError:
        return False
