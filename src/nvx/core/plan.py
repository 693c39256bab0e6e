"""The plan: what would change, and why. Plain data, read by apply, the views and the plan digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, Location
from nvx.core.diff import FieldChange
from nvx.core.digest import sha256_of
from nvx.core.kind import Held, Observation
from nvx.core.resource import Declared
from nvx.core.state import Record


class Action(StrEnum):
    """What happens to a resource."""

    NOOP = "noop"
    CREATE = "create"
    UPDATE = "update"
    NEW_VERSION = "new_version"
    RERUN = "rerun"
    ADOPT = "adopt"
    MOVE = "move"
    NOTE = "note"
    REPLACE = "replace"
    STOP = "stop"
    DELETE = "delete"
    FORGET = "forget"
    WAIT = "wait"
    DECIDE = "decide"

    @property
    def symbol(self) -> str:
        """The sign in front of a change."""
        return _SIGNS[self][0]

    @property
    def ascii_symbol(self) -> str:
        """The sign where the terminal is not UTF-8."""
        return _SIGNS[self][1]

    @property
    def starts(self) -> bool:
        """Whether it makes something new: an object, a version or a run."""
        return self in (Action.CREATE, Action.NEW_VERSION, Action.RERUN, Action.REPLACE)

    @property
    def approved(self) -> bool:
        """Whether it starts, changes or removes something: what a reviewer approves."""
        return self.starts or self in (Action.UPDATE, Action.STOP, Action.DELETE, Action.FORGET)

    @property
    def acts(self) -> bool:
        """Whether apply has anything to do or to write for it."""
        return self not in (Action.NOOP, Action.WAIT, Action.DECIDE)


_SIGNS: Mapping[Action, tuple[str, str]] = {
    Action.NOOP: (" ", " "),
    Action.CREATE: ("+", "+"),
    Action.UPDATE: ("~", "~"),
    Action.NEW_VERSION: ("^", "^"),
    Action.RERUN: ("»", ">>"),
    Action.ADOPT: ("=", "="),
    Action.MOVE: (">", ">"),
    Action.NOTE: ("·", "*"),
    Action.REPLACE: ("±", "+/-"),
    Action.STOP: ("x", "x"),
    Action.DELETE: ("-", "-"),
    Action.FORGET: (".", "."),
    Action.WAIT: ("…", "..."),
    Action.DECIDE: ("!", "!"),
}


class Reason(StrEnum):
    """Why. For people: apply never branches on it."""

    NONE = ""
    DECLARED = "declared"
    INPUTS_CHANGED = "inputs_changed"
    DOCUMENT_CHANGED = "document_changed"
    IMPORT_FAILED = "import_failed"
    IMPORTING = "importing"
    GONE = "gone"
    REQUESTED = "requested"
    UPSTREAM_RERUN = "upstream_rerun"
    UPSTREAM = "upstream"
    STALE = "stale"
    FAILED = "failed"
    STOPPED = "stopped"
    PARTLY_FAILED = "partly_failed"
    MISSING = "missing"
    RUNNING = "running"
    FOUND = "found"
    REVERTED = "reverted"
    RENAMED = "renamed"
    MARKS_CHANGED = "marks_changed"
    CIRCUMSTANCE_CHANGED = "circumstance_changed"
    IMMUTABLE = "immutable_field"
    NOT_DECLARED = "not_declared"
    DESTROYED = "destroyed"
    STILL_USED = "still_used"
    PROTECTED = "protected"
    FOREIGN = "foreign"
    FOREIGN_VERSION = "foreign_version"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Release:
    """What a run holds and a change deletes."""

    record: Record
    held: Held
    first: bool = False
    """Before the new run starts."""
    later: bool = False
    """Not by this change: once the new run has succeeded."""


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one resource.

    `because_of` is the way from the nearest cause to the leaf one: (fine_tune.support, dataset.tickets).
    `record` is what the address stands for before, `found` what is adopted, `moved_from` the address
    that the record had; `removes` are the records whose objects a deletion takes, what the address
    stands for last; `releases` are what runs hold and the change deletes; `removed_id` is the id of what
    is stopped, replaced, deleted or forgotten.
    """

    address: Address
    kind: str
    action: Action
    reason: Reason
    because_of: tuple[Address, ...] = ()
    fields: tuple[FieldChange, ...] = ()
    detail: str = ""
    digest_before: str = ""
    digest_after: str = ""
    attempt: int = 1
    paid: bool = False
    declared: Declared | None = None
    record: Record | None = None
    found: Observation | None = None
    moved_from: Address | None = None
    removes: tuple[Record, ...] = ()
    releases: tuple[Release, ...] = ()
    declared_at: Location | None = None

    @property
    def removed_id(self) -> str:
        """The id of what is stopped, replaced, deleted or forgotten, and of what goes with it."""
        takes = (Action.STOP, Action.REPLACE, Action.DELETE, Action.FORGET)
        own = [self.record.id] if self.record is not None and self.action in takes else []
        return " ".join([*own, *(release.held.id for release in self.releases)])


@dataclass(frozen=True, slots=True)
class Plan:
    """Every change of one stack, dependencies first, removals last and in reverse."""

    stack: str
    account: str
    region: str
    lineage: str
    serial: int
    changes: tuple[Change, ...]
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def listed(self) -> tuple[Change, ...]:
        """The changes worth showing: everything but what stays as it is."""
        return tuple(c for c in self.changes if c.action is not Action.NOOP)

    @property
    def pending(self) -> bool:
        """Whether there is anything to do: the one rule for exit code 2."""
        return any(c.action.acts for c in self.changes)

    @property
    def paid_starts(self) -> tuple[Change, ...]:
        """The changes that start a paid run."""
        return tuple(c for c in self.changes if c.paid and c.action.starts)

    @property
    def digest(self) -> str:
        """The plan digest: SHA-256 over what a reviewer approves, and nothing that moves by itself."""
        approved = sorted(
            (str(c.address), c.action.value, c.digest_before, c.digest_after, c.removed_id)
            for c in self.changes
            if c.action.approved or c.releases
        )
        return sha256_of(
            {
                "stack": self.stack,
                "account": self.account,
                "region": self.region,
                "lineage": self.lineage or None,
                "changes": [list(row) for row in approved],
            }
        )
