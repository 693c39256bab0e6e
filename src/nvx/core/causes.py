"""Why a change happens: its own fields, or the way to the leaf that caused it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nvx.core.address import Address
from nvx.core.diff import FieldChange, field_changes
from nvx.core.facts import current_id
from nvx.core.plan import Action, Change, Reason
from nvx.core.resource import Declared, Nature
from nvx.core.state import Record
from nvx.core.values import JsonValue


@dataclass(frozen=True, slots=True)
class Cause:
    """The fields that differ, and the addresses from the nearest cause to the leaf."""

    fields: tuple[FieldChange, ...] = ()
    because_of: tuple[Address, ...] = ()


def cause_of(
    declared: Declared,
    record: Record | None,
    reason: Reason,
    wished: Mapping[Address, Declared],
    changes: Mapping[Address, Change],
) -> Cause:
    """Why a declared resource changes."""
    if record is None:
        return Cause()
    if reason is Reason.UPSTREAM_RERUN:
        return Cause(
            because_of=_way(_rerun_upstream(declared, record, wished, changes), changes)
        )
    if reason not in (
        Reason.INPUTS_CHANGED,
        Reason.STALE,
        Reason.DOCUMENT_CHANGED,
        Reason.REQUESTED,
    ):
        return Cause()
    fields = field_changes(record.inputs, declared.inputs)
    own = tuple(f for f in fields if f.path[0] not in declared.refs)
    if own or not fields:
        return Cause(fields=own or _document_fields(declared, record))
    upstream = min(declared.refs[str(f.path[0])] for f in fields)
    return Cause(fields=fields, because_of=_way(upstream, changes))


def _document_fields(declared: Declared, record: Record) -> tuple[FieldChange, ...]:
    """For a versioned kind whose digest stays: what else differs."""
    if declared.nature is not Nature.VERSIONED:
        return ()
    return field_changes(record.wanted, {**declared.circumstance, **declared.marks})


def _way(upstream: Address | None, changes: Mapping[Address, Change]) -> tuple[Address, ...]:
    if upstream is None:
        return ()
    change = changes.get(upstream)
    return (upstream, *change.because_of) if change is not None else (upstream,)


def _rerun_upstream(
    declared: Declared,
    record: Record,
    wished: Mapping[Address, Declared],
    changes: Mapping[Address, Change],
) -> Address | None:
    """The upstream run that is not the one the record used."""
    used = set(record.upstream.values())
    runs = (a for a in declared.upstreams if wished[a].nature is Nature.RUN)
    return next((a for a in runs if current_id(changes[a]) not in used), None)


def faulty_upstream(declared: Declared, changes: Mapping[Address, Change]) -> Change | None:
    """The first upstream that is not, and will not be, at the digest that was wished."""
    upstreams = (changes[address] for address in declared.upstreams)
    return next((c for c in upstreams if c.action is Action.DECIDE), None)


def noted(change: Change) -> Change:
    """A change that would do nothing, as an update or a note where circumstance or marks differ."""
    if (
        change.action not in (Action.NOOP, Action.UPDATE, Action.WAIT)
        or change.record is None
        or change.declared is None
    ):
        return change
    declared, record = change.declared, change.record
    now: dict[str, JsonValue] = {**declared.circumstance, **declared.marks}
    fields = field_changes(
        {**record.wanted, "protect": record.protect, "on_remove": record.on_remove},
        {
            **now,
            "protect": declared.policy.protect,
            "on_remove": declared.policy.on_remove.value,
        },
    )
    if not fields:
        return change
    if any(f.path[0] in declared.in_place for f in fields):
        return replace(change, action=Action.UPDATE, reason=Reason.MARKS_CHANGED, fields=fields)
    return replace(
        change, action=Action.NOTE, reason=Reason.CIRCUMSTANCE_CHANGED, fields=fields
    )
