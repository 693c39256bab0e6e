"""Another address for the same thing: no call, no run, nothing lost."""

from __future__ import annotations

from typing import Any

import pytest

from nvx.core.address import Address
from nvx.core.cloud import Rejected
from nvx.core.resource import Checked
from nvx.core.state import Status
from support.site import Site, block

DATA = block("dataset.d")


def tune(name: str, **fields: Any) -> Checked:
    return block(f"fine_tune.{name}", source="dataset.d", **fields)


def test_a_run_takes_its_whole_history_along() -> None:
    site = Site()
    site.apply(DATA, tune("a", content="one"))
    site.apply(DATA, tune("a", content="two"))
    assert site.apply(DATA, tune("b", content="two")).applied == {"move": 1}
    assert len(site.state.records[Address("fine_tune", "b")]) == 2
    assert Address("fine_tune", "a") not in site.state.records
    assert not site.plan(DATA, tune("b", content="two")).listed


def test_a_running_run_goes_on_under_its_new_name() -> None:
    site = Site()
    site.apply(DATA, tune("a"), detach=True)
    renamed = [DATA, tune("b"), block("evaluation.e", source="fine_tune.b")]
    assert site.apply(*renamed).applied == {"move": 1, "create": 1}
    assert site.cloud.starts("fine_tune").total() == 1
    assert site.record("fine_tune.b").status is Status.READY


def test_tags_that_change_with_the_name_are_sent() -> None:
    site = Site()
    site.apply(DATA, tune("a"))
    renamed = [DATA, tune("b", tags={"team": "a"})]
    site.apply(*renamed)
    assert site.cloud.of("fine_tune.a")[0].tags == {"team": "a"}
    assert not site.plan(*renamed).listed


def test_a_rename_of_a_run_whose_last_attempt_failed() -> None:
    site = Site()
    site.apply(DATA, tune("a"))
    site.cloud.ends["fine_tune.a"] = Status.FAILED
    site.apply(DATA, tune("a"), rerun=["fine_tune.a"], detach=True)
    site.apply(DATA, tune("b"))
    site.apply(DATA, tune("b"))
    assert not site.plan(DATA, tune("b")).listed
    assert site.record("fine_tune.b").attempt == 1
    assert [r.attempt for r in site.records if r.kind == "fine_tune"].count(2) == 1


def test_a_failed_run_that_is_renamed_can_be_rerun() -> None:
    site = Site()
    site.cloud.ends["fine_tune.a"] = Status.FAILED
    site.apply(DATA, tune("a"))
    assert site.shown(DATA, tune("b")) == {"fine_tune.b": "decide failed"}
    site.apply(DATA, tune("b"), rerun=["fine_tune.b"])
    assert [r.attempt for r in site.state.records[Address("fine_tune", "b")]] == [1, 2]
    assert not site.plan(DATA, tune("b")).listed


def test_a_run_that_was_removed_first_is_known_under_another_name() -> None:
    site = Site()
    site.apply(DATA, tune("a"))
    site.apply(DATA)
    assert site.apply(DATA, tune("b")).applied == {"move": 1}
    assert site.cloud.starts().total() == 1


@pytest.mark.parametrize("kind", ["dataset", "model_group"])
def test_what_has_a_name_of_its_own_is_known_by_it(kind: str) -> None:
    site = Site()
    site.apply(block(f"{kind}.a", name="tickets"))
    assert site.apply(block(f"{kind}.b", name="tickets")).applied == {"move": 1}
    assert len(site.cloud.things) == len(site.records) == 1
    assert not site.plan(block(f"{kind}.b", name="tickets")).listed


def test_new_rows_under_a_new_address_are_the_next_version_of_the_name() -> None:
    site = Site()
    site.apply(block("dataset.a", name="tickets"))
    renamed = block("dataset.b", name="tickets", content="two")
    assert site.apply(renamed).applied == {"new_version": 1}
    assert [r.version for r in site.state.records[Address("dataset", "b")]] == [1, 2]
    assert not site.plan(renamed).listed


def test_two_new_addresses_do_not_share_one_history() -> None:
    site = Site()
    site.apply(DATA, tune("a", content="one"))
    site.apply(DATA, tune("a", content="two"))
    both = [DATA, tune("b", content="one"), tune("c", content="two")]
    site.apply(*both)
    ids = [r.id for r in site.records]
    assert len(ids) == len(set(ids))
    assert site.apply(*both).applied == {}


def test_a_move_that_is_refused_is_tried_again() -> None:
    site = Site()
    site.apply(DATA, tune("a"))
    site.cloud.fail("update fine_tune", Rejected("no"))
    renamed = [DATA, tune("b", tags={"team": "a"})]
    assert site.apply(*renamed).failed == (Address("fine_tune", "b"),)
    assert site.apply(*renamed).applied == {"update": 1}
    assert not site.plan(*renamed).listed


def test_another_variant_is_another_run_and_each_is_asked_of_its_own_kind() -> None:
    site = Site()
    site.apply(DATA, tune("a"), detach=True)
    other = [DATA, block("fine_tune.a", variant="dpo", source="dataset.d")]
    assert site.apply(*other).applied == {"rerun": 1}
    assert {r.variant for r in site.records if r.kind == "fine_tune"} == {"sft", "dpo"}
    assert not site.plan(*other).listed
    assert site.apply(DATA, tune("a")).applied == {"adopt": 1}
    assert site.cloud.starts().total() == 2
