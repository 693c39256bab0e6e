"""Apply: passes under the lock, waits without it, until nothing more can start."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from nvx.core.address import Address
from nvx.core.events import PassStarted, Summary
from nvx.core.plan import Action, Change, Plan
from nvx.core.planner import NO_OPTIONS, Options
from nvx.core.ports import StaleState
from nvx.core.resource import Declared
from nvx.core.state import Record, State, Status
from nvx.engine.desk import Book, Desk
from nvx.engine.look import empty_state, planned
from nvx.engine.refresh import Refresh, lineage_seen, refresh
from nvx.engine.walk import Outcome, Walk
from nvx.engine.watch import running_of, until_one_ends

Approve = Callable[[Plan], bool]


@dataclass(slots=True)
class _Tally:
    """What all passes of one apply did."""

    applied: Counter[str] = field(default_factory=Counter)
    failed: dict[Address, None] = field(default_factory=dict)
    skipped: dict[Address, None] = field(default_factory=dict)
    limited: dict[Address, None] = field(default_factory=dict)
    mine: set[Address] = field(default_factory=set)
    """Runs that this apply started or found running: whose end it waits for."""

    def add(self, outcome: Outcome) -> None:
        self.applied.update(change.action.value for change in outcome.done)
        self.failed |= dict.fromkeys(outcome.failed)
        self.skipped |= dict.fromkeys(outcome.skipped)
        self.limited = dict.fromkeys(outcome.limited)


class Apply:
    """One apply (or destroy) of one stack."""

    def __init__(
        self,
        desk: Desk,
        declared: Sequence[Declared],
        *,
        options: Options = NO_OPTIONS,
        how: Refresh = Refresh.NORMAL,
        detach: bool = False,
    ) -> None:
        self._desk = desk
        self._declared = declared
        self._options = options
        self._how = how
        self._detach = detach
        self._tally = _Tally()
        self._approved: frozenset[Address] = frozenset()
        self._serial: int | None = None
        self._number = 0

    def run(self, approve: Approve) -> Summary | None:
        """Pass after pass; None where the plan was not approved. Raises NvxError."""
        while True:
            state, plan, outcome = self._pass(approve)
            if plan is None or outcome is None:
                return None
            running = running_of(state)
            self._tally.mine |= {r.address for r in running}
            if self._over(outcome, running):
                return self._summary(state, plan, running)
            until_one_ends(self._desk, running)
            if self._desk.stopping.is_set():
                return self._summary(state, plan, running)

    def _over(self, outcome: Outcome, running: Sequence[Record]) -> bool:
        """Whether there is no further pass: nothing runs, nobody waits, or no answer came."""
        if self._desk.stopping.is_set() or self._detach:
            return True
        if outcome.uncertain and not outcome.done:
            return True
        return not running

    def _pass(self, approve: Approve) -> tuple[State, Plan | None, Outcome | None]:
        desk = self._desk
        self._number += 1
        with desk.store.lock("destroy" if self._options.destroy else "apply"):
            state = self._opened()
            self._desk = desk = desk.with_lineage(state.lineage)
            desk.events.emit(PassStarted(self._number))
            book = Book(state, desk.store)
            how = self._how if self._number == 1 else Refresh.NORMAL
            plan = planned(desk, book, self._declared, self._options, how, patient=True)
            if self._number == 1:
                if not approve(plan):
                    return book.state, None, None
                self._approved = frozenset(c.address for c in plan.changes)
            outcome = Walk(desk, book, self._within(plan)).run()
            self._tally.add(outcome)
            self._started(outcome)
            state = desk.store.save(book.state)
            self._serial = state.serial
            return state, plan, outcome

    def _opened(self) -> State:
        """The state under the lock; made where there is none, refused where another apply moved it."""
        state = self._desk.store.load()
        if state is None:
            return self._first()
        if self._serial is not None and state.serial != self._serial and self._moved(state):
            raise StaleState(
                "another apply changed this stack while this one waited; its runs go on."
                " Run `nvx plan` to see how things stand"
            )
        return state

    def _first(self) -> State:
        """The first state of a stack; it takes over the lineage that its marks in AWS carry."""
        state = empty_state(self._desk.scope.stack)
        seen = refresh(self._desk, Book(state), self._declared, self._how)
        lineage = lineage_seen(seen) or secrets.token_hex(16)
        state = replace(state, lineage=lineage)
        self._desk.store.start(state)
        return state

    def _moved(self, state: State) -> bool:
        """Whether another apply made an address stand for something that is not wished here."""
        wished = {d.address: d.digest for d in self._declared}
        return any(wished.get(r.address, r.digest) != r.digest for r in state.currents())

    def _within(self, plan: Plan) -> Plan:
        """Later passes go on with what the first one showed, and start nothing else."""
        return replace(
            plan,
            changes=tuple(c if c.address in self._approved else _held(c) for c in plan.changes),
        )

    def _started(self, outcome: Outcome) -> None:
        """A rerun that was asked for is asked for once."""
        begun = {c.address for c in outcome.done if c.action.starts}
        self._options = replace(self._options, rerun=self._options.rerun - begun)

    def _summary(self, state: State, plan: Plan, running: Sequence[Record]) -> Summary:
        ended_badly = {
            r.address: None
            for r in state.currents()
            if r.address in self._tally.mine and r.status.ended and r.status is not Status.READY
        }
        undecided = tuple(c.address for c in plan.changes if c.action is Action.DECIDE)
        failed = {**self._tally.failed, **ended_badly}
        return Summary(
            applied=dict(self._tally.applied),
            failed=tuple(failed),
            skipped=tuple(a for a in self._tally.skipped if a not in failed),
            running=tuple(r.address for r in running),
            undecided=tuple(a for a in undecided if a not in failed),
            limited=tuple(self._tally.limited),
            interrupted=self._desk.stopping.is_set(),
        )


def _held(change: Change) -> Change:
    return replace(change, action=Action.DECIDE) if change.action.starts else change
