"""Plan: settle, refresh and decide, all in memory. Mutates nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, in_order
from nvx.core.kind import Preflighted
from nvx.core.plan import Change, Plan
from nvx.core.planner import NO_OPTIONS, Options, make_plan
from nvx.core.resource import Declared, StackSettings
from nvx.core.state import State
from nvx.engine.desk import Book, Desk
from nvx.engine.refresh import Refresh, lineage_seen, refresh
from nvx.engine.releasing import held_by
from nvx.engine.settle import settle


def look(
    desk: Desk,
    declared: Sequence[Declared],
    options: Options = NO_OPTIONS,
    how: Refresh = Refresh.NORMAL,
) -> Plan:
    """The plan of one stack as state and AWS stand now. Takes no lock and writes nothing."""
    state = desk.store.load() or empty_state(desk.scope.stack)
    desk, book = desk.with_lineage(state.lineage), Book(state)
    if how is not Refresh.NONE:
        options = without(options, settle(desk, book, patient=False))
    return planned(desk, book, declared, options, how)


def planned(
    desk: Desk, book: Book, declared: Sequence[Declared], options: Options, how: Refresh
) -> Plan:
    """Refresh and decide: what every pass begins with, once its intents are settled."""
    seen = refresh(desk, book, () if options.destroy else declared, how)
    state = book.state
    if not state.lineage:
        state = replace(state, lineage=lineage_seen(seen))
    seen = replace(seen, held=held_by(desk, () if options.destroy else declared, state))
    plan = make_plan(declared, state, seen, options)
    return plan if how is Refresh.NONE else replace(plan, warnings=_before_start(desk, plan))


def _before_start(desk: Desk, plan: Plan) -> tuple[Diagnostic, ...]:
    """What is wrong with the starts of a plan, where a kind can say so before money is spent."""

    def problems(change: Change) -> tuple[Diagnostic, ...]:
        declared = change.declared
        if declared is None or not change.action.starts:
            return ()
        kind = desk.kind(declared)
        if not isinstance(kind, Preflighted):
            return ()
        return kind.preflight(desk.scope, declared)

    found = desk.in_parallel(problems, plan.changes)
    return in_order(diagnostic for several in found for diagnostic in several)


def without(options: Options, begun: frozenset[Address]) -> Options:
    """The options once these runs were started: a rerun that is asked for is asked for once."""
    return replace(options, rerun=options.rerun - begun)


def empty_state(stack: StackSettings) -> State:
    """The state of a stack that has none yet; its lineage is chosen by the first apply."""
    return State(stack.name, stack.account, stack.region, lineage="")
