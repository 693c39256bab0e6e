"""Walk a plan: start what is ready, in parallel, each step after what it depends on."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from enum import Enum

from nvx.core.address import Address
from nvx.core.cloud import CloudError, Limited, Throttled, Uncertain
from nvx.core.diagnostics import NvxError
from nvx.core.events import StepDone, StepFailed, StepSkipped, StepStarted
from nvx.core.plan import Action, Change, Plan
from nvx.core.ports import StateError
from nvx.core.resource import Nature
from nvx.core.state import Record, Status
from nvx.engine.desk import Book, Desk
from nvx.engine.imports import Imports
from nvx.engine.refresh import verify
from nvx.engine.steps import perform

NOTHING_CREATED = "nothing was created"
NOTHING_CHANGED = "nothing was changed"
RECORDED = "it was created and is recorded"
UNKNOWN = "the outcome is unknown: run `nvx apply` again"


class Standing(Enum):
    """Where an address stands for what depends on it."""

    READY = "ready"
    LATER = "later"
    """It runs, or waits for something that runs."""
    BLOCKED = "blocked"
    """It failed, was skipped, or waits for a person."""


@dataclass(slots=True)
class Outcome:
    """What a walk did."""

    done: list[Change] = field(default_factory=list)
    failed: list[Address] = field(default_factory=list)
    skipped: list[Address] = field(default_factory=list)
    later: list[Address] = field(default_factory=list)
    limited: list[Address] = field(default_factory=list)
    again: set[Address] = field(default_factory=set)
    """What failed, but not with a clear no."""
    uncertain: bool = False
    """Whether a call had no answer."""


class Walk:
    """One walk over one plan. Decides in its own thread, calls AWS in the pool's.

    Raises StateError where nothing can be written any more: then nothing new is begun.
    """

    def __init__(self, desk: Desk, book: Book, plan: Plan) -> None:
        self._desk = desk
        self._book = book
        self._changes = {change.address: change for change in plan.changes}
        self._blockers: dict[Address, set[Address]] = {}
        self._dependants: dict[Address, list[Address]] = {}
        self._ready: deque[Change] = deque()
        self._imports = Imports(desk, book)
        self.outcome = Outcome()

    def run(self) -> Outcome:
        """Walk until nothing more can start in this pass."""
        self._arrange()
        with ThreadPoolExecutor(self._desk.parallelism, thread_name_prefix="nvx") as pool:
            calls: dict[Future[Record | None], Change] = {}
            while self._ready or calls or self._imports.open:
                while self._ready and len(calls) < self._desk.parallelism:
                    self._start(self._ready.popleft(), pool, calls)
                if calls:
                    self._collect(calls)
                else:
                    self._imports.sleep()
                self._look_at_imports()
        return self.outcome

    def _arrange(self) -> None:
        """Who waits for whom; what stands already."""
        users: dict[str, list[Address]] = {}
        for address, change in self._changes.items():  # in order: users before what they use
            self._blockers[address] = self._needs(change, users)
            for other in self._blockers[address]:
                self._dependants.setdefault(other, []).append(address)
            if change.record is not None and _holds(change):
                for used in change.record.depends_on:
                    users.setdefault(used, []).append(address)
        acting = [c for c in self._changes.values() if c.action.acts]
        self._ready.extend(c for c in acting if not self._blockers[c.address])
        for address, change in self._changes.items():
            if not change.action.acts and not self._begin_waiting(change):
                self._settle(address, self._standing(change))

    def _needs(self, change: Change, users: Mapping[str, Sequence[Address]]) -> set[Address]:
        """What must be done first: for a removal, everything before it that used it."""
        if not change.action.acts:
            return set()
        if change.declared is not None:
            return set(change.declared.edges) & self._changes.keys()
        return set(users.get(str(change.address), ()))

    def _begin_waiting(self, change: Change) -> bool:
        """An import that an earlier pass began is waited for here."""
        record = change.record
        if change.action is not Action.WAIT or record is None or record.nature is Nature.RUN:
            return False
        self._imports.add(record)
        return True

    def _standing(self, change: Change) -> Standing:
        match change.action:
            case Action.WAIT:
                return Standing.LATER
            case Action.DECIDE:
                return Standing.BLOCKED
            case _:
                return Standing.READY

    def _start(
        self,
        change: Change,
        pool: ThreadPoolExecutor,
        calls: dict[Future[Record | None], Change],
    ) -> None:
        if self._desk.stopping.is_set():
            self.outcome.later.append(change.address)
            return
        self._desk.events.emit(StepStarted(change.address, change.action))
        calls[pool.submit(self._perform, change)] = change

    def _perform(self, change: Change) -> Record | None:
        """In a thread of the pool. A finished run is looked at again before it is consumed."""
        if change.declared is not None and change.action.starts:
            for address in change.declared.upstreams:
                record = self._book.current(address)
                if record is not None and record.nature is Nature.RUN:
                    verify(self._desk, self._book, record)
        return perform(self._desk, self._book, change)

    def _collect(self, calls: dict[Future[Record | None], Change]) -> None:
        """Wait until a call ends, or imports are to be looked at; take what ended."""
        ended, _ = wait(calls, timeout=self._imports.due_s, return_when=FIRST_COMPLETED)
        for future in ended:
            change = calls.pop(future)
            try:
                self._succeeded(change, future.result())
            except StateError:
                raise
            except NvxError as failure:
                self._failed(change, failure)

    def _succeeded(self, change: Change, record: Record | None) -> None:
        self.outcome.done.append(change)
        if record is not None and record.status is Status.PENDING:
            if record.nature is not Nature.RUN:
                self._imports.add(record, change.action)
                return
            self._emit_done(change, record)
            self._settle(change.address, Standing.LATER)
            return
        self._emit_done(change, record)
        usable = record is None or record.status is Status.READY
        self._settle(change.address, Standing.READY if usable else Standing.BLOCKED)

    def _emit_done(self, change: Change, record: Record | None) -> None:
        id_, detail = (record.id, record.detail) if record is not None else ("", change.detail)
        self._desk.events.emit(StepDone(change.address, change.action, id_, detail))

    def _failed(self, change: Change, failure: NvxError) -> None:
        code = failure.code if isinstance(failure, CloudError) else ""
        truth = self._truth(change, failure)
        event = StepFailed(change.address, change.action, str(failure), truth, code)
        self._desk.events.emit(event)
        if isinstance(failure, Limited):
            self.outcome.limited.append(change.address)
            self._settle(change.address, Standing.LATER)
            return
        if isinstance(failure, Uncertain | Throttled):
            self.outcome.again.add(change.address)
        self.outcome.uncertain |= isinstance(failure, Uncertain)
        self.outcome.failed.append(change.address)
        self._settle(change.address, Standing.BLOCKED)

    def _truth(self, change: Change, failure: NvxError) -> str:
        """What every error of an apply ends with."""
        if isinstance(failure, Uncertain):
            return UNKNOWN
        if not change.action.starts:
            return NOTHING_CHANGED
        now = self._book.current(change.address)
        replaced = change.action is Action.REPLACE and now is not None
        made = replaced and now is not None and now.digest == change.digest_after
        return RECORDED if made else NOTHING_CREATED

    def _look_at_imports(self) -> None:
        for record, action in self._imports.ended():
            if record.status is Status.READY:
                self._desk.events.emit(
                    StepDone(record.address, action, record.id, record.detail)
                )
                self._settle(record.address, Standing.READY)
                continue
            words = record.detail or f"it is {record.status}"
            self._desk.events.emit(StepFailed(record.address, action, words, RECORDED))
            self.outcome.failed.append(record.address)
            self._settle(record.address, Standing.BLOCKED)

    def _settle(self, address: Address, standing: Standing) -> None:
        """Tell everything that waited for an address; what cannot start is put off or skipped."""
        todo = deque([(address, standing)])
        while todo:
            settled, how = todo.popleft()
            for waiting in self._dependants.get(settled, ()):
                blockers = self._blockers[waiting]
                if settled not in blockers:
                    continue
                if how is Standing.READY:
                    blockers.discard(settled)
                    if not blockers:
                        self._ready.append(self._changes[waiting])
                    continue
                blockers.clear()
                self._put_off(waiting, settled, how)
                todo.append((waiting, how))

    def _put_off(self, waiting: Address, because_of: Address, how: Standing) -> None:
        if how is Standing.LATER:
            self.outcome.later.append(waiting)
            return
        self.outcome.skipped.append(waiting)
        action = self._changes[waiting].action
        self._desk.events.emit(StepSkipped(waiting, action, because_of))


def _holds(change: Change) -> bool:
    """Whether what the record of a change uses must stay until the change is done.

    What is declared and waits for a person does not name in the stack what is removed.
    """
    return change.declared is None or change.action is not Action.DECIDE
