"""The order of steps, what is skipped, put off, and what an import that fails means."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nvx.core.address import Address
from nvx.core.cloud import Rejected
from nvx.core.diagnostics import DiagnosticError
from nvx.core.events import Progress, StepDone, StepFailed, StepSkipped
from nvx.core.plan import Plan
from nvx.core.ports import LockLost
from nvx.core.state import Status
from support.site import Site, agree, block

DATA = block("dataset.d")
TUNE = block("fine_tune.a", source="dataset.d")


def test_in_parallel_everything_is_after_what_it_depends_on() -> None:
    site = Site(parallelism=8)
    wide = [block(f"dataset.d{n}", content=str(n)) for n in range(20)]
    wide += [block(f"fine_tune.f{n}", source=f"dataset.d{n}") for n in range(20)]
    wide += [block(f"evaluation.e{n}", source=f"fine_tune.f{n}") for n in range(20)]
    site.apply(*wide)
    assert len(site.cloud.things) == 60
    order = {e.id: n for n, e in enumerate(site.cloud.effects)}
    assert all(order[e.source] < order[e.id] for e in site.cloud.effects if e.source)
    assert not site.plan(*wide).listed


def test_independent_branches_go_on_below_a_failure_steps_are_skipped() -> None:
    site = Site()
    site.cloud.fail("create dataset", Rejected("no"))
    branches = [
        block("dataset.a", content="a"),
        block("fine_tune.a", source="dataset.a"),
        block("evaluation.a", source="fine_tune.a"),
        block("dataset.b"),
        block("fine_tune.b", source="dataset.b"),
    ]
    summary = site.apply(*branches)
    assert summary.failed == (Address("dataset", "a"),)
    assert set(summary.skipped) == {Address("fine_tune", "a"), Address("evaluation", "a")}
    assert site.record("fine_tune.b").status is Status.READY
    assert not site.state.records.get(Address("fine_tune", "a"))


def test_a_skip_says_because_of_what() -> None:
    site = Site()
    site.cloud.fail("create dataset", Rejected("no"))
    site.apply(DATA, TUNE, block("evaluation.e", source="fine_tune.a"))
    told = {s.address.kind: s.because_of.kind for s in site.heard.of(StepSkipped)}
    assert told == {"fine_tune": "dataset", "evaluation": "fine_tune"}


def test_an_import_is_waited_for_inside_the_pass() -> None:
    site = Site()
    site.cloud.import_time = timedelta(seconds=30)
    site.apply(DATA, TUNE)
    waits = [p.elapsed_s for p in site.heard.of(Progress) if p.address.kind == "dataset"]
    assert waits == [2.0, 5.0, 9.5, 16.25, 26.25]
    done = [d.address.kind for d in site.heard.of(StepDone)]
    assert done == ["dataset", "fine_tune"]


def test_an_import_that_fails_stops_what_needs_it() -> None:
    site = Site()
    site.cloud.ends["dataset.d"] = Status.FAILED
    summary = site.apply(DATA, TUNE, block("evaluation.e"))
    assert summary.failed == (Address("dataset", "d"),)
    assert summary.skipped == (Address("fine_tune", "a"),)
    (failure,) = site.heard.of(StepFailed)
    assert failure.message == "the service said: failed"
    assert failure.truth == "it was created and is recorded"
    assert len(site.cloud.of("dataset.d")) == 1
    del site.cloud.ends["dataset.d"]
    assert site.shown(DATA)["dataset.d"] == "new_version import_failed"
    site.apply(DATA, TUNE)
    assert site.record("dataset.d").version == 2


def test_an_import_that_takes_too_long_is_left_to_the_next_apply() -> None:
    site = Site()
    site.cloud.import_time = timedelta(hours=1)
    summary = site.apply(DATA, TUNE)
    assert summary.failed == (Address("dataset", "d"),)
    assert site.record("dataset.d").status is Status.PENDING
    assert site.shown(DATA, TUNE)["dataset.d"] == "wait importing"
    site.clock.sleep(timedelta(hours=1))
    assert site.apply(DATA, TUNE).failed == ()
    assert site.cloud.starts().total() == 1


def test_an_import_that_another_began_is_waited_for() -> None:
    site = Site()
    site.cloud.import_time = timedelta(minutes=2)
    first = site.applying(DATA, TUNE)
    first._desk.events.emit = lambda event: (  # type: ignore[method-assign]  # stop after the call
        first._desk.stopping.set() if isinstance(event, Progress) else None
    )
    assert first.run(agree) is not None
    assert site.record("dataset.d").status is Status.PENDING
    summary = site.apply(DATA, TUNE)
    assert summary.failed == ()
    assert len(site.cloud.of("dataset.d")) == 1


def test_a_look_at_an_import_that_fails_says_nothing() -> None:
    site = Site()
    site.apply(block("dataset.other"))
    site.cloud.import_time = timedelta(seconds=10)
    apply = site.applying(block("dataset.other"), DATA)

    def fail(plan: Plan) -> bool:
        site.cloud.fail("observe dataset", Rejected("no"))
        return True

    summary = apply.run(fail)
    assert summary is not None
    assert summary.failed == ()
    assert site.record("dataset.d").status is Status.READY


def test_an_import_that_ended_unwatched_is_noted_by_a_refresh() -> None:
    site = Site()
    site.cloud.import_time = timedelta(hours=1)
    site.apply(DATA)
    site.clock.sleep(timedelta(hours=1))
    assert not site.plan(DATA).listed
    site.apply(DATA)
    assert site.record("dataset.d").status is Status.READY


def test_a_state_that_cannot_be_written_stops_everything() -> None:
    site = Site()
    two = [block(f"dataset.{n}", content=n) for n in "abc"]

    def lose_the_lock(plan: Plan) -> bool:
        site.shelf.owner = object()
        return True

    with pytest.raises(LockLost):
        site.applying(*two).run(lose_the_lock)
    assert site.cloud.changes == []


def test_the_lock_lost_half_way_starts_nothing_more() -> None:
    site = Site()
    three = [block(f"dataset.{n}", content=n) for n in "abc"]
    apply = site.applying(*three)
    apply._desk.events.emit = lambda event: (  # type: ignore[method-assign]  # lose it then
        setattr(site.shelf, "owner", object()) if isinstance(event, StepDone) else None
    )
    site.cloud.import_time = timedelta()
    with pytest.raises(LockLost):
        apply.run(agree)
    assert len(site.cloud.changes) == 1


def test_a_step_with_wrong_input_fails_alone() -> None:
    site = Site()
    site.cloud.fail("create dataset", DiagnosticError([]))  # type: ignore[arg-type]  # of a kind
    summary = site.apply(DATA, block("dataset.e", content="e"))
    assert summary.failed == (Address("dataset", "d"),)
    assert len(site.cloud.things) == 1


def test_what_is_adopted_noted_and_moved_is_recorded_and_calls_nothing() -> None:
    site = Site()
    site.apply(DATA, TUNE, block("fine_tune.b", content="b", role="r"))
    calls = len(site.cloud.changes)
    site.shelf.snapshot, site.shelf.journal = None, []
    now = [DATA, TUNE, block("fine_tune.c", content="b", role="r")]
    assert site.apply(*now).applied == {"adopt": 3}
    noted = [DATA, block("fine_tune.a", source="dataset.d", role="s"), now[2]]
    assert site.shown(*noted) == {"fine_tune.a": "note circumstance_changed"}
    assert site.apply(*noted).applied == {"note": 1}
    assert site.record("fine_tune.a").wanted["role"] == "s"
    assert site.record("fine_tune.a").ran_with == {}
    assert len(site.cloud.changes) == calls


def test_a_version_of_another_variant_is_left_to_its_own_kind() -> None:
    site = Site()
    site.apply(DATA)
    other = block("dataset.d", variant="other")
    assert site.apply(other).applied == {"new_version": 1}
    assert [r.variant for r in site.records] == ["", "other"]
    assert not site.plan(other).listed
    site.destroy(other)
    assert site.cloud.things == {}
