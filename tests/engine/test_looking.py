"""Plans, refreshes and what an interrupted run left: looks that change nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nvx.core.address import Address
from nvx.core.cloud import Rejected, Uncertain
from nvx.core.diagnostics import DiagnosticError
from nvx.core.events import RunEnded, Settled
from nvx.core.planner import Options
from nvx.core.ports import NewerFormat
from nvx.core.state import Status
from nvx.core.values import Reference, Template, Value
from nvx.engine.declare import declare
from nvx.engine.desk import Book, Desk
from nvx.engine.outputs import resolved
from nvx.engine.refresh import Refresh, update_run
from nvx.engine.watch import running_of, until_one_ends
from support.fuse import Crash, Fuse
from support.memory_store import MemoryStore
from support.site import SPECS, STACK, NoSources, Site, block, declared

DATA = block("dataset.d")
TUNE = block("fine_tune.a", source="dataset.d")
EVALUATION = block("evaluation.e", source="fine_tune.a")
CHAIN = [block("model_group.g"), DATA, TUNE, EVALUATION]


def test_a_plan_reads_and_writes_nothing() -> None:
    site = Site()
    assert len(site.plan(*CHAIN).listed) == 4
    assert site.shelf.snapshot is None
    site.cloud.fail("create fine_tune", Uncertain("?"), after=True)
    site.apply(*CHAIN, detach=True)
    before, calls = (site.shelf.snapshot, list(site.shelf.journal)), len(site.cloud.calls)
    plan = site.plan(*CHAIN)
    assert (site.shelf.snapshot, site.shelf.journal) == before
    assert {call.split()[0] for call in site.cloud.calls[calls:]} <= {
        "find",
        "observe",
        "recover",
    }
    assert plan.serial == site.state.serial


def test_finished_runs_cost_no_call() -> None:
    site = Site()
    site.apply(*CHAIN)
    calls = len(site.cloud.calls)
    site.plan(*CHAIN)
    assert site.cloud.calls[calls:] == [
        "observe model_group model_group.g",
        "observe dataset dataset.d",
    ]


def test_running_runs_cost_one_call_and_without_refresh_nothing_does() -> None:
    site = Site()
    site.apply(*CHAIN, detach=True)
    calls = len(site.cloud.calls)
    site.plan(*CHAIN)
    assert site.cloud.calls[calls:].count("observe fine_tune fine_tune.a") == 1
    calls = len(site.cloud.calls)
    assert site.shown(*CHAIN, how=Refresh.NONE)["fine_tune.a"] == "wait running"
    assert len(site.cloud.calls) == calls


def test_a_full_refresh_finds_a_finished_run_gone_and_back() -> None:
    site = Site()
    site.apply(*CHAIN)
    (thing,) = site.cloud.of("fine_tune.a")
    site.cloud.lose(thing)
    assert not site.plan(*CHAIN).listed
    assert site.shown(*CHAIN, how=Refresh.FULL) == {"fine_tune.a": "decide missing"}
    site.apply(*CHAIN, how=Refresh.FULL)
    assert site.record("fine_tune.a").status is Status.MISSING
    site.cloud.things[thing.id] = thing
    assert not site.plan(*CHAIN, how=Refresh.FULL).listed


def test_one_answer_of_not_found_proves_nothing() -> None:
    site = Site()
    site.apply(*CHAIN, detach=True)
    site.clock.sleep(timedelta(minutes=5))
    site.cloud.lag = timedelta(minutes=5, seconds=3)
    assert site.shown(*CHAIN)["fine_tune.a"] == "wait running"


def test_a_new_run_that_is_not_shown_yet_is_not_missing() -> None:
    site = Site()
    site.apply(*CHAIN, detach=True)
    site.cloud.lag = timedelta(seconds=15)
    assert site.shown(*CHAIN)["fine_tune.a"] == "wait running"
    assert site.apply(*CHAIN).failed == ()
    assert site.cloud.starts().total() == 2


def test_what_is_shown_late_is_settled_patiently() -> None:
    site = Site()
    site.cloud.lag = timedelta(seconds=12)
    site.cloud.fail("create fine_tune", Uncertain("?"), after=True)
    assert site.apply(*CHAIN).failed == ()
    assert site.cloud.starts("fine_tune").total() == 1
    assert len(site.cloud.of("fine_tune.a")) == 1


def test_a_run_that_ended_before_it_was_settled_has_its_results() -> None:
    site = Site()
    site.cloud.fail("create fine_tune", Uncertain("?"), after=True)
    site.apply(*CHAIN, detach=True)
    site.clock.sleep(timedelta(hours=2))
    site.apply(*CHAIN)
    assert site.record("fine_tune.a").outputs["score"] == 1
    assert site.cloud.starts().total() == 2


def test_a_claim_that_made_nothing_is_dropped_and_one_of_a_stranger_is_not_adopted() -> None:
    site = Site()
    site.cloud.fail("create dataset", Uncertain("?"))
    site.apply(DATA, detach=True)
    site.apply(DATA, detach=True)
    assert [event.adopted for event in site.heard.of(Settled)] == [False]
    site.cloud.fail("create fine_tune", Uncertain("?"), after=True)
    site.apply(DATA, TUNE, detach=True)
    site.cloud.of("fine_tune.a")[0].lineage = "somebody's"
    site.plan(DATA, TUNE)
    assert [event.adopted for event in site.heard.of(Settled)] == [False]


def test_a_look_for_a_claim_that_fails_keeps_it() -> None:
    site = Site()
    site.cloud.fail("create dataset", Uncertain("?"), after=True)
    site.apply(DATA, detach=True)
    site.cloud.fail("find dataset", Rejected("no"))
    with pytest.raises(Rejected):
        site.apply(DATA)
    assert len(site.state.intents) == 1
    assert site.shelf.owner is None


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5, 6, 7, 8])
def test_a_crash_with_a_rerun_does_not_start_it_twice(at: int) -> None:
    site = Site()
    site.apply(DATA, TUNE)
    with pytest.raises(Crash):
        site.apply(DATA, TUNE, rerun=["fine_tune.a"], fuse=Fuse(at))
    site.apply(DATA, TUNE, rerun=["fine_tune.a"])
    assert site.cloud.starts().total() == 2
    assert max(site.cloud.starts().values()) == 1


def test_a_run_found_running_is_adopted_and_waited_for() -> None:
    site = Site()
    site.apply(*CHAIN, detach=True)
    site.shelf.snapshot, site.shelf.journal = None, []
    assert site.shown(*CHAIN)["fine_tune.a"] == "adopt running"
    summary = site.apply(*CHAIN)
    assert summary.running == ()
    assert summary.applied == {"adopt": 3, "create": 1}
    assert site.cloud.starts("fine_tune").total() == 1


def test_two_states_that_own_one_stack_are_an_error() -> None:
    site = Site()
    site.apply(DATA, block("dataset.e"))
    site.cloud.of("dataset.e")[0].lineage = "somebody's"
    site.shelf.snapshot, site.shelf.journal = None, []
    with pytest.raises(DiagnosticError, match="Two states own resources"):
        site.apply(DATA, block("dataset.e"))
    assert site.shelf.snapshot is None


def test_a_record_of_a_kind_that_is_not_known_says_so() -> None:
    site = Site()
    site.apply(*CHAIN, detach=True)
    desk = site.desk()
    known = {key: kind for key, kind in desk.kinds.items() if key[0] != "fine_tune"}
    old = Desk(desk.scope, known, desk.store, desk.clock, desk.events, pace=desk.pace)
    with pytest.raises(NewerFormat, match="fine_tune sft, which this nvx does not know"):
        site.applying(DATA, desk=old).run(lambda plan: True)


def test_watching_reports_and_gives_up() -> None:
    site = Site()
    site.apply(*CHAIN, detach=True)
    desk = site.desk()
    running = running_of(site.state)
    assert [r.address for r in running] == [Address("fine_tune", "a")]
    assert not until_one_ends(desk, running, timedelta(minutes=15))
    site.cloud.fail("observe fine_tune", Uncertain("?"), Uncertain("?"))
    assert until_one_ends(desk, running, timedelta(hours=2))
    assert not until_one_ends(desk, ())
    desk.stopping.set()
    assert not until_one_ends(desk, running)


def test_a_run_that_is_looked_at_once_more_has_nothing_new() -> None:
    site = Site()
    site.apply(*CHAIN)
    book = Book(site.state)
    record = site.record("fine_tune.a")
    assert update_run(site.desk(), book, record).status is Status.READY
    assert site.heard.of(RunEnded) == []


def test_outputs_are_null_until_they_are_known() -> None:
    site = Site()
    model = Reference(Address("fine_tune", "a"), "model")
    outputs: dict[str, Value] = {"model": model, "text": Template(("m: ", model)), "fixed": "x"}
    assert resolved(outputs, None) == {"model": None, "text": None, "fixed": "x"}
    site.apply(*CHAIN, detach=True)
    assert resolved(outputs, site.state)["model"] is None
    site.apply(*CHAIN)
    name = f"model of {site.record('fine_tune.a').id}"
    assert resolved(outputs, site.state) == {"model": name, "text": f"m: {name}", "fixed": "x"}


def test_every_problem_of_a_stack_is_said_at_once() -> None:
    stack = [
        block("dataset.d", content="unreadable"),
        block("dataset.e", content="unreadable"),
        block("fine_tune.a"),
        block("fine_tune.b"),
        block("fine_tune.c", source="dataset.d"),
    ]
    with pytest.raises(DiagnosticError) as raised:
        declared(*stack)
    told = sorted(d.summary for d in raised.value.diagnostics)
    assert told == ["No such file", "No such file", "Two runs are the same"]


def test_a_dependency_cycle_is_an_error() -> None:
    ring = [
        block("fine_tune.a", source="fine_tune.b"),
        block("fine_tune.b", source="fine_tune.a"),
    ]
    with pytest.raises(DiagnosticError) as raised:
        declared(*ring)
    assert "fine_tune.a -> fine_tune.b -> fine_tune.a" in raised.value.diagnostics[0].detail


def test_warnings_come_with_what_is_declared() -> None:
    found, warnings = declare([block("dataset.d", content="odd")], STACK, SPECS, NoSources())
    assert len(found) == 1
    assert [w.code for w in warnings] == ["odd"]


def test_destroy_is_planned_from_what_is_recorded() -> None:
    site = Site()
    site.apply(*CHAIN)
    plan = site.plan(*CHAIN, options=Options(destroy=True))
    shown = {str(c.address): f"{c.action} {c.reason}" for c in plan.changes}
    assert shown == {
        "evaluation.e": "forget destroyed",
        "fine_tune.a": "forget destroyed",
        "model_group.g": "delete destroyed",
        "dataset.d": "forget still_used",
    }
    assert MemoryStore(site.shelf).load() == site.state
