"""What happens to records that no block declares. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nvx.core.kind import Sighting
from nvx.core.plan import Change, Reason
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


def removed_change(
    record: Record, state: State, uses: Uses, sighting: Sighting | None, *, destroy: bool
) -> Change:
    """The change of a current record that no block declares."""
    match record.nature:
        case Nature.RUN:
            stop = destroy or record.on_remove == "stop"
            facts = RunFacts(False, record.status, protected=record.protect, stop=stop)
            decision, detail = decide(RUNS, facts), "its run, model and scores stay"
        case Nature.VERSIONED:
            decision, detail = _versioned(record, state.records[record.address], uses)
        case Nature.OBJECT:
            decision, detail = _object(record, sighting)
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
    )


def _versioned(
    record: Record, versions: tuple[Record, ...], uses: Uses
) -> tuple[Decision, str]:
    free, kept = uses.split(versions)
    facts = VersionedFacts(False, protected=record.protect, used=not free)
    return decide(VERSIONED, facts), " · ".join(_kept(r, uses) for r in kept)


def _kept(record: Record, uses: Uses) -> str:
    return f"version {record.version}.0.0 stays: used by {', '.join(uses.by_id[record.id])}"


def _object(record: Record, sighting: Sighting | None) -> tuple[Decision, str]:
    newest = sighting.newest if sighting is not None else None
    packages = newest.live.get("packages") if newest is not None else 0
    facts = ObjectFacts(
        False,
        exists=sighting is None or newest is not None,
        protected=record.protect,
        used=bool(packages),
    )
    return decide(OBJECTS, facts), f"it holds {packages} model package(s)" if packages else ""
