"""Exit codes: documented, and stable."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    ERROR = 1
    CHANGES = 2
    """`plan --detailed-exitcode`: there is something to apply."""
    GATE = 3
    """A gate failed."""
    LOCKED = 4
    """The state is locked, or the lock was lost."""
    STALE = 5
    """The plan is stale."""
    RUNNING = 6
    """Runs are still in progress."""
    INTERRUPTED = 130
