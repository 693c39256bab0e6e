"""Timetables: the states that a resource goes through, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from nvx.local.context import Context, Params

GONE = "Gone"
"""The state after the last one: the resource is not there any more."""

Timetable = list[Params]
"""Entries {"State", "From"} in order of time; the last state lasts."""

Phase = tuple[str, float]
"""A state and how many nominal seconds it lasts."""


def schedule(ctx: Context, start: datetime, phases: Sequence[Phase]) -> Timetable:
    """The timetable of phases in a row, on the compressed clock; the last phase lasts."""
    entries: Timetable = []
    moment = start
    for state, nominal in phases:
        entries.append({"State": state, "From": moment})
        moment += timedelta(seconds=ctx.clock.seconds(nominal))
    return entries


def rescheduled(
    ctx: Context, entries: Timetable, at: datetime, phases: Sequence[Phase]
) -> Timetable:
    """The same past, and from `at` on other phases."""
    return [*reached(entries, at), *schedule(ctx, at, phases)]


def moved(entries: Timetable, by: timedelta) -> Timetable:
    """The same timetable, earlier or later."""
    return [{**entry, "From": entry["From"] + by} for entry in entries]


def reached(entries: Timetable, now: datetime) -> Timetable:
    """The entries whose time has come; the first always has."""
    return [entry for place, entry in enumerate(entries) if place == 0 or entry["From"] <= now]


def state_at(entries: Timetable, now: datetime) -> str:
    """The state at a time."""
    state: str = reached(entries, now)[-1]["State"]
    return state


def end_of(entries: Timetable) -> datetime:
    """When the last state begins."""
    end: datetime = entries[-1]["From"]
    return end
