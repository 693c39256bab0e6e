"""A plan as people read it and as machines do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from nvx.core.diff import ABSENT, Absent, FieldChange
from nvx.core.plan import Action, Change, Plan, Reason
from nvx.core.ports import in_one_line
from nvx.core.values import JsonValue, canonical
from nvx.views.diagnostics import diagnostics_document
from nvx.views.paint import Paint, clean
from nvx.views.wrap import WIDTH, clipped, counted, wrapped

_VERBS = {
    Action.CREATE: "create",
    Action.UPDATE: "update in place",
    Action.NEW_VERSION: "new version",
    Action.RERUN: "rerun",
    Action.ADOPT: "adopt",
    Action.MOVE: "move",
    Action.NOTE: "note",
    Action.REPLACE: "replace",
    Action.STOP: "stop",
    Action.DELETE: "delete",
    Action.FORGET: "forget",
    Action.WAIT: "wait",
    Action.DECIDE: "waits for you",
    Action.NOOP: "no change",
}
_COUNTED = {
    Action.CREATE: ("to create", "to create"),
    Action.UPDATE: ("to update", "to update"),
    Action.NEW_VERSION: ("new version", "new versions"),
    Action.RERUN: ("rerun", "reruns"),
    Action.ADOPT: ("to adopt", "to adopt"),
    Action.MOVE: ("to move", "to move"),
    Action.NOTE: ("to note", "to note"),
    Action.REPLACE: ("to replace", "to replace"),
    Action.STOP: ("to stop", "to stop"),
    Action.DELETE: ("to delete", "to delete"),
    Action.FORGET: ("to forget", "to forget"),
    Action.WAIT: ("in progress", "in progress"),
    Action.DECIDE: ("waits for you", "wait for you"),
}
_REASONS = {
    Reason.NONE: "",
    Reason.DECLARED: "",
    Reason.INPUTS_CHANGED: "its inputs changed",
    Reason.DOCUMENT_CHANGED: "what it says of itself changed, its content did not",
    Reason.IMPORT_FAILED: "the last import failed",
    Reason.IMPORTING: "it is being imported",
    Reason.GONE: "it is gone from AWS",
    Reason.REQUESTED: "you asked for it with --rerun",
    Reason.UPSTREAM_RERUN: "it was made from another run",
    Reason.UPSTREAM: "cannot start",
    Reason.STALE: 'its inputs changed and rerun = "manual" holds it',
    Reason.FAILED: "the run failed",
    Reason.STOPPED: "the run was stopped",
    Reason.PARTLY_FAILED: "the run failed in part",
    Reason.MISSING: "the run is gone from AWS and is not paid for again unasked",
    Reason.RUNNING: "it is running",
    Reason.FOUND: "found in AWS with these very inputs: costs nothing",
    Reason.REVERTED: "an earlier run had these very inputs: costs nothing",
    Reason.RENAMED: "renamed",
    Reason.MARKS_CHANGED: "",
    Reason.CIRCUMSTANCE_CHANGED: "serves the next run; starts nothing",
    Reason.IMMUTABLE: "a field that cannot be updated changed",
    Reason.NOT_DECLARED: "no block declares it any more",
    Reason.DESTROYED: "you asked to destroy it",
    Reason.STILL_USED: "it stays in AWS",
    Reason.PROTECTED: "it is protected",
    Reason.FOREIGN: "it exists and belongs to somebody else",
    Reason.FOREIGN_VERSION: "a newer version that is not ours exists",
    Reason.SUPERSEDED: "the new run has succeeded",
}
_ASK_RERUN = (Reason.FAILED, Reason.STOPPED, Reason.PARTLY_FAILED, Reason.MISSING, Reason.STALE)
_FIELDS_SHOWN = 8


def plan_text(plan: Plan, paint: Paint) -> str:
    """The plan of one stack: a line a change, its fields below, counts at the end."""
    listed = plan.listed
    if not listed:
        return f"No changes. {plan.stack} is as declared ({counted(len(plan.changes), 'resource')})."
    width = max(len(str(change.address)) for change in listed)
    verbs = max(len(_VERBS[change.action]) for change in listed)
    lines = [line for change in listed for line in _change(change, width, verbs, paint)]
    return "\n".join([*lines, "", *wrapped(summary_line(plan), "")])


def summary_line(plan: Plan) -> str:
    """Counts per action, paid runs, and the plan digest where there is something to approve."""
    counts = Counter(change.action for change in plan.listed)
    parts = [f"{n} {_COUNTED[action][n > 1]}" for action, n in counts.items()]
    paid = len(plan.paid_starts)
    said = f" {paid} paid {'run starts' if paid == 1 else 'runs start'}." if paid else ""
    if not plan.pending:
        return f"Nothing to apply: {', '.join(parts)}."
    return f"Plan: {', '.join(parts)}.{said or ' No paid run starts.'}"


def _change(change: Change, width: int, verbs: int, paint: Paint) -> list[str]:
    address, why, indent = f"{change.address!s:<{width}}", why_text(change), " " * 6
    fits = bool(why) and len(f"    {address}  {' ' * verbs}  {why}") <= WIDTH
    verb = f"{_VERBS[change.action]:<{verbs if fits else 0}}"
    head = f"{paint.symbol(change.action)} {paint(address, 'bold')}"
    head += f"  {paint(verb, *paint.of(change.action))}"
    lines = [f"{head}  {why}"] if fits else [head, *wrapped(why, indent)]
    if not change.because_of:
        lines += [indent + text for text in _fields(change.fields, paint)]
    if change.detail:
        lines += [paint(row, "dim") for row in wrapped(paint.words(change.detail), indent)]
    if change.reason in _ASK_RERUN and change.action is Action.DECIDE:
        lines.append(indent + f"to start it: nvx apply --rerun {_quoted(str(change.address))}")
    return lines


def _quoted(address: str) -> str:
    return f"'{address}'" if '"' in address else address


def why_text(change: Change) -> str:
    """Why, in one phrase: the leaf reason, and the way that it came by."""
    if change.moved_from is not None:
        return f"was {change.moved_from}; no run starts"
    if not change.because_of:
        return _REASONS[change.reason]
    *between, leaf = change.because_of
    by_way = f", by way of {in_one_line(reversed(between))}" if between else ""
    if change.reason is Reason.UPSTREAM:
        return f"{_REASONS[change.reason]}: {leaf} waits for you{by_way}"
    if change.reason is Reason.STALE:
        return f'because {leaf} changed{by_way}; rerun = "manual" holds it'
    happened = "is run again" if change.reason is Reason.UPSTREAM_RERUN else "changed"
    return f"because {leaf} {happened}{by_way}"


def _fields(fields: Sequence[FieldChange], paint: Paint) -> list[str]:
    shown = fields[:_FIELDS_SHOWN]
    width = max((len(field.name) for field in shown), default=0)
    room = max(20, (WIDTH - 6 - width - len("   -> ")) // 2)
    lines = []
    for field in shown:
        before, after = _value(field.before, room, paint), _value(field.after, room, paint)
        lines.append(f"{field.name:<{width}}  {before} {paint.arrow} {after}")
    if len(fields) > len(shown):
        lines.append(f"and {len(fields) - len(shown)} more fields")
    return lines


def _value(value: JsonValue | Absent, room: int, paint: Paint) -> str:
    if isinstance(value, Absent):
        return "(none)"
    if (
        isinstance(value, str)
        and len(value) == 64
        and all(c in "0123456789abcdef" for c in value)
    ):
        return value[:12]
    return clipped(clean(canonical(value)), room, paint.ellipsis)


def plan_document(plans: Sequence[Plan]) -> dict[str, JsonValue]:
    """`nvx.plan/1`: unchanged resources are not listed."""
    digests = [plan.digest for plan in plans]
    return {
        "format": "nvx.plan/1",
        "digest": digests[0] if len(digests) == 1 else None,
        "stacks": [stack_document(plan) for plan in plans],
    }


def stack_document(plan: Plan) -> dict[str, JsonValue]:
    """The plan of one stack for machines."""
    return {
        "name": plan.stack,
        "account": plan.account,
        "region": plan.region,
        "digest": plan.digest,
        "pending": plan.pending,
        "paid_starts": len(plan.paid_starts),
        "unchanged": len(plan.changes) - len(plan.listed),
        "changes": [change_document(change) for change in plan.listed],
        "warnings": diagnostics_document(plan.warnings),
    }


def change_document(change: Change) -> dict[str, JsonValue]:
    """One change for machines. Readers must accept actions and reasons that they do not know."""
    return {
        "address": str(change.address),
        "kind": change.kind,
        "action": change.action.value,
        "reason": change.reason.value,
        "because_of": [str(address) for address in change.because_of],
        "moved_from": str(change.moved_from) if change.moved_from else None,
        "paid": change.paid and change.action.starts,
        "attempt": change.attempt,
        "digest_before": change.digest_before or None,
        "digest_after": change.digest_after or None,
        "detail": change.detail,
        "fields": [_field_document(field) for field in change.fields],
        "file": change.declared_at.file if change.declared_at else None,
        "line": change.declared_at.line if change.declared_at else None,
    }


def _field_document(field: FieldChange) -> dict[str, JsonValue]:
    row: dict[str, JsonValue] = {"path": field.name}
    if field.before is not ABSENT and not isinstance(field.before, Absent):
        row["before"] = field.before
    if field.after is not ABSENT and not isinstance(field.after, Absent):
        row["after"] = field.after
    return row
