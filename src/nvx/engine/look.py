"""Plan: settle, refresh and decide, all in memory. Mutates nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nvx.core.address import Address
from nvx.core.plan import Plan
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
    return make_plan(declared, state, seen, options)


def without(options: Options, begun: frozenset[Address]) -> Options:
    """The options once these runs were started: a rerun that is asked for is asked for once."""
    return replace(options, rerun=options.rerun - begun)


def empty_state(stack: StackSettings) -> State:
    """The state of a stack that has none yet; its lineage is chosen by the first apply."""
    return State(stack.name, stack.account, stack.region, lineage="")
