"""Any life of a stack: edits, faults, deaths and strangers, in any order; then one clean apply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from nvx.core.cloud import CloudError, Limited, Rejected, Throttled, Uncertain
from nvx.core.diagnostics import NvxError
from nvx.core.plan import Plan
from nvx.core.ports import StaleState
from nvx.core.resource import Checked, Nature, OnRemove
from nvx.core.state import Status
from support.clock import FakeClock
from support.fuse import Crash, Fuse
from support.site import Site, block, declared

KINDS = ("model_group", "dataset", "fine_tune", "evaluation")
CALLS = st.sampled_from(
    [f"{verb} {kind}" for verb in ("create", "update", "delete") for kind in KINDS]
)
ERRORS: Sequence[type[CloudError]] = (Rejected, Limited, Throttled)
TEXT = st.sampled_from(["one", "two", "three"])


class Life(RuleBasedStateMachine):
    """What people, AWS and bad luck do to one stack."""

    def __init__(self) -> None:
        super().__init__()
        self.site = Site()
        self.says: dict[str, str] = dict.fromkeys(("rows", "tune", "more", "group"), "one")
        self.left_out: set[str] = set()
        self.tags: dict[str, str] = {}
        self.tune = "fine_tune.a"
        self.data = "dataset.d"
        self.protect = False
        self.manual = False
        self.reruns = 0
        self.shown: set[str] = set()

    def blocks(self) -> list[Checked]:
        """The stack as it is written now."""
        policy: dict[str, Any] = {
            "protect": self.protect,
            "manual": self.manual,
            "on_remove": OnRemove.STOP,
        }
        group = {"group": "model_group.g"} if "model_group.g" not in self.left_out else {}
        all_blocks = [
            block("model_group.g", content=self.says["group"], tags=self.tags),
            block(self.data, content=self.says["rows"], name="tickets", tags=self.tags),
            block("dataset.more", content="more", document=self.says["more"]),
            block(
                self.tune,
                content=self.says["tune"],
                source=self.data,
                tags=self.tags,
                **group,
                **policy,
            ),
            block("evaluation.e", source=self.tune, protect=self.protect),
            block("evaluation.f", source="dataset.more"),
        ]
        return [b for b in all_blocks if str(b.address) not in self._gone()]

    def _gone(self) -> set[str]:
        gone = set(self.left_out)
        for needed, by in (
            (self.data, self.tune),
            ("dataset.more", "evaluation.f"),
            (self.tune, "evaluation.e"),
        ):
            if needed in gone:
                gone.add(by)
        return gone

    @rule(what=st.sampled_from(["rows", "tune", "more", "group"]), text=TEXT)
    def edit(self, what: str, text: str) -> None:
        self.says[what] = text

    @rule(tags=st.dictionaries(st.sampled_from(["a", "b"]), TEXT, max_size=1))
    def tag(self, tags: dict[str, str]) -> None:
        self.tags = tags

    @rule(to=st.sampled_from(["fine_tune.a", "fine_tune.b"]))
    def rename_run(self, to: str) -> None:
        self.tune = to

    @rule(to=st.sampled_from(["dataset.d", "dataset.c"]))
    def rename_dataset(self, to: str) -> None:
        self.data = to

    @rule(
        out=st.sets(
            st.sampled_from(["model_group.g", "dataset.more", "evaluation.e", "fine_tune.a"])
        )
    )
    def leave_out(self, out: set[str]) -> None:
        self.left_out = out

    @rule(protect=st.booleans(), manual=st.booleans())
    def policy(self, protect: bool, manual: bool) -> None:
        self.protect, self.manual = protect, manual

    @rule(call=CALLS, error=st.sampled_from(ERRORS), times=st.integers(1, 2))
    def fail(self, call: str, error: type[CloudError], times: int) -> None:
        self.site.cloud.fail(call, *[error("no") for _ in range(times)])

    @rule(call=CALLS, after=st.booleans(), times=st.integers(1, 4))
    def no_answer(self, call: str, after: bool, times: int) -> None:
        self.site.cloud.fail(call, *[Uncertain("?") for _ in range(times)], after=after)

    @rule(address=st.sampled_from(["dataset.more", "fine_tune.a", "evaluation.e"]))
    def end_badly(self, address: str) -> None:
        self.site.cloud.ends[address] = Status.FAILED

    @rule(which=st.integers(0, 9))
    def delete_out_of_band(self, which: int) -> None:
        things = list(self.site.cloud.things.values())
        if which < len(things):
            self.site.cloud.lose(things[which])

    @rule(minutes=st.sampled_from([1, 90]))
    def wait(self, minutes: int) -> None:
        self.site.clock.sleep(timedelta(minutes=minutes))

    @rule(detach=st.booleans())
    def apply(self, detach: bool) -> None:
        self._apply(detach=detach)

    @rule(at=st.integers(1, 60), again=st.integers(1, 30))
    def die(self, at: int, again: int) -> None:
        for point in (at, again):
            try:
                self._apply(fuse=Fuse(point))
            except Crash:
                continue

    @rule(at=st.integers(1, 40))
    def die_destroying(self, at: int) -> None:
        try:
            self._apply(destroy=True, fuse=Fuse(at), detach=True)
        except Crash:
            return

    @rule()
    def rerun(self) -> None:
        tune = [str(b.address) for b in self.blocks() if b.kind == "fine_tune"]
        self.reruns += len(tune)
        self._apply(rerun=tune)

    @rule(what=st.sampled_from(["rows", "tune"]), text=TEXT)
    def another_writer(self, what: str, text: str) -> None:
        """Somebody applies another version of the stack while this one waits."""
        mine = self.blocks()
        self.says[what] = text
        clock = Interrupted(self.site, self.blocks())
        desk = replace(self.site.desk(), clock=clock)
        try:
            self.site.applying(*mine, desk=desk).run(self._approved)
        except (StaleState, CloudError):
            return

    @precondition(lambda self: self.site.shelf.snapshot is not None)
    @rule()
    def settle_down(self) -> None:
        """One clean apply."""
        cloud = self.site.cloud
        cloud.faults.clear()
        cloud.ends.clear()
        self.site.clock.sleep(timedelta(hours=2))
        self._apply()
        blocks, state = self.blocks(), self.site.state
        assert state.problems() == ()
        assert state.intents == {}
        assert not self.site.plan(*blocks).pending, self.site.shown(*blocks)
        assert cloud.duplicates() == []
        assert cloud.unrecorded(self.site.records) == []
        assert max(Counter(r.id for r in self.site.records).values(), default=0) <= 1
        assert max(cloud.starts().values(), default=0) <= 1
        self._all_that_is_wished_stands(blocks)

    def _all_that_is_wished_stands(self, blocks: Sequence[Checked]) -> None:
        undecided = {c.address for c in self.site.plan(*blocks).listed}
        for one in declared(*blocks):
            record = self.site.state.current(one.address)
            if one.address in undecided:
                continue
            assert record is not None
            assert (record.digest, record.status) == (one.digest, Status.READY)
            if one.nature is not Nature.RUN:
                assert record.id in self.site.cloud.things
                thing = self.site.cloud.things[record.id]
                assert (record.wanted.get("tags") or {}) == (thing.tags or {})

    def _approved(self, plan: Plan) -> bool:
        self.shown = {c.digest_after for c in plan.paid_starts}
        return True

    def _apply(self, **how: Any) -> None:
        """An apply, clean or not; nothing may happen that was not shown."""
        cloud = self.site.cloud
        blocks = () if how.get("destroy") else self.blocks()
        before, effects = cloud.starts(), len(cloud.effects)
        state = self.site.state if self.site.shelf.snapshot is not None else None
        guarded = {r.id for r in state.currents() if r.protect} if state is not None else set()
        self.shown = set()
        try:
            self.site.applying(*blocks, **how).run(self._approved)
        except NvxError:
            pass
        finally:
            started = {digest for digest, _ in cloud.starts() - before}
            assert started <= self.shown
            gone = {e.id for e in cloud.effects[effects:] if e.verb == "delete"}
            assert not gone & guarded
            counts = Counter(digest for digest, _ in cloud.starts().elements())
            assert max(counts.values(), default=0) <= 1 + self.reruns


class Interrupted(FakeClock):
    """A clock during whose first long sleep somebody else applies."""

    def __init__(self, site: Site, blocks: Sequence[Checked]) -> None:
        super().__init__()
        self._site = site
        self._blocks = blocks
        self._done = False

    def now(self) -> Any:
        return self._site.clock.now()

    def sleep(self, duration: timedelta) -> None:
        if not self._done and duration >= timedelta(minutes=5):
            self._done = True
            self._site.applying(*self._blocks, detach=True).run(lambda plan: True)
        self._site.clock.sleep(duration)


Life.TestCase.settings = settings(stateful_step_count=15)
TestAnyLife = Life.TestCase
