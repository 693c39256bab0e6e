"""The decision tables: one for each nature, read top down, first match wins. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar

from nvx.core.plan import Action, Reason
from nvx.core.state import Status

Decision: TypeAlias = tuple[Action, Reason]
F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Row(Generic[F]):
    """One row: when it holds, and what follows."""

    when: Callable[[F], bool]
    action: Action
    reason: Reason


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What the table for runs looks at."""

    declared: bool
    wished: Status | None
    """The status of the record for the wished digest (undeclared: of the current record)."""
    current: bool = False
    """Whether the state has that record as the current one."""
    others: bool = False
    """Whether the address has a record of another digest."""
    same_upstreams: bool = True
    requested: bool = False
    manual: bool = False
    protected: bool = False
    foreign: bool = False
    """Whether AWS has a run of this digest that another state owns."""
    stop: bool = False
    """`destroy`, or `on_remove = "stop"`."""


RUNS: Sequence[Row[RunFacts]] = (
    Row(lambda f: not f.declared and f.protected, Action.DECIDE, Reason.PROTECTED),
    Row(lambda f: not f.declared and _runs(f) and f.stop, Action.STOP, Reason.NOT_DECLARED),
    Row(lambda f: not f.declared and _runs(f), Action.DECIDE, Reason.RUNNING),
    Row(lambda f: not f.declared, Action.FORGET, Reason.NOT_DECLARED),
    Row(lambda f: _runs(f) and f.current, Action.WAIT, Reason.RUNNING),
    Row(lambda f: _runs(f), Action.ADOPT, Reason.RUNNING),
    Row(
        lambda f: f.requested and (f.wished is not None or f.others),
        Action.RERUN,
        Reason.REQUESTED,
    ),
    Row(lambda f: _ready(f) and f.same_upstreams and f.current, Action.NOOP, Reason.NONE),
    Row(lambda f: _ready(f) and f.same_upstreams and f.others, Action.ADOPT, Reason.REVERTED),
    Row(lambda f: _ready(f) and f.same_upstreams, Action.ADOPT, Reason.FOUND),
    Row(lambda f: _ready(f) and f.manual, Action.DECIDE, Reason.UPSTREAM_RERUN),
    Row(lambda f: _ready(f), Action.RERUN, Reason.UPSTREAM_RERUN),
    Row(lambda f: f.wished is Status.STOPPED, Action.DECIDE, Reason.STOPPED),
    Row(lambda f: f.wished is Status.PARTIAL, Action.DECIDE, Reason.PARTLY_FAILED),
    Row(lambda f: f.wished is Status.MISSING, Action.DECIDE, Reason.MISSING),
    Row(lambda f: f.wished is not None, Action.DECIDE, Reason.FAILED),
    Row(lambda f: f.foreign, Action.DECIDE, Reason.FOREIGN),
    Row(lambda f: not f.others, Action.CREATE, Reason.DECLARED),
    Row(lambda f: f.manual, Action.DECIDE, Reason.STALE),
    Row(lambda _: True, Action.RERUN, Reason.INPUTS_CHANGED),
)


def _runs(facts: RunFacts) -> bool:
    return facts.wished in (Status.PENDING, Status.DELETING)


def _ready(facts: RunFacts) -> bool:
    return facts.wished is Status.READY


class Newest(StrEnum):
    """What the newest version of a name is to us."""

    NONE = "none"
    WISHED = "wished"
    IMPORTING = "importing"
    FAILED = "failed"
    OTHER_DIGEST = "other digest"
    OTHER_DOCUMENT = "other document"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class VersionedFacts:
    """What the table for versioned kinds looks at."""

    declared: bool
    newest: Newest = Newest.NONE
    known: bool = False
    """Whether the state's current record is that newest version."""
    recorded: bool = False
    recorded_wished: bool = False
    """Whether the current record has the wished digest and document."""
    recorded_gone: bool = False
    protected: bool = False
    used: bool = False
    """Whether a kept record refers to it."""


VERSIONED: Sequence[Row[VersionedFacts]] = (
    Row(lambda f: not f.declared and f.protected, Action.DECIDE, Reason.PROTECTED),
    Row(lambda f: not f.declared and f.used, Action.FORGET, Reason.STILL_USED),
    Row(lambda f: not f.declared, Action.DELETE, Reason.NOT_DECLARED),
    Row(lambda f: f.newest is Newest.WISHED and f.known, Action.NOOP, Reason.NONE),
    Row(lambda f: f.newest is Newest.WISHED, Action.ADOPT, Reason.FOUND),
    Row(lambda f: f.newest is Newest.IMPORTING and f.known, Action.WAIT, Reason.IMPORTING),
    Row(lambda f: f.newest is Newest.IMPORTING, Action.ADOPT, Reason.IMPORTING),
    Row(lambda f: f.newest is Newest.FAILED, Action.NEW_VERSION, Reason.IMPORT_FAILED),
    Row(lambda f: f.newest is Newest.OTHER_DIGEST, Action.NEW_VERSION, Reason.INPUTS_CHANGED),
    Row(
        lambda f: f.newest is Newest.OTHER_DOCUMENT, Action.NEW_VERSION, Reason.DOCUMENT_CHANGED
    ),
    Row(lambda f: _foreign(f) and not f.recorded, Action.DECIDE, Reason.FOREIGN),
    Row(lambda f: _foreign(f) and f.recorded_gone, Action.NEW_VERSION, Reason.GONE),
    Row(lambda f: _foreign(f) and f.recorded_wished, Action.NOOP, Reason.FOREIGN_VERSION),
    Row(lambda f: _foreign(f), Action.NEW_VERSION, Reason.INPUTS_CHANGED),
    Row(lambda f: f.recorded and f.recorded_gone, Action.NEW_VERSION, Reason.GONE),
    Row(lambda f: f.recorded and f.recorded_wished, Action.NOOP, Reason.NONE),
    Row(lambda f: f.recorded, Action.NEW_VERSION, Reason.INPUTS_CHANGED),
    Row(lambda _: True, Action.CREATE, Reason.DECLARED),
)


def _foreign(facts: VersionedFacts) -> bool:
    return facts.newest is Newest.FOREIGN


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """What the table for objects looks at."""

    declared: bool
    exists: bool
    ours: bool = True
    recorded: bool = False
    pending: bool = False
    differs: bool = False
    """Whether a field that can be updated in place differs."""
    immutable_differs: bool = False
    replaced: bool = False
    """Whether one that was replaced is still to be deleted."""
    protected: bool = False
    used: bool = False
    """Whether it holds something that is not ours to delete."""


OBJECTS: Sequence[Row[ObjectFacts]] = (
    Row(lambda f: not f.declared and f.protected, Action.DECIDE, Reason.PROTECTED),
    Row(lambda f: not f.declared and not f.exists, Action.FORGET, Reason.GONE),
    Row(lambda f: not f.declared and f.used, Action.FORGET, Reason.STILL_USED),
    Row(lambda f: not f.declared, Action.DELETE, Reason.NOT_DECLARED),
    Row(lambda f: not f.exists and f.recorded, Action.CREATE, Reason.GONE),
    Row(lambda f: not f.exists, Action.CREATE, Reason.DECLARED),
    Row(lambda f: not f.ours, Action.DECIDE, Reason.FOREIGN),
    Row(lambda f: not f.recorded, Action.ADOPT, Reason.FOUND),
    Row(lambda f: f.immutable_differs and f.protected, Action.DECIDE, Reason.PROTECTED),
    Row(lambda f: f.immutable_differs or f.replaced, Action.REPLACE, Reason.IMMUTABLE),
    Row(lambda f: f.differs, Action.UPDATE, Reason.MARKS_CHANGED),
    Row(lambda f: f.pending, Action.WAIT, Reason.RUNNING),
    Row(lambda _: True, Action.NOOP, Reason.NONE),
)


def decide(table: Sequence[Row[F]], facts: F) -> Decision:
    """The decision of the first row that holds. Every table ends with one that always does."""
    row = next(row for row in table if row.when(facts))
    return row.action, row.reason
