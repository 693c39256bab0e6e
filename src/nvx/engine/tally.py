"""What all passes of one apply did, and its last word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nvx.core.address import Address
from nvx.core.events import Summary
from nvx.core.plan import Action, Plan
from nvx.core.resource import Nature
from nvx.core.state import Record, State, Status
from nvx.engine.walk import Outcome

_Addresses = Mapping[Address, None]


@dataclass(slots=True)
class Tally:
    """The count of one apply. A step that a later pass makes good did not fail."""

    applied: Counter[str] = field(default_factory=Counter)
    failed: _Addresses = field(default_factory=dict)
    skipped: _Addresses = field(default_factory=dict)
    limited: Sequence[Address] = ()
    refused: set[Address] = field(default_factory=set)
    """What had a clear no, which another pass would only hear again."""
    mine: set[str] = field(default_factory=set)
    """The ids of runs whose end this apply waits for."""

    def add(self, plan: Plan, outcome: Outcome) -> None:
        """Count a pass."""
        stands = {c.address for c in plan.changes if c.action in (Action.NOOP, Action.WAIT)}
        good = stands | {change.address for change in outcome.done}
        self.applied.update(change.action.value for change in outcome.done)
        self.failed = _less(self.failed, good) | dict.fromkeys(outcome.failed)
        self.skipped = _less(self.skipped, good) | dict.fromkeys(outcome.skipped)
        self.limited = tuple(outcome.limited)
        self.refused |= set(outcome.failed) - outcome.again

    def wait_for(self, running: Iterable[Record]) -> None:
        """Count the end of these runs as this apply's."""
        self.mine |= {record.id for record in running}

    def summary(
        self, state: State, plan: Plan, running: Sequence[Record], *, interrupted: bool
    ) -> Summary:
        """The last event."""
        lost = _ended_badly(r for records in state.records.values() for r in records)
        failed = {**self.failed, **{r.address: None for r in lost if r.id in self.mine}}
        waiting = [c.address for c in plan.changes if c.action is Action.DECIDE]
        waiting += [r.address for r in _ended_badly(state.currents())]
        told = {*failed, *self.skipped}
        return Summary(
            applied=dict(self.applied),
            failed=tuple(failed),
            skipped=tuple(a for a in self.skipped if a not in failed),
            running=tuple(r.address for r in running),
            undecided=tuple(a for a in dict.fromkeys(waiting) if a not in told),
            limited=tuple(self.limited),
            interrupted=interrupted,
        )


def _less(addresses: _Addresses, good: set[Address]) -> dict[Address, None]:
    return {address: None for address in addresses if address not in good}


def _ended_badly(records: Iterable[Record]) -> list[Record]:
    """Runs that ended, and not well."""
    return [
        r
        for r in records
        if r.nature is Nature.RUN and r.status.ended and r.status is not Status.READY
    ]
