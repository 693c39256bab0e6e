"""Apply as a loop of passes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from nvx.core.address import Address
from nvx.core.cloud import CloudError, Limited, Rejected, Throttled, Uncertain
from nvx.core.events import PassStarted, RunEnded, StepSkipped
from nvx.core.state import Status
from nvx.engine.refresh import Refresh
from nvx.store.file import FileStore
from support.memory_store import somebody
from support.site import STACK, Site, block

CHAIN = [
    block("model_group.g"),
    block("dataset.d"),
    block("fine_tune.a", source="dataset.d", group="model_group.g"),
    block("evaluation.e", source="fine_tune.a"),
]
TUNE, EVALUATION = Address("fine_tune", "a"), Address("evaluation", "e")


def test_a_chain_is_done_in_three_passes() -> None:
    site = Site()
    summary = site.apply(*CHAIN)
    assert len(site.heard.of(PassStarted)) == 3
    assert summary.applied == {"create": 4}
    assert (summary.failed, summary.running, summary.undecided) == ((), (), ())
    assert not site.plan(*CHAIN).listed
    ended = [event.address for event in site.heard.of(RunEnded)]
    assert ended == []  # the plan heard nothing new
    assert site.record("evaluation.e").outputs["score"] == 1
    assert site.record("evaluation.e").upstream == {
        "fine_tune.a": site.record("fine_tune.a").id
    }


def test_the_state_is_the_same_in_files(tmp_path: Path) -> None:
    store = FileStore(tmp_path, STACK.name, STACK.account, STACK.region, holder=somebody)
    site, memory = Site(store), Site()
    site.apply(*CHAIN)
    memory.apply(*CHAIN)
    assert site.state.records == memory.state.records
    assert not site.plan(*CHAIN).listed


def test_detached_it_is_one_pass_and_a_later_apply_goes_on() -> None:
    site = Site()
    summary = site.apply(*CHAIN, detach=True)
    assert len(site.heard.of(PassStarted)) == 1
    assert summary.running == (TUNE,)
    assert site.shown(*CHAIN)["fine_tune.a"] == "wait running"
    site.clock.sleep(timedelta(hours=2))
    assert site.apply(*CHAIN, detach=True).running == (EVALUATION,)
    assert site.cloud.starts().total() == 2


def test_a_plan_that_is_not_approved_leaves_nothing_behind() -> None:
    site = Site()
    assert site.applying(*CHAIN).run(lambda plan: False) is None
    assert site.shelf.snapshot is None
    site.apply(*CHAIN, detach=True)
    site.clock.sleep(timedelta(hours=2))
    before = (site.shelf.snapshot, list(site.shelf.journal))
    assert site.applying(*CHAIN).run(lambda plan: False) is None
    assert (site.shelf.snapshot, site.shelf.journal) == before
    assert site.cloud.changes == [c for c in site.cloud.changes if "evaluation" not in c]


def test_a_first_apply_looks_once() -> None:
    site = Site()
    site.apply(block("dataset.d"), detach=True)
    assert site.cloud.calls[:2] == ["observe dataset dataset.d", "create dataset dataset.d"]


def test_a_rerun_that_is_asked_for_is_started_once() -> None:
    site = Site()
    site.apply(*CHAIN)
    summary = site.apply(*CHAIN, rerun=["fine_tune.a"])
    assert summary.applied == {"rerun": 2}
    assert [r.attempt for r in site.state.records[TUNE]] == [1, 2]
    assert site.record("evaluation.e").upstream == {
        "fine_tune.a": site.record("fine_tune.a").id
    }
    assert not site.plan(*CHAIN).listed


@pytest.mark.parametrize("after", [True, False])
def test_a_rerun_without_an_answer_is_started_once(after: bool) -> None:
    site = Site()
    site.apply(*CHAIN)
    site.cloud.fail("create fine_tune", Uncertain("?"), after=after)
    summary = site.apply(*CHAIN, rerun=["fine_tune.a"])
    assert site.cloud.starts("fine_tune").total() == 2
    assert summary.failed == ()
    assert not site.plan(*CHAIN).listed


def test_a_run_that_is_running_is_not_rerun_in_a_later_pass() -> None:
    site = Site()
    site.apply(*CHAIN, detach=True)
    site.apply(*CHAIN, rerun=["fine_tune.a"])
    assert site.cloud.starts("fine_tune").total() == 1


@pytest.mark.parametrize("end", [Status.FAILED, Status.STOPPED, Status.PARTIAL])
def test_below_a_run_that_ends_badly_nothing_starts(end: Status) -> None:
    site = Site()
    site.cloud.ends["fine_tune.a"] = end
    summary = site.apply(*CHAIN)
    assert summary.failed == (TUNE,)
    assert summary.undecided == (EVALUATION,)
    assert site.record("fine_tune.a").detail == f"the service said: {end}"
    assert site.shown(*CHAIN)["evaluation.e"] == "decide upstream"
    assert site.apply(*CHAIN).applied == {}


def test_a_rerun_that_fails_is_said_though_the_run_before_it_stands_again() -> None:
    site = Site()
    site.apply(*CHAIN)
    site.cloud.ends["fine_tune.a"] = Status.FAILED
    summary = site.apply(*CHAIN, rerun=["fine_tune.a"])
    assert summary.failed == (TUNE,)
    assert site.record("fine_tune.a").attempt == 1
    assert not site.plan(*CHAIN).listed


def test_an_evaluation_that_fails_after_a_rerun_is_not_paid_for_again_and_again() -> None:
    site = Site()
    site.apply(*CHAIN)
    site.cloud.ends["evaluation.e"] = Status.FAILED
    summary = site.apply(*CHAIN, rerun=["fine_tune.a"])
    assert summary.failed == (EVALUATION,)
    assert site.cloud.starts("evaluation").total() == 2
    assert site.shown(*CHAIN) == {"evaluation.e": "decide failed"}
    del site.cloud.ends["evaluation.e"]
    assert site.apply(*CHAIN, rerun=["evaluation.e"]).applied == {"rerun": 1}
    assert not site.plan(*CHAIN).listed


def test_a_manual_run_waits_for_a_person() -> None:
    site = Site()
    site.apply(*CHAIN)
    edited = [*CHAIN[:2], block("fine_tune.a", content="new", manual=True, source="dataset.d")]
    summary = site.apply(*edited)
    assert summary.undecided == (TUNE,)
    assert site.apply(*edited, rerun=["fine_tune.a"]).applied["rerun"] == 1


@pytest.mark.parametrize("after", [True, False])
def test_a_create_without_an_answer_is_settled_and_gone_on_with(after: bool) -> None:
    site = Site()
    site.cloud.fail("create dataset", Uncertain("timed out"), after=after)
    summary = site.apply(*CHAIN)
    assert (summary.failed, summary.skipped) == ((), ())
    assert site.cloud.starts().total() == 2
    assert site.state.intents == {}
    assert len(site.cloud.of("dataset.d")) == 1


def test_calls_that_never_answer_end_the_apply() -> None:
    site = Site()
    site.cloud.fail("create dataset", *[Uncertain("timed out")] * 9)
    summary = site.apply(*CHAIN)
    assert len(site.heard.of(PassStarted)) == 3
    assert summary.failed == (Address("dataset", "d"),)
    assert set(summary.skipped) == {TUNE, EVALUATION}
    assert len(site.state.intents) == 1


def test_a_clear_no_is_heard_once() -> None:
    site = Site()
    site.cloud.fail("create fine_tune", *[Rejected("no")] * 9)
    two = [*CHAIN, block("evaluation.f", content="other", source="dataset.d")]
    summary = site.apply(*two)
    assert summary.failed == (TUNE,)
    assert summary.skipped == (EVALUATION,)
    assert site.record("evaluation.f").status is Status.READY
    assert len(site.cloud.faults["create fine_tune"]) == 8
    assert site.state.intents == {}


@pytest.mark.parametrize("error", [Throttled("slow down"), Limited("quota")])
def test_what_may_work_later_is_tried_when_a_run_ends(error: CloudError) -> None:
    site = Site()
    site.cloud.fail("create fine_tune", error)
    two = [*CHAIN, block("evaluation.f", content="other", source="dataset.d")]
    summary = site.apply(*two)
    assert (summary.failed, summary.limited, summary.skipped) == ((), (), ())
    assert not site.plan(*two).listed


def test_a_quota_lets_runs_follow_each_other() -> None:
    site = Site()
    site.cloud.limits["fine_tune"] = 1
    three = [block("dataset.d")]
    three += [block(f"fine_tune.{n}", content=n, source="dataset.d") for n in "abc"]
    summary = site.apply(*three)
    assert summary.limited == ()
    assert site.cloud.starts().total() == 3
    assert not site.plan(*three).listed


def test_a_quota_that_others_use_up_ends_the_apply_without_a_failure() -> None:
    site = Site()
    site.cloud.limits["fine_tune"] = 0
    summary = site.apply(*CHAIN)
    assert (summary.limited, summary.failed, summary.running) == ((TUNE,), (), ())
    assert site.state.intents == {}
    assert site.shown(*CHAIN)["fine_tune.a"] == "create declared"


def test_no_refresh_settles_all_the_same() -> None:
    site = Site()
    site.cloud.fail("create fine_tune", Uncertain("?"), after=True)
    site.apply(*CHAIN, detach=True)
    assert len(site.state.intents) == 1
    site.apply(*CHAIN, detach=True, how=Refresh.NONE)
    assert site.cloud.starts("fine_tune").total() == 1
    assert site.state.intents == {}


def test_a_lost_record_in_another_state_is_found_again() -> None:
    site = Site()
    site.apply(*CHAIN, detach=True)
    lineage = site.state.lineage
    site.shelf.snapshot, site.shelf.journal = None, []
    summary = site.apply(*CHAIN)
    assert summary.applied["adopt"] == 3
    assert site.state.lineage == lineage
    assert site.cloud.starts().total() == 2


def test_an_address_that_is_skipped_is_said_once() -> None:
    site = Site()
    site.cloud.fail("create dataset", Rejected("no"))
    summary = site.apply(*CHAIN)
    assert summary.failed == (Address("dataset", "d"),)
    assert {s.address for s in site.heard.of(StepSkipped)} == {TUNE, EVALUATION}
