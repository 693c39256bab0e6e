"""Apply: passes under the lock, waits without it, until nothing more can start."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from nvx.core.address import Address
from nvx.core.events import PassStarted, Summary
from nvx.core.plan import Action, Change, Plan
from nvx.core.planner import NO_OPTIONS, Options
from nvx.core.ports import StaleState
from nvx.core.resource import Declared
from nvx.core.state import Record, State
from nvx.engine.desk import Book, Desk
from nvx.engine.look import empty_state, planned, without
from nvx.engine.refresh import Refresh
from nvx.engine.settle import settle
from nvx.engine.tally import Tally
from nvx.engine.walk import Outcome, Walk
from nvx.engine.watch import running_of, until_one_ends

Approve = Callable[[Plan], bool]

_UNSURE = 3
"""How often in a row a call may have no answer before a person has to look."""


@dataclass(frozen=True, slots=True)
class _Pass:
    """What a pass saw, did and left."""

    plan: Plan
    outcome: Outcome
    state: State


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
        self._wished = {} if options.destroy else {d.address: d.digest for d in declared}
        self._options = options
        self._how = how
        self._detach = detach
        self._tally = Tally()
        self._shown: frozenset[Address] = frozenset()
        self._left: State | None = None
        self._number = 0
        self._unsure = 0

    def run(self, approve: Approve) -> Summary | None:
        """Pass after pass; None where the plan was not approved. Raises NvxError."""
        while True:
            done = self._pass(approve)
            if done is None:
                return None
            running = running_of(done.state)
            mine = [record for record in running if record.address in self._wished]
            self._tally.wait_for(mine)
            if not self._goes_on(done.outcome, mine):
                stopped = self._desk.stopping.is_set()
                return self._tally.summary(done.state, done.plan, running, interrupted=stopped)

    def _goes_on(self, outcome: Outcome, running: Sequence[Record]) -> bool:
        """Wait for what the next pass needs; False where there is none."""
        stopping = self._desk.stopping
        if stopping.is_set() or self._detach:
            return False
        self._unsure = self._unsure + 1 if outcome.uncertain else 0
        if 0 < self._unsure < _UNSURE:
            return True
        until_one_ends(self._desk, running)
        return bool(running) and not stopping.is_set()

    def _pass(self, approve: Approve) -> _Pass | None:
        first = self._number == 0
        with self._desk.store.lock("destroy" if self._options.destroy else "apply"):
            state = self._loaded()
            book = Book(state or empty_state(self._desk.scope.stack))
            plan = self._planned(book, first=first)
            if first:
                if not approve(plan):
                    return None
                self._shown = frozenset(c.address for c in plan.changes if _is_grave(c))
            if state is None:
                book = self._founded(book.state, plan)
            book.open(self._desk.store)
            self._desk = self._desk.with_lineage(book.lineage)
            plan = self._within(plan)
            outcome = Walk(self._desk, book, plan).run()
            self._tally.add(plan, outcome)
            begun = frozenset(c.address for c in outcome.done if c.action.starts)
            self._options = without(self._options, begun)
            self._left = self._desk.store.save(book.state)
            return _Pass(plan, outcome, self._left)

    def _loaded(self) -> State | None:
        """The state under the lock. Raises StaleState where another apply moved it."""
        state = self._desk.store.load()
        if state is not None and self._left is not None and self._moved(self._left, state):
            raise StaleState(
                "another apply changed this stack while this one waited; its runs go on."
                " Run `nvx plan` to see how things stand"
            )
        return state

    def _planned(self, book: Book, *, first: bool) -> Plan:
        """Settle, refresh, decide."""
        self._number += 1
        desk = self._desk.with_lineage(book.lineage)
        desk.events.emit(PassStarted(self._number))
        self._options = without(self._options, settle(desk, book, patient=True))
        how = self._how if first else Refresh.NORMAL
        return planned(desk, book, self._declared, self._options, how)

    def _founded(self, empty: State, plan: Plan) -> Book:
        """The first state of a stack; it takes over the lineage that its marks in AWS carry."""
        state = replace(empty, lineage=plan.lineage or secrets.token_hex(16))
        self._desk.store.start(state)
        return Book(state)

    def _moved(self, before: State, now: State) -> bool:
        """Whether another apply made an address stand for something that is not wished here."""
        if before.serial == now.serial:
            return False
        was = {r.address: r.digest for r in before.currents()}
        is_ = {r.address: r.digest for r in now.currents()}
        changed = (a for a in was.keys() | is_.keys() if was.get(a) != is_.get(a))
        return any(is_.get(address) != self._wished.get(address) for address in changed)

    def _within(self, plan: Plan) -> Plan:
        """What was shown and approved, without what was clearly refused, and what needs that."""
        held: set[Address] = set()
        changes = []
        for change in plan.changes:
            needs = change.declared.edges if change.declared is not None else ()
            if change.action.acts and not (self._may(change) and held.isdisjoint(needs)):
                held.add(change.address)
                change = replace(change, action=Action.DECIDE)
            changes.append(change)
        return replace(plan, changes=tuple(changes))

    def _may(self, change: Change) -> bool:
        if change.address in self._tally.refused:
            return False
        return not _is_grave(change) or change.address in self._shown


def _is_grave(change: Change) -> bool:
    """Whether it makes something new or takes something away in AWS."""
    return change.action.starts or change.action in (Action.STOP, Action.DELETE)
