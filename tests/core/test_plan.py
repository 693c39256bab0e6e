"""Plans as data: what is listed, what is approved, what the digest of a plan holds."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nvx.core.address import Address
from nvx.core.digest import document_digest, pinned
from nvx.core.plan import Action, Change, Plan, Reason
from nvx.core.ports import Holder, Locked, in_one_line
from nvx.core.resource import Checked
from nvx.core.values import Reference, Template
from support.site import Site, block

A = Address("fine_tune", "a")
STACK = [
    block("model_group.g"),
    block("dataset.d"),
    block("dataset.e", content="e"),
    block("fine_tune.a", source="dataset.d", group="model_group.g"),
    block("fine_tune.b", source="dataset.e"),
    block("evaluation.e", source="fine_tune.a"),
]


def change(action: Action, **facts: object) -> Change:
    made = Change(A, "fine_tune", action, Reason.NONE, digest_after="D", paid=True)
    return replace(made, **facts)  # type: ignore[arg-type]  # fields of a change


def plan(*changes: Change) -> Plan:
    return Plan("demo", "1", "r", "L", 1, changes)


def test_every_action_has_a_sign_of_its_own_in_both_scripts() -> None:
    assert len({action.symbol for action in Action}) == len(Action)
    assert len({action.ascii_symbol for action in Action}) == len(Action)
    assert all(action.ascii_symbol.isascii() for action in Action)


def test_what_waits_is_listed_but_not_pending() -> None:
    waiting = plan(change(Action.WAIT), change(Action.DECIDE), change(Action.NOOP))
    assert len(waiting.listed) == 2
    assert not waiting.pending
    assert plan(change(Action.NOTE)).pending


def test_only_starts_are_paid_for() -> None:
    assert len(plan(change(Action.RERUN), change(Action.ADOPT)).paid_starts) == 1


def test_the_digest_of_a_plan_holds_what_is_approved_and_nothing_else() -> None:
    start = plan(change(Action.CREATE))
    assert start.digest == plan(change(Action.CREATE, detail="x"), change(Action.WAIT)).digest
    assert start.digest == replace(start, serial=9).digest
    assert start.digest != plan(change(Action.CREATE, digest_after="E")).digest
    assert start.digest != replace(start, lineage="M").digest
    assert plan().digest == plan(change(Action.ADOPT), change(Action.DECIDE)).digest


def test_a_reference_enters_a_digest_as_what_it_points_at() -> None:
    reference = Reference(A, "arn")
    one = {"ref": "D", "output": "arn"}
    assert pinned(reference, {A: "D"}) == one
    assert pinned([Template(("x", reference))], {A: "D"}) == [{"text": ["x", one]}]
    assert document_digest("D", {}) != document_digest("D", {"role": "r"})


def test_a_lock_names_its_holder() -> None:
    assert str(Locked(None)) == "the state is locked"
    held = Holder("ada", "host", 1, "apply", "noon")
    assert str(Locked(held)) == "the state is locked by ada@host (pid 1), apply, since noon"


def test_values_are_joined_as_people_do() -> None:
    assert [in_one_line("abc"[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]


@given(st.permutations(STACK), st.sampled_from(["none", "all", "changed"]))
def test_a_plan_does_not_depend_on_the_order_of_declarations(
    shuffled: list[Checked], before: str
) -> None:
    site = Site()
    if before != "none":
        site.apply(*STACK)
    if before == "changed":
        site.apply(*STACK[2:3], block("dataset.d", content="old"))
    assert site.plan(*shuffled) == site.plan(*STACK)
