"""What happens to records that no block declares. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from nvx.core.address import Address
from nvx.core.kind import Sighting
from nvx.core.plan import Action, Change, Reason
from nvx.core.resource import Nature
from nvx.core.state import Record, State
from nvx.core.tables import (
    OBJECTS,
    RUNS,
    VERSIONED,
    Decision,
    ObjectFacts,
    RunFacts,
    VersionedFacts,
    decide,
)


@dataclass(frozen=True, slots=True)
class Uses:
    """Which kept runs used which objects: id of the object → names of the runs."""

    by_id: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, state: State) -> Uses:
        """The uses that the records of a state know of."""
        found: dict[str, set[str]] = {}
        for records in state.records.values():
            for record in records:
                for id_ in record.upstream.values():
                    found.setdefault(id_, set()).add(record.name)
        return cls({id_: tuple(sorted(names)) for id_, names in found.items()})

    def split(
        self, records: tuple[Record, ...]
    ) -> tuple[tuple[Record, ...], tuple[Record, ...]]:
        """Records that nothing kept refers to, and the others."""
        free = tuple(r for r in records if r.id not in self.by_id)
        return free, tuple(r for r in records if r.id in self.by_id)


def removals(
    records: Iterable[Record],
    state: State,
    sightings: Mapping[Address, Sighting],
    *,
    destroy: bool,
) -> Iterator[Change]:
    """The changes of current records that no block declares, given with dependants first.

    Nothing is taken away from under something that waits for a person itself.
    """
    uses, holding = Uses.of(state), dict[str, Address]()
    for record in records:
        change = _removed(record, state, uses, sightings.get(record.address), destroy=destroy)
        user = holding.get(str(record.address))
        if user is not None and change.action.acts:
            change = replace(
                change,
                action=Action.DECIDE,
                reason=Reason.STILL_USED,
                because_of=(user,),
                detail="",
                removes=(),
            )
        if change.action is Action.DECIDE:
            holding |= dict.fromkeys(record.depends_on, record.address)
        yield change


def _removed(
    record: Record, state: State, uses: Uses, sighting: Sighting | None, *, destroy: bool
) -> Change:
    """The change of a current record that no block declares."""
    records = tuple(sorted(state.records[record.address], key=lambda r: r.current))
    free, kept = uses.split(records)
    match record.nature:
        case Nature.RUN:
            stop = destroy or record.on_remove == "stop"
            facts = RunFacts(False, record.status, protected=record.protect, stop=stop)
            decision, detail = decide(RUNS, facts), "its run, model and scores stay"
        case Nature.VERSIONED:
            versions = VersionedFacts(False, protected=record.protect, used=not free)
            decision = decide(VERSIONED, versions)
            detail = " · ".join(_kept(r, uses) for r in kept)
        case Nature.OBJECT:
            decision, detail = _object(record, sighting, alone=len(records) == 1)
    action, reason = decision
    if destroy and reason is Reason.NOT_DECLARED:
        reason = Reason.DESTROYED
    return Change(
        address=record.address,
        kind=record.kind,
        action=action,
        reason=reason,
        detail=detail,
        digest_before=record.digest,
        record=record,
        found=sighting.newest if sighting is not None else None,
        removes=free if action is Action.DELETE else (),
    )


def _kept(record: Record, uses: Uses) -> str:
    return f"version {record.version}.0.0 stays: used by {', '.join(uses.by_id[record.id])}"


def _object(record: Record, sighting: Sighting | None, *, alone: bool) -> tuple[Decision, str]:
    """`alone`: it has replaced nothing that is still to be deleted."""
    newest = sighting.newest if sighting is not None else None
    packages = newest.live.get("packages") if newest is not None else 0
    facts = ObjectFacts(
        False,
        exists=sighting is None or newest is not None or not alone,
        protected=record.protect,
        used=bool(packages),
    )
    return decide(OBJECTS, facts), f"it holds {packages} model package(s)" if packages else ""
