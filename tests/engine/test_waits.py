"""What happens while an apply waits: other applies, Ctrl-C, runs that vanish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from nvx.core.address import Address
from nvx.core.cloud import Uncertain
from nvx.core.events import StepFailed
from nvx.core.ports import StaleState
from nvx.core.resource import Checked
from nvx.core.state import Retire, Status
from nvx.engine.refresh import Refresh
from support.clock import FakeClock
from support.memory_store import MemoryStore
from support.site import Site, agree, block

CHAIN = [
    block("model_group.g"),
    block("dataset.d"),
    block("fine_tune.a", source="dataset.d", group="model_group.g"),
    block("evaluation.e", source="fine_tune.a"),
]
TUNE, EVALUATION = Address("fine_tune", "a"), Address("evaluation", "e")


class Meanwhile(FakeClock):
    """A clock that lets something happen during the first long sleep."""

    def __init__(self, site: Site, what: Callable[[], object]) -> None:
        super().__init__()
        self._site, self._what, self._done = site, what, False

    def now(self) -> datetime:
        return self._site.clock.now()

    def sleep(self, duration: timedelta) -> None:
        if duration >= timedelta(minutes=5) and not self._done:
            self._done = True
            self._what()
        self._site.clock.sleep(duration)


def meanwhile(site: Site, what: Callable[[], object]) -> None:
    """Apply the chain, with something going on during its first wait."""
    desk = replace(site.desk(), clock=Meanwhile(site, what))
    site.applying(*CHAIN, desk=desk).run(agree)


def test_another_apply_of_the_same_stack_does_no_harm() -> None:
    site = Site()
    meanwhile(site, lambda: site.apply(*CHAIN, detach=True))
    assert site.cloud.starts().total() == 2
    assert not site.plan(*CHAIN).listed


@pytest.mark.parametrize(
    "theirs",
    [
        [*CHAIN[:2], block("fine_tune.a", content="new", source="dataset.d")],
        [*CHAIN, block("dataset.added")],
    ],
    ids=["edited", "added"],
)
def test_another_apply_of_another_stack_stops_this_one(theirs: list[Checked]) -> None:
    site = Site()
    with pytest.raises(StaleState, match="another apply changed this stack"):
        meanwhile(site, lambda: site.apply(*theirs, detach=True))
    assert site.cloud.starts("evaluation").total() == 0
    assert site.cloud.of("dataset.d")


def test_another_apply_that_only_writes_does_not_stop_one_with_work_left() -> None:
    site = Site()
    site.cloud.limits["evaluation"] = 0
    site.apply(*CHAIN)
    edited = [*CHAIN[:3], block("evaluation.e", content="new", source="fine_tune.a")]
    slow = [*edited, block("fine_tune.b", content="b", source="dataset.d")]
    desk = replace(
        site.desk(),
        clock=Meanwhile(site, lambda: site.apply(*slow, detach=True, how=Refresh.FULL)),
    )
    assert site.applying(*slow, desk=desk).run(agree) is not None


def test_ctrl_c_before_the_walk_starts_nothing() -> None:
    site = Site()
    desk = site.desk()

    def stop(plan: object) -> bool:
        desk.stopping.set()
        return True

    summary = site.applying(*CHAIN, desk=desk).run(stop)
    assert summary is not None
    assert summary.interrupted
    assert site.cloud.changes == []


def test_ctrl_c_while_waiting_says_what_runs() -> None:
    site = Site()
    desk = site.desk()
    clock = Meanwhile(site, desk.stopping.set)
    summary = site.applying(*CHAIN, desk=replace(desk, clock=clock)).run(agree)
    assert summary is not None
    assert summary.interrupted
    assert summary.running == (TUNE,)
    assert site.shelf.owner is None
    assert not site.apply(*CHAIN).interrupted
    assert site.cloud.starts().total() == 2


def test_a_run_that_is_deleted_while_it_runs_is_missing() -> None:
    site = Site()
    desk = site.desk()
    clock = Meanwhile(site, lambda: site.cloud.lose(*site.cloud.of("fine_tune.a")))
    summary = site.applying(*CHAIN, desk=replace(desk, clock=clock)).run(agree)
    assert summary is not None
    assert summary.failed == (TUNE,)
    assert summary.undecided == (EVALUATION,)
    assert site.shown(*CHAIN)["fine_tune.a"] == "decide missing"


def test_a_finished_run_is_looked_at_before_it_is_consumed() -> None:
    site = Site()
    site.apply(*CHAIN[:3])
    site.cloud.lose(*site.cloud.of("fine_tune.a"))
    summary = site.apply(*CHAIN)
    assert summary.failed == (EVALUATION,)
    assert summary.undecided == (TUNE,)
    (failure,) = site.heard.of(StepFailed)
    assert failure.message == "fine_tune.a is missing: AWS does not know it any more"
    assert failure.truth == "nothing was created"
    plan = {str(c.address): c for c in site.plan(*CHAIN).changes}
    assert plan["evaluation.e"].reason == "upstream"
    assert plan["evaluation.e"].because_of == (TUNE,)
    assert site.cloud.starts("evaluation").total() == 0


def test_a_look_that_fails_before_a_start_leaves_nothing_unknown() -> None:
    site = Site()
    site.apply(*CHAIN[:3])
    site.cloud.fail("observe fine_tune", Uncertain("timed out"))
    summary = site.apply(*CHAIN)
    assert summary.failed == (EVALUATION,)
    (failure,) = site.heard.of(StepFailed)
    assert failure.truth == "nothing was created"


def test_a_run_of_a_removed_block_is_not_waited_for() -> None:
    site = Site()
    site.apply(*CHAIN, detach=True)
    summary = site.apply(*CHAIN[:2])
    assert summary.running == (TUNE,)
    assert summary.undecided == (TUNE,)
    assert not site.cloud.status(site.cloud.of("fine_tune.a")[0]).ended


def test_a_record_that_another_retired_is_noticed() -> None:
    site = Site()
    site.apply(*CHAIN, detach=True)
    run = site.record("fine_tune.a")

    def retire() -> None:
        store = MemoryStore(site.shelf)
        state = store.load()
        assert state is not None
        with store.lock("test"):
            store.append([Retire(run.address, run.id)])
            loaded = store.load()
            assert loaded is not None
            store.save(loaded)

    with pytest.raises(StaleState):
        meanwhile(site, retire)


def test_a_tag_for_a_run_that_is_gone_makes_it_missing() -> None:
    site = Site()
    site.apply(*CHAIN)
    gone = site.state.current(TUNE)
    assert gone is not None
    site.cloud.lose(site.cloud.things[gone.id])
    tagged = [
        block("fine_tune.a", source="dataset.d", group="model_group.g", tags={"a": "b"})
        if b.address == TUNE
        else b
        for b in CHAIN
    ]
    summary = site.apply(*tagged)
    assert summary is not None
    assert summary.failed == (TUNE,)
    now = site.state.current(TUNE)
    assert now is not None
    assert now.status is Status.MISSING
    assert not site.plan(*tagged).pending
