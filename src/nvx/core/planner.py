"""make_plan(): facts in, one decision table per nature, changes out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from nvx.core.address import Address
from nvx.core.causes import cause_of, faulty_upstream, noted
from nvx.core.facts import (
    Picked,
    object_facts,
    picked,
    run_facts,
    same_upstreams,
    versioned_facts,
)
from nvx.core.graph import CycleError, in_dependency_order
from nvx.core.kind import Held, Observation, Sighting
from nvx.core.plan import Action, Change, Plan, Reason
from nvx.core.releases import with_releases
from nvx.core.removal import removals
from nvx.core.renames import renames
from nvx.core.resource import Declared, Nature
from nvx.core.state import Record, State
from nvx.core.tables import OBJECTS, RUNS, VERSIONED, decide


@dataclass(frozen=True, slots=True)
class Seen:
    """What a refresh saw: an answer per address, and every run with our marks.

    `held` is what runs left running, by the id of the run.
    """

    sightings: Mapping[Address, Sighting] = field(default_factory=dict)
    found: Sequence[Observation] = ()
    held: Mapping[str, Held] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command asks of the plan beyond the stack."""

    rerun: frozenset[Address] = frozenset()
    destroy: bool = False


NO_OPTIONS = Options()


def make_plan(
    declared: Sequence[Declared], state: State, seen: Seen, options: Options = NO_OPTIONS
) -> Plan:
    """The plan of one stack: declared resources in order of dependency, then removals in reverse.

    `state` is refreshed: its records say how runs stand now. Does not depend on the order of `declared`.
    """
    wished = {} if options.destroy else {d.address: d for d in declared}
    planner = _Planner(wished, state, seen, options)
    order = in_dependency_order({address: d.edges for address, d in wished.items()})
    for address in order:
        planner.changes[address] = planner.declared_change(wished[address])
    changes = (
        *planner.changes.values(),
        *removals(planner.undeclared(), state, seen.sightings, destroy=options.destroy),
    )
    return Plan(
        stack=state.stack,
        account=state.account,
        region=state.region,
        lineage=state.lineage,
        serial=state.serial,
        changes=tuple(with_releases(change, state, seen.held) for change in changes),
    )


class _Planner:
    """One planning: the changes decided so far are what later ones look at."""

    def __init__(
        self, wished: Mapping[Address, Declared], state: State, seen: Seen, options: Options
    ) -> None:
        self.wished = wished
        self.state = state
        self.seen = seen
        self.options = options
        self.changes: dict[Address, Change] = {}
        self._moved = renames(wished, state)
        self._found: dict[str, list[Observation]] = {}
        for observation in seen.found:
            self._found.setdefault(observation.digest, []).append(observation)

    def declared_change(self, declared: Declared) -> Change:
        """The change of a declared resource."""
        match declared.nature:
            case Nature.RUN:
                change = self._run(declared)
            case Nature.VERSIONED:
                change = self._versioned(declared)
            case Nature.OBJECT:
                change = self._object(declared)
        return self._held_back(self._renamed(noted(change)))

    def _run(self, declared: Declared) -> Change:
        records = self.state.records.get(self._source(declared), ())
        current = next((r for r in records if r.current), None)
        shown = self._found.get(declared.digest, [])
        pick = picked(declared, records, shown, lambda record: self._fits(declared, record))
        facts = run_facts(
            declared,
            pick,
            same=self._fits(declared, pick.record),
            requested=declared.address in self.options.rerun,
        )
        action, reason = decide(RUNS, facts)
        cause = cause_of(declared, current, reason, self.wished, self.changes)
        attempts = [r.attempt for r in records if r.digest == declared.digest]
        attempts += [o.attempt for o in shown]
        return Change(
            address=declared.address,
            kind=declared.kind,
            action=action,
            reason=reason,
            because_of=cause.because_of,
            fields=cause.fields,
            detail=_words(pick, action),
            digest_before=current.digest if current else "",
            digest_after=declared.digest,
            attempt=max(attempts, default=0) + 1,
            paid=declared.paid,
            declared=declared,
            record=pick.record if action is not Action.RERUN else current,
            found=pick.found,
            declared_at=declared.declared_at,
        )

    def _fits(self, declared: Declared, record: Record | None) -> bool:
        """Whether a run came from the runs that its upstreams stand for once this plan is done."""
        return same_upstreams(declared, record, self.wished, self.changes)

    def _versioned(self, declared: Declared) -> Change:
        record = self.state.current(self._source(declared))
        sighting = self.seen.sightings.get(declared.address)
        action, reason = decide(VERSIONED, versioned_facts(declared, record, sighting))
        cause = cause_of(declared, record, reason, self.wished, self.changes)
        return Change(
            address=declared.address,
            kind=declared.kind,
            action=action,
            reason=reason,
            because_of=cause.because_of,
            fields=cause.fields,
            detail=sighting.newest.detail if sighting and sighting.newest else "",
            digest_before=record.digest if record else "",
            digest_after=declared.digest,
            declared=declared,
            record=record,
            found=sighting.newest if sighting else None,
            declared_at=declared.declared_at,
        )

    def _object(self, declared: Declared) -> Change:
        records = self.state.records.get(self._source(declared), ())
        record = next((r for r in records if r.current), None)
        sighting = self.seen.sightings.get(declared.address)
        facts = object_facts(declared, record, sighting)
        replaced = next((r for r in records if not r.current), None)
        action, reason = decide(OBJECTS, replace(facts, replaced=replaced is not None))
        if action is Action.REPLACE and not facts.immutable_differs:
            record = replaced
        return Change(
            address=declared.address,
            kind=declared.kind,
            action=action,
            reason=reason,
            digest_before=record.digest if record else "",
            digest_after=declared.digest,
            declared=declared,
            record=record,
            found=sighting.newest if sighting else None,
            declared_at=declared.declared_at,
        )

    def _held_back(self, change: Change) -> Change:
        """Rule 3.2: nothing starts from an upstream that is not at the digest it was wished with."""
        if change.declared is None or not change.action.starts:
            return change
        fault = faulty_upstream(change.declared, self.changes)
        if fault is None:
            return change
        way = (fault.address, *fault.because_of)
        return replace(change, action=Action.DECIDE, reason=Reason.UPSTREAM, because_of=way)

    def _renamed(self, change: Change) -> Change:
        """A change of an address that takes over records: the move is all where nothing starts."""
        before = self._moved.get(change.address)
        if before is None:
            return change
        change = replace(change, moved_from=before)
        if change.record is None or change.action.starts or change.action is Action.DECIDE:
            return change
        return replace(change, action=Action.MOVE, reason=Reason.RENAMED, fields=())

    def _source(self, declared: Declared) -> Address:
        """The address under which the state keeps the records of a declared resource."""
        return self._moved.get(declared.address, declared.address)

    def undeclared(self) -> Sequence[Record]:
        """Current records that no block declares, dependants before what they depend on."""
        taken = set(self._moved.values())
        left = {
            record.address: record
            for record in self.state.currents()
            if record.address not in self.wished and record.address not in taken
        }
        edges = {a: {Address.parse(d) for d in r.depends_on} for a, r in left.items()}
        return [left[address] for address in reversed(_untangled(edges))]


def _untangled(edges: dict[Address, set[Address]]) -> Sequence[Address]:
    """The order of dependency of records, which are of different days and may go round in a ring."""
    while True:
        try:
            return in_dependency_order(edges)
        except CycleError as ring:
            nodes = {node for node in ring.nodes if isinstance(node, Address)}
            first = min(nodes)
            edges = {**edges, first: edges[first] - nodes}


def _words(pick: Picked, action: Action) -> str:
    """The service's own words, where a person has to decide on them."""
    shown = pick.record or pick.found
    return shown.detail if shown is not None and action is Action.DECIDE else ""
