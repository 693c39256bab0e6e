"""A cloud in memory: objects, versions and runs that advance with a clock, and every way to fail."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from nvx.core.cloud import CloudError, Limited
from nvx.core.kind import Observation
from nvx.core.ports import Clock
from nvx.core.resource import Nature, Scope
from nvx.core.state import Intent, Record, Status
from nvx.core.values import JsonValue
from support.fuse import Fuse

CHANGES = ("create", "update", "delete")
RUN_TIME = timedelta(hours=1)


@dataclass
class Thing:
    """One object, version or run in the cloud, with its marks."""

    id: str
    kind: str
    variant: str
    nature: Nature
    name: str
    stack: str
    lineage: str
    address: str
    digest: str
    document: str
    attempt: int
    version: int
    begun: float
    """Seconds of the clock's time."""
    takes: float
    end: Status = Status.READY
    source: str = ""
    """The id of what it was made from."""
    tags: JsonValue = None
    stopped: bool = False
    packages: int = 0


@dataclass(frozen=True)
class Effect:
    """What a call changed."""

    verb: str
    kind: str
    nature: Nature
    address: str
    digest: str
    attempt: int
    id: str
    source: str
    """The id of what it was made from."""


@dataclass
class Fault:
    """An error that a verb answers with, before or after its effect."""

    error: CloudError
    after: bool = False


@dataclass
class FakeCloud:
    """Everything that there is, and what happened to it."""

    clock: Clock
    fuse: Fuse = field(default_factory=Fuse)
    run_time: timedelta = RUN_TIME
    import_time: timedelta = timedelta(seconds=3)
    lag: timedelta = timedelta()
    """How long a new thing is not shown."""
    limits: dict[str, int] = field(default_factory=dict)
    """Kind → how many of it may run at once."""
    ends: dict[str, Status] = field(default_factory=dict)
    """Mark of an address → how its next runs, or imports, end."""
    things: dict[str, Thing] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    """`verb kind address`, in order."""
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    """`verb kind` → faults of the next such calls."""

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()

    @property
    def reads(self) -> list[str]:
        """The calls that change nothing."""
        return [call for call in self.calls if not call.startswith(CHANGES)]

    @property
    def changes(self) -> list[str]:
        """The calls that are to change something."""
        return [call for call in self.calls if call.startswith(CHANGES)]

    def starts(self, kind: str = "") -> Counter[tuple[str, int]]:
        """How often each (digest, attempt) of a kind of run was started."""
        return Counter(
            (e.digest, e.attempt)
            for e in self.effects
            if e.verb == "create" and e.nature is Nature.RUN and kind in ("", e.kind)
        )

    def fail(self, call: str, *errors: CloudError, after: bool = False) -> None:
        """Let the next calls of `verb kind` fail."""
        self.faults.setdefault(call, []).extend(Fault(error, after) for error in errors)

    @contextmanager
    def calling(self, verb: str, kind: str, whom: object) -> Iterator[None]:
        """One call: a point before and after its effect, and its faults."""
        with self._lock:
            self.calls.append(f"{verb} {kind} {whom}")
            self.fuse.point(f"before {verb} {kind}")
            waiting = self.faults.get(f"{verb} {kind}", [])
            fault = waiting.pop(0) if waiting else None
            if fault is not None and not fault.after:
                raise fault.error
            yield
            if fault is not None:
                raise fault.error
            if verb in CHANGES:
                self.fuse.point(f"after {verb} {kind}")

    def shown(self, matches: Callable[[Thing], bool]) -> list[Thing]:
        """The things that can be seen by now, oldest first."""
        seen_from = self._now() - self.lag.total_seconds()
        return [t for t in self.things.values() if t.begun <= seen_from and matches(t)]

    def of(self, address: str) -> list[Thing]:
        """The things with an address in their marks."""
        return [t for t in self.things.values() if t.address == address]

    def make(self, nature: Nature, scope: Scope, intent: Intent, **facts: object) -> Thing:
        """A new thing. Raises Limited."""
        limit = self.limits.get(intent.kind)
        if limit is not None and self.running(intent.kind) >= limit:
            raise Limited(f"at most {limit} of {intent.kind}", code="ResourceLimitExceeded")
        whom = intent.address.mark
        takes = {Nature.RUN: self.run_time, Nature.VERSIONED: self.import_time}
        thing = Thing(
            id=self._id(nature, intent),
            kind=intent.kind,
            variant=intent.variant,
            nature=nature,
            name=intent.name,
            stack=scope.stack.name,
            lineage=scope.lineage,
            address=whom,
            digest=intent.digest,
            document=intent.document,
            attempt=intent.attempt,
            version=0,
            begun=self._now(),
            takes=takes.get(nature, timedelta()).total_seconds(),
            end=self.ends.get(whom, Status.READY),
        )
        thing = replace(thing, **facts)  # type: ignore[arg-type]  # fields of a thing
        self.things[thing.id] = thing
        self.note("create", thing)
        return thing

    def note(self, verb: str, thing: Thing) -> None:
        """Write an effect down."""
        marks = (thing.address, thing.digest, thing.attempt, thing.id, thing.source)
        self.effects.append(Effect(verb, thing.kind, thing.nature, *marks))

    def running(self, kind: str) -> int:
        """How many runs of a kind there are now."""
        return sum(t.kind == kind and not self.status(t).ended for t in self.things.values())

    def status(self, thing: Thing) -> Status:
        """How a thing stands by now."""
        if thing.stopped:
            return Status.STOPPED
        return thing.end if self._now() >= thing.begun + thing.takes else Status.PENDING

    def observed(self, thing: Thing, scope: Scope) -> Observation:
        """A thing as the services show it."""
        status = self.status(thing)
        outputs: dict[str, JsonValue] = {"id": thing.id}
        if thing.nature is Nature.RUN and status is Status.READY:
            outputs["model"] = f"model of {thing.id}"
        bad = status.ended and status is not Status.READY
        return Observation(
            id=thing.id,
            status=status,
            name=thing.name,
            digest=thing.digest,
            document=thing.document,
            attempt=thing.attempt,
            address=thing.address,
            lineage=thing.lineage,
            ours=thing.stack == scope.stack.name
            and (not scope.lineage or thing.lineage in ("", scope.lineage)),
            version=thing.version,
            outputs=outputs,
            detail=f"the service said: {status}" if bad else "",
            stage=status.value,
        )

    def lose(self, *things: Thing) -> None:
        """Delete things out of band."""
        for thing in things:
            del self.things[thing.id]

    def duplicates(self) -> list[tuple[str, str, int]]:
        """Live things that say the same of themselves, and are one too many."""
        counted = Counter(
            (t.address, t.digest, t.attempt)
            for t in self.things.values()
            if t.nature is not Nature.VERSIONED
        )
        return [key for key, count in counted.items() if count > 1]

    def unrecorded(self, records: Sequence[Record]) -> list[Thing]:
        """Things of ours that no record names."""
        ids = {record.id for record in records}
        return [t for t in self.things.values() if t.id not in ids]

    def _id(self, nature: Nature, intent: Intent) -> str:
        """Groups are called by their name; what comes in numbers has one."""
        if nature is Nature.OBJECT:
            return f"{intent.kind}/{intent.name}"
        return f"{intent.kind}/{intent.name}/{next(self._numbers)}"

    def _now(self) -> float:
        return self.clock.now().timestamp()
