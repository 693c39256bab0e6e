"""What ended runs still hold and is billed: seen without a call, deleted when its time has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from nvx.core.kind import Held, Releasing
from nvx.core.plan import Change
from nvx.core.resource import Declared
from nvx.core.state import Put, State
from nvx.engine.desk import Book, Desk

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def held_by(desk: Desk, declared: Sequence[Declared], state: State) -> Mapping[str, Held]:
    """What every recorded run holds, with its age, by the id of the run."""
    said = {r.address: r.wanted for r in state.currents()}
    said |= {one.address: one.circumstance for one in declared}
    found: dict[str, Held] = {}
    for address, records in state.records.items():
        for record in records:
            kind: object = desk.kinds.get((record.kind, record.variant))
            if not isinstance(kind, Releasing):
                continue
            held = kind.held(record, said.get(address, record.wanted))
            if held is not None:
                found[record.id] = replace(held, text=f"{held.text}{_age(desk, held.since)}")
    return found


def release(desk: Desk, book: Book, change: Change) -> None:
    """Delete what a change releases now; each record says at once that it holds nothing any more."""
    for one in change.releases:
        kind = desk.kind(one.record)
        if one.later or not isinstance(kind, Releasing):
            continue
        record = replace(one.record, address=change.address)
        outputs = kind.release(desk.scope, record)
        book.write(Put(replace(record, outputs=outputs)))


def _age(desk: Desk, since: str) -> str:
    """How long something has been up, in the largest unit that fits; "" where it is not known."""
    if not since:
        return ""
    seconds = (desk.clock.now() - datetime.fromisoformat(since)).total_seconds()
    for unit, size in _UNITS:
        count = int(seconds // size)
        if count >= 1:
            return f" (up for {count} {unit}{'s' if count > 1 else ''})"
    return " (up for less than a minute)"
