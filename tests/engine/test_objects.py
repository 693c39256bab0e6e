"""Objects: replaced, updated in place, found, foreign."""

from __future__ import annotations

import pytest

from nvx.core.address import Address
from nvx.core.cloud import Rejected
from nvx.core.events import StepFailed
from nvx.core.state import Status
from support.fuse import Crash, Fuse
from support.site import Site, block

OLD, NEW = block("model_group.g", content="old"), block("model_group.g", content="new")


def test_the_new_one_comes_first_and_the_old_one_goes() -> None:
    site = Site()
    site.apply(OLD)
    (old,) = site.cloud.of("model_group.g")
    assert site.apply(NEW).applied == {"replace": 1}
    assert [e.verb for e in site.cloud.effects] == ["create", "create", "delete"]
    assert old.id not in site.cloud.things
    assert len(site.records) == 1
    assert not site.plan(NEW).listed


def test_one_that_was_replaced_is_deleted_by_the_next_apply() -> None:
    site = Site()
    site.apply(OLD)
    site.cloud.fail("delete model_group", Rejected("busy"))
    summary = site.apply(NEW)
    assert summary.failed == (Address("model_group", "g"),)
    (failure,) = site.heard.of(StepFailed)
    assert failure.truth == "it was created and is recorded"
    tagged = block("model_group.g", content="new", tags={"a": "1"})
    assert site.shown(tagged) == {"model_group.g": "replace immutable_field"}
    site.apply(tagged)
    assert len(site.cloud.things) == len(site.records) == 1
    assert site.cloud.of("model_group.g")[0].tags == {"a": "1"}
    assert not site.plan(tagged).listed


def test_a_revert_half_way_keeps_the_old_one() -> None:
    site = Site()
    site.apply(OLD)
    site.cloud.fail("delete model_group", Rejected("busy"))
    site.apply(NEW)
    site.apply(OLD)
    assert len(site.cloud.things) == len(site.records) == 1
    assert site.record("model_group.g").digest == site.cloud.of("model_group.g")[0].digest
    assert not site.plan(OLD).listed


def test_what_was_replaced_goes_with_its_block() -> None:
    site = Site()
    site.apply(OLD)
    site.cloud.fail("delete model_group", Rejected("busy"))
    site.apply(NEW)
    site.apply()
    assert site.cloud.things == {}
    assert site.records == []


def test_one_that_holds_models_is_left_where_it_is() -> None:
    site = Site()
    site.apply(OLD)
    site.cloud.of("model_group.g")[0].packages = 1
    site.apply(NEW)
    assert len(site.cloud.things) == 2
    assert len(site.records) == 1
    assert not site.plan(NEW).listed


def test_a_protected_one_is_not_replaced() -> None:
    site = Site()
    site.apply(block("model_group.g", content="old", protect=True))
    guarded = block("model_group.g", content="new", protect=True)
    assert site.shown(guarded) == {"model_group.g": "decide protected"}
    assert site.shown(NEW) == {"model_group.g": "replace immutable_field"}


def test_one_that_is_gone_is_made_again() -> None:
    site = Site()
    site.apply(OLD)
    site.cloud.lose(*site.cloud.of("model_group.g"))
    assert site.shown(OLD) == {"model_group.g": "create gone"}
    site.apply(OLD)
    assert len(site.cloud.things) == len(site.records) == 1


def test_gone_and_renamed_in_aws_at_once_it_is_made_once() -> None:
    site = Site()
    site.apply(OLD)
    site.cloud.lose(*site.cloud.of("model_group.g"))
    site.apply(NEW)
    assert len(site.cloud.things) == len(site.records) == 1
    assert not site.plan(NEW).listed


def test_tags_are_sent_in_place() -> None:
    site = Site()
    site.apply(OLD)
    tagged = block("model_group.g", content="old", tags={"team": "a"})
    assert site.apply(tagged).applied == {"update": 1}
    assert site.cloud.of("model_group.g")[0].tags == {"team": "a"}
    assert not site.plan(tagged).listed


def test_one_of_another_state_is_not_touched() -> None:
    site, chosen = Site(), block("model_group.g", name="shared")
    site.apply(block("model_group.other", name="other"))
    site.apply(block("model_group.other", name="other"), chosen)
    (thing,) = site.cloud.of("model_group.g")
    thing.lineage = "somebody's"
    site.shelf.snapshot = None
    site.cloud.lose(*site.cloud.of("model_group.other"))
    site.apply(block("dataset.d"))
    site.cloud.lose(*site.cloud.of("dataset.d"))
    assert site.shown(chosen)["model_group.g"] == "decide foreign"
    assert site.apply(chosen).undecided == (Address("model_group", "g"),)
    assert site.cloud.of("model_group.g") == [thing]


@pytest.mark.parametrize("at", range(1, 12))
def test_dying_in_a_replacement_leaves_one(at: int) -> None:
    site = Site()
    site.apply(OLD)
    with pytest.raises(Crash):
        site.apply(NEW, fuse=Fuse(at))
    site.apply(NEW)
    assert len(site.cloud.things) == len(site.records) == 1
    assert site.record("model_group.g").status is Status.READY
    assert not site.plan(NEW).listed
