"""Settle what an interrupted run left unknown: adopt or drop. Looks, never creates."""

from __future__ import annotations

from datetime import datetime, timedelta

from nvx.core.address import Address
from nvx.core.events import Settled
from nvx.core.kind import Observation
from nvx.core.state import Intent, Refused
from nvx.engine.create import begun, recorded
from nvx.engine.desk import Book, Desk


def settle(desk: Desk, book: Book, *, patient: bool) -> frozenset[Address]:
    """Look up the claim of every open intent; adopt what it made, drop what made nothing.

    `patient` (apply, not plan) looks again until the grace period after the intent is over: AWS may
    show a new object late. The answer is where something was adopted.
    """
    intents = sorted(book.state.intents.values(), key=lambda i: (i.address, i.id))
    found = desk.in_parallel(lambda intent: _look(desk, intent, patient=patient), intents)
    adopted: set[Address] = set()
    for intent, seen in zip(intents, found, strict=True):
        if seen is not None and seen.ours:
            book.write(*recorded(intent, begun(intent.draft, seen)))
            adopted.add(intent.address)
            desk.events.emit(Settled(intent.address, True, seen.id))
        else:
            book.write(Refused(intent.id))
            desk.events.emit(Settled(intent.address, False))
    return frozenset(adopted)


def _look(desk: Desk, intent: Intent, *, patient: bool) -> Observation | None:
    kind = desk.kind(intent)
    until = datetime.fromisoformat(intent.begun_at) + timedelta(
        seconds=desk.pace.settle_grace_s
    )
    while True:
        seen = kind.find(desk.scope, intent)
        if seen is not None or not patient or desk.clock.now() >= until:
            return seen
        desk.clock.sleep(timedelta(seconds=desk.pace.imports_s))
