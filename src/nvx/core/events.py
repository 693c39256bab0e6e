"""What apply reports while it works. Read by the views; nothing else depends on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from nvx.core.address import Address
from nvx.core.plan import Action
from nvx.core.values import JsonValue


@dataclass(frozen=True, slots=True)
class PassStarted:
    """A pass begins: settle, refresh, plan, start what is ready."""

    number: int


@dataclass(frozen=True, slots=True)
class StepStarted:
    """The call of a step goes out."""

    address: Address
    action: Action
    name: str = ""


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step succeeded and is recorded. For a run that means that it was started."""

    address: Address
    action: Action
    id: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StepFailed:
    """A step did not succeed. `truth` is one of the three facts that every apply error ends with."""

    address: Address
    action: Action
    message: str
    truth: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class StepSkipped:
    """A step was not begun, because of another."""

    address: Address
    action: Action
    because_of: Address


@dataclass(frozen=True, slots=True)
class Settled:
    """An intent that an interrupted run left open is settled."""

    address: Address
    adopted: bool
    id: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far something that takes its time is: a job, an import, an upload."""

    address: Address
    stage: str
    elapsed_s: float
    fraction: float | None = None


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run ended, well or badly; `scores` where it has some."""

    address: Address
    status: str
    detail: str = ""
    elapsed_s: float = 0.0
    outputs: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Summary:
    """The last event: counts per action, what failed, what still runs, what waits for a person."""

    applied: Mapping[str, int]
    failed: tuple[Address, ...] = ()
    skipped: tuple[Address, ...] = ()
    running: tuple[Address, ...] = ()
    undecided: tuple[Address, ...] = ()
    limited: tuple[Address, ...] = ()
    """Not started, because a quota is used up."""
    interrupted: bool = False
    outputs: Mapping[str, JsonValue] = field(default_factory=dict)


Event: TypeAlias = (
    PassStarted
    | StepStarted
    | StepDone
    | StepFailed
    | StepSkipped
    | Settled
    | Progress
    | RunEnded
    | Summary
)
