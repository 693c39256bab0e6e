"""What runs left running and billed, and which change takes it away. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from nvx.core.kind import Held
from nvx.core.plan import Action, Change, Reason, Release
from nvx.core.resource import Nature
from nvx.core.state import State, Status

_STANDING = (Action.NOOP, Action.NOTE, Action.UPDATE, Action.ADOPT)
_GOING = (Action.STOP, Action.FORGET)


def with_releases(change: Change, state: State, held: Mapping[str, Held]) -> Change:
    """The change with what it deletes of that which runs of its address hold, by their ids.

    A rerun takes it away only after the new run has succeeded, except for what is in the way of it.
    """
    releases = tuple(_releases(change, state, held)) if held else ()
    if not releases:
        return change
    said = [part for part in (change.detail, *map(_words, releases)) if part]
    change = replace(change, releases=releases, detail=" · ".join(said))
    if change.action is not Action.NOOP:
        return change
    return replace(change, action=Action.UPDATE, reason=Reason.SUPERSEDED)


def _releases(change: Change, state: State, held: Mapping[str, Held]) -> Iterator[Release]:
    records = state.records.get(change.moved_from or change.address, ())
    if change.action is Action.RERUN:
        for record in records:
            if record.id in held:
                first = held[record.id].first
                yield Release(record, held[record.id], first=first, later=not first)
        return
    stands = _standing_id(change)
    if stands is None and change.action not in _GOING:
        return
    for record in records:
        if record.nature is Nature.RUN and record.id in held and record.id != stands:
            yield Release(record, held[record.id])


def _standing_id(change: Change) -> str | None:
    """The id of the run that succeeded and that the address stands for after the change."""
    one = change.found or change.record
    if change.action not in _STANDING or change.declared is None or one is None:
        return None
    return one.id if one.status is Status.READY else None


def _words(release: Release) -> str:
    when = ""
    if release.later:
        when = " once the new run has succeeded"
    elif release.first:
        when = " before the new run starts"
    return f"{release.held.text} is deleted{when}"
