"""Plan: settle, refresh and decide, all in memory. Mutates nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nvx.core.diagnostics import Diagnostic, in_order
from nvx.core.kind import Preflighted
from nvx.core.plan import Change, Plan
from nvx.core.planner import NO_OPTIONS, Options, make_plan
from nvx.core.resource import Declared, StackSettings
from nvx.core.state import State
from nvx.engine.desk import Book, Desk
from nvx.engine.refresh import Refresh, lineage_seen, refresh
from nvx.engine.settle import settle


def look(
    desk: Desk,
    declared: Sequence[Declared],
    options: Options = NO_OPTIONS,
    how: Refresh = Refresh.NORMAL,
) -> Plan:
    """The plan of one stack as state and AWS stand now. Takes no lock and writes nothing."""
    state = desk.store.load() or empty_state(desk.scope.stack)
    desk = desk.with_lineage(state.lineage)
    return planned(desk, Book(state), declared, options, how, patient=False)


def planned(
    desk: Desk,
    book: Book,
    declared: Sequence[Declared],
    options: Options,
    how: Refresh,
    *,
    patient: bool,
) -> Plan:
    """Settle, refresh, decide: what every pass begins with."""
    if how is not Refresh.NONE:
        settle(desk, book, patient=patient)
    seen = refresh(desk, book, () if options.destroy else declared, how)
    state = book.state
    if not state.lineage:
        state = replace(state, lineage=lineage_seen(seen))
    plan = make_plan(declared, state, seen, options)
    return plan if how is Refresh.NONE else replace(plan, warnings=_before_start(desk, plan))


def _before_start(desk: Desk, plan: Plan) -> tuple[Diagnostic, ...]:
    """What is wrong with the starts of a plan, where a kind can say so before money is spent."""

    def problems(change: Change) -> tuple[Diagnostic, ...]:
        declared = change.declared
        if declared is None or not change.action.starts:
            return ()
        kind = desk.kinds[declared.kind, declared.variant]
        if not isinstance(kind, Preflighted):
            return ()
        return kind.preflight(desk.scope, declared)

    found = desk.in_parallel(problems, plan.changes)
    return in_order(diagnostic for several in found for diagnostic in several)


def empty_state(stack: StackSettings) -> State:
    """The state of a stack that has none yet; its lineage is chosen by the first apply."""
    return State(stack.name, stack.account, stack.region, lineage="")
