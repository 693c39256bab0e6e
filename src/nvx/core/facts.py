"""From records and sightings to the facts that the decision tables look at. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from nvx.core.address import Address
from nvx.core.kind import Observation, Sighting
from nvx.core.plan import Change
from nvx.core.resource import Declared, Nature
from nvx.core.state import Record, Status
from nvx.core.tables import Newest, ObjectFacts, RunFacts, VersionedFacts

_RUNNING = (Status.PENDING, Status.DELETING)


@dataclass(frozen=True, slots=True)
class Picked:
    """The run that stands for a wished digest: a record, else what AWS shows under our marks."""

    record: Record | None = None
    found: Observation | None = None
    others: bool = False
    """Whether the address stands, or stood, for something else."""
    foreign: bool = False
    """Whether AWS has a run of this digest that another state owns."""

    @property
    def status(self) -> Status | None:
        """How that run stands."""
        if self.record is not None:
            return self.record.status
        return self.found.status if self.found is not None else None


def picked(
    declared: Declared,
    records: Sequence[Record],
    found: Sequence[Observation],
    fits: Callable[[Record], bool] = lambda _: True,
) -> Picked:
    """Pick among the records of an address and the runs `found` in AWS under the wished digest.

    Among records the running one, else the newest that succeeded, else the highest attempt, those
    before all others that `fits` says came from today's upstreams: an attempt from them that failed
    is an answer, and is not paid for once more. Among observations the newest that succeeded, else
    the running one, else the highest.
    """
    mine = [r for r in records if r.digest == declared.digest]
    others = len(mine) < len(records)
    if mine:
        best = max(
            mine,
            key=lambda r: (
                r.status in _RUNNING,
                fits(r),
                r.status is Status.READY,
                r.attempt,
            ),
        )
        return Picked(record=best, others=others or not best.current)
    seen = max(
        (o for o in found if o.ours),
        key=lambda o: (o.status is Status.READY, o.status in _RUNNING, o.attempt),
        default=None,
    )
    return Picked(found=seen, others=others, foreign=any(not o.ours for o in found))


def run_facts(declared: Declared, pick: Picked, *, same: bool, requested: bool) -> RunFacts:
    """Facts of a declared run."""
    return RunFacts(
        declared=True,
        wished=pick.status,
        current=pick.record is not None and pick.record.current,
        others=pick.others,
        same_upstreams=same,
        requested=requested,
        manual=declared.policy.manual,
        foreign=pick.foreign,
    )


def same_upstreams(
    declared: Declared,
    record: Record | None,
    wished: Mapping[Address, Declared],
    changes: Mapping[Address, Change],
) -> bool:
    """Whether the upstream runs that are current after this plan are those that the record used.

    Versioned upstreams do not count: an equal digest is equal content. A run found in AWS without a
    record is taken to come from the runs of its digest.
    """
    used = set(record.upstream.values()) if record is not None else None
    for address in declared.upstreams:
        if wished[address].nature is not Nature.RUN:
            continue
        change = changes[address]
        if change.action.starts:
            return False
        id_ = current_id(change)
        if used is not None and id_ is not None and id_ not in used:
            return False
    return True


def current_id(change: Change) -> str | None:
    """The id of what the address stands for once the change is made; None while unknown."""
    if change.action.starts:
        return None
    if change.record is not None:
        return change.record.id
    return change.found.id if change.found is not None else None


def versioned_facts(
    declared: Declared, record: Record | None, sighting: Sighting | None
) -> VersionedFacts:
    """Facts of a declared versioned resource. Without a sighting (no refresh) the record counts."""
    recorded_wished = (
        record is not None
        and record.digest == declared.digest
        and record.document == declared.document
    )
    newest = sighting.newest if sighting is not None else None
    return VersionedFacts(
        declared=True,
        newest=_newest(declared, newest, record),
        known=record is not None and newest is not None and record.id == newest.id,
        recorded=record is not None,
        recorded_wished=recorded_wished,
        recorded_gone=sighting is not None and sighting.recorded_gone,
    )


def _newest(declared: Declared, newest: Observation | None, record: Record | None) -> Newest:
    if newest is None or newest.status in (Status.DELETING, Status.MISSING):
        return Newest.NONE
    if not newest.ours and (record is None or record.id != newest.id):
        return Newest.FOREIGN
    if newest.status is Status.FAILED:
        return Newest.FAILED
    if newest.digest != declared.digest:
        return Newest.OTHER_DIGEST
    if newest.document != declared.document:
        return Newest.OTHER_DOCUMENT
    return Newest.IMPORTING if newest.status is Status.PENDING else Newest.WISHED


def object_facts(
    declared: Declared, record: Record | None, sighting: Sighting | None
) -> ObjectFacts:
    """Facts of a declared object. Without a sighting (no refresh) the record counts."""
    newest = sighting.newest if sighting is not None else None
    differs = record is not None and any(
        record.wanted.get(name) != _wanted(declared).get(name) for name in declared.in_place
    )
    return ObjectFacts(
        declared=True,
        exists=record is not None if sighting is None else newest is not None,
        ours=record is not None or newest is None or newest.ours,
        recorded=record is not None,
        pending=newest is not None and newest.status is Status.PENDING,
        differs=differs,
        immutable_differs=record is not None and record.digest != declared.digest,
        protected=record is not None and record.protect and declared.policy.protect,
    )


def _wanted(declared: Declared) -> Mapping[str, object]:
    return {**declared.circumstance, **declared.marks}
