"""A place to apply fake stacks in: a cloud, a shelf for state, a clock, and the blocks of a stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from nvx.core.address import Address
from nvx.core.diagnostics import Location
from nvx.core.events import PassStarted, Summary
from nvx.core.plan import Plan
from nvx.core.planner import NO_OPTIONS, Options
from nvx.core.ports import StateStore
from nvx.core.resource import Checked, Declared, Nature, Scope, StackSettings
from nvx.core.state import Record, State
from nvx.core.values import Reference
from nvx.engine.apply import Apply
from nvx.engine.declare import declare
from nvx.engine.desk import Desk, Pace
from nvx.engine.look import look
from nvx.engine.refresh import Refresh
from support.clock import FakeClock
from support.cloud import FakeCloud
from support.fake_kinds import FAKES, Fields
from support.fuse import Fuse
from support.memory_store import DEMO, MemoryStore, Shelf

STACK = StackSettings(DEMO.stack, DEMO.region, account=DEMO.account)
PACE = Pace(runs_s=600, imports_s=2, import_limit_s=600, settle_grace_s=20, missing_s=5)
SPECS = {(fake.name, fake.variant): fake for fake in FAKES}


class NoSources:
    """Fake kinds read nothing."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def block(address: str, variant: str | None = None, **fields: Any) -> Checked:
    """A checked block. `source`, `group` and `after` take addresses, as text."""
    at = Address.parse(address)
    if "source" in fields:
        fields["source"] = Reference(Address.parse(fields["source"]), "id")
    if "group" in fields:
        fields["group"] = Reference(Address.parse(fields["group"]), "id")
    if "after" in fields:
        fields["after"] = tuple(Reference(Address.parse(a)) for a in fields["after"])
    chosen = ("sft" if at.kind == "fine_tune" else "") if variant is None else variant
    return Checked(at, at.kind, chosen, Fields(**fields), ".", Location("stack.toml", 1, 1))


def declared(*blocks: Checked) -> tuple[Declared, ...]:
    """Blocks with their digests."""
    return declare(blocks, STACK, SPECS, NoSources())[0]


def agree(plan: Plan) -> bool:
    """Approve every plan."""
    return True


@dataclass
class Listener:
    """Keeps the events."""

    events: list[object] = field(default_factory=list)

    def emit(self, event: object) -> None:
        """Take one. No apply of a test needs a hundred passes: it would go on for ever."""
        self.events.append(event)
        if isinstance(event, PassStarted) and event.number > 100:
            raise RuntimeError("an apply that does not end")

    def of(self, kind: type[Any]) -> list[Any]:
        """Those of a type."""
        return [event for event in self.events if isinstance(event, kind)]


class Site:
    """One account with one stack."""

    def __init__(self, store: StateStore | None = None, parallelism: int = 1) -> None:
        self.clock = FakeClock()
        self.cloud = FakeCloud(self.clock)
        self.shelf = Shelf()
        self.heard = Listener()
        self.parallelism = parallelism
        self._store = store

    def desk(self, fuse: Fuse | None = None) -> Desk:
        """A new process: nothing in memory but what it reads."""
        self.cloud.fuse = fuse or Fuse()
        self.heard = Listener()
        return Desk(
            scope=Scope(STACK, lineage=""),
            kinds={key: spec(self.cloud) for key, spec in SPECS.items()},
            store=self._store or MemoryStore(self.shelf, fuse=self.cloud.fuse),
            clock=self.clock,
            events=self.heard,
            parallelism=self.parallelism,
            pace=PACE,
        )

    def applying(
        self, *blocks: Checked, rerun: Sequence[str] = (), destroy: bool = False, **how: Any
    ) -> Apply:
        """An apply that did not begin."""
        options = Options(frozenset(map(Address.parse, rerun)), destroy)
        desk = how.pop("desk", None) or self.desk(how.pop("fuse", None))
        return Apply(desk, declared(*blocks), options=options, **how)

    def apply(self, *blocks: Checked, **how: Any) -> Summary:
        """Apply until it ends."""
        summary = self.applying(*blocks, **how).run(agree)
        assert summary is not None
        return summary

    def destroy(self, *blocks: Checked, **how: Any) -> Summary:
        """Destroy the stack."""
        return self.apply(*blocks, destroy=True, **how)

    def plan(
        self, *blocks: Checked, options: Options = NO_OPTIONS, how: Refresh = Refresh.NORMAL
    ) -> Plan:
        """The plan as things stand."""
        return look(self.desk(), declared(*blocks), options, how)

    def shown(self, *blocks: Checked, **how: Any) -> dict[str, str]:
        """Address → action and reason of what the plan lists."""
        plan = self.plan(*blocks, **how)
        return {str(c.address): f"{c.action} {c.reason}".strip() for c in plan.listed}

    @property
    def state(self) -> State:
        """What is recorded."""
        state = (self._store or MemoryStore(self.shelf)).load()
        assert state is not None
        return state

    @property
    def records(self) -> list[Record]:
        """Every record, history too."""
        return [r for records in self.state.records.values() for r in records]

    def record(self, address: str) -> Record:
        """The current record of an address."""
        found = self.state.current(Address.parse(address))
        assert found is not None, address
        return found

    def current_run_ids(self) -> set[str]:
        """What the addresses of runs stand for."""
        return {r.id for r in self.state.currents() if r.nature is Nature.RUN}
