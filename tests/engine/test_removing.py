"""What blocks that are gone leave, and in which order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from nvx.core.address import Address
from nvx.core.cloud import Rejected
from nvx.core.resource import OnRemove
from nvx.core.state import Status
from support.site import Site, block

DATA = block("dataset.d")
TUNE = block("fine_tune.a", source="dataset.d", group="model_group.g")
STACK = [block("model_group.g"), DATA, TUNE]


def test_removals_go_after_what_used_them() -> None:
    site = Site()
    ring = [block("dataset.a"), block("dataset.b", after=["dataset.a"])]
    ring += [block("dataset.c", after=["dataset.b"])]
    site.apply(*ring)
    site.apply()
    gone = [e.address for e in site.cloud.effects if e.verb == "delete"]
    assert gone == ["dataset.c", "dataset.b", "dataset.a"]


def test_records_that_go_round_in_a_ring_are_removed_all_the_same() -> None:
    site = Site()
    site.apply(block("dataset.a", after=["dataset.b"]), block("dataset.b"))
    site.apply(block("dataset.a"), block("dataset.b", content="new", after=["dataset.a"]))
    assert site.destroy().failed == ()
    assert site.cloud.things == {}
    assert site.state.records == {}


def test_history_goes_with_what_it_is_the_history_of() -> None:
    site = Site()
    for rows in ("one", "two", "three"):
        site.apply(block("dataset.d", content=rows))
    assert [r.version for r in site.records] == [1, 2, 3]
    site.cloud.fail("delete dataset", Rejected("in use"))
    assert site.apply().failed == (Address("dataset", "d"),)
    assert len(site.cloud.things) == 3
    assert site.apply().applied == {"delete": 1}
    assert site.cloud.things == {}


def test_a_deletion_that_fails_half_way_goes_on_where_it_stopped() -> None:
    site = Site()
    for rows in ("one", "two", "three"):
        site.apply(block("dataset.d", content=rows))
    first = site.record("dataset.d").id
    site.cloud.fail("delete dataset", Rejected("in use"))
    oldest = site.records[0]
    site.cloud.lose(site.cloud.things[oldest.id])
    site.apply()
    assert site.record("dataset.d").id == first
    site.apply()
    assert site.cloud.things == {}


def test_numbers_of_versions_rise_after_destroy() -> None:
    site = Site()
    site.apply(DATA)
    site.apply(block("dataset.d", content="two"))
    site.destroy(DATA)
    assert site.cloud.things == {}
    site.apply(DATA)
    assert site.record("dataset.d").version == 3


def test_versions_that_runs_used_stay() -> None:
    site = Site()
    site.apply(*STACK)
    site.apply(block("model_group.g"), block("dataset.d", content="two"))
    site.destroy()
    assert [t.version for t in site.cloud.of("dataset.d")] == [1]
    assert not site.plan().listed


def test_what_is_protected_keeps_what_it_uses() -> None:
    site = Site()
    guarded = block("fine_tune.a", source="dataset.d", group="model_group.g", protect=True)
    site.apply(*STACK[:2], guarded)
    assert site.shown() == {
        "fine_tune.a": "decide protected",
        "dataset.d": "decide still_used",
        "model_group.g": "decide still_used",
    }
    assert site.destroy().applied == {}
    assert len(site.cloud.things) == 3


def test_protection_that_comes_later_is_recorded_while_the_run_runs() -> None:
    site = Site()
    site.apply(*STACK, detach=True)
    policy: dict[str, Any] = {"protect": True, "on_remove": OnRemove.STOP}
    wished = block("fine_tune.a", source="dataset.d", group="model_group.g", **policy)
    site.apply(*STACK[:2], wished, detach=True)
    assert site.record("fine_tune.a").protect
    assert site.record("fine_tune.a").on_remove == "stop"
    assert site.shown(*STACK[:2]) == {"fine_tune.a": "decide protected"}


def test_a_removed_run_is_stopped_where_the_stack_said_so() -> None:
    site = Site()
    site.apply(
        DATA, block("fine_tune.a", source="dataset.d", on_remove=OnRemove.STOP), detach=True
    )
    site.apply(DATA)
    (thing,) = site.cloud.of("fine_tune.a")
    assert site.cloud.status(thing) is Status.STOPPED
    assert not site.plan(DATA).listed


def test_destroy_stops_what_runs_and_does_not_wait_for_it() -> None:
    site = Site()
    site.apply(*STACK, detach=True)
    summary = site.destroy(*STACK)
    assert summary.running == ()
    assert summary.applied == {"stop": 1, "delete": 1, "forget": 1}
    assert site.cloud.status(site.cloud.of("fine_tune.a")[0]) is Status.STOPPED


def test_a_removed_run_that_ended_is_forgotten_and_found_again() -> None:
    site = Site()
    site.apply(*STACK)
    site.apply(*STACK[:2])
    assert Address("fine_tune", "a") in site.state.records
    assert site.apply(*STACK).applied == {"adopt": 1}
    assert site.cloud.starts().total() == 1


def test_a_group_that_holds_models_is_left() -> None:
    site = Site()
    site.apply(STACK[0])
    (group,) = site.cloud.of("model_group.g")
    group.packages = 2
    assert site.destroy(STACK[0]).applied == {"forget": 1}
    assert site.cloud.of("model_group.g") == [group]
    assert site.state.records == {}
    assert site.apply(STACK[0]).applied == {"adopt": 1}


def test_a_group_that_is_gone_is_forgotten() -> None:
    site = Site()
    site.apply(STACK[0])
    site.cloud.lose(*site.cloud.of("model_group.g"))
    assert site.shown() == {"model_group.g": "forget gone"}
    site.apply()
    assert site.state.records == {}


def test_what_waits_for_a_person_does_not_hold_what_the_stack_no_longer_names() -> None:
    site = Site()
    site.cloud.ends["fine_tune.a"] = Status.FAILED
    site.apply(DATA, block("fine_tune.a", source="dataset.d"))
    renamed = [
        block("dataset.other", name="other"),
        block("fine_tune.a", source="dataset.other"),
    ]
    assert site.apply(*renamed).skipped == ()
    assert not site.plan(*renamed).pending


def test_a_running_run_of_a_removed_block_keeps_its_data_until_it_ends() -> None:
    site = Site()
    site.apply(*STACK, detach=True)
    assert set(site.shown().values()) == {"decide running", "decide still_used"}
    site.clock.sleep(timedelta(hours=2))
    site.apply()
    assert [t.kind for t in site.cloud.things.values()] == ["dataset", "fine_tune"]
    assert not site.plan().listed
