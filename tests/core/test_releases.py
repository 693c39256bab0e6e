"""What runs hold, and which change of a plan takes it away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nvx.core.address import Address
from nvx.core.kind import Held
from nvx.core.plan import Action, Change, Plan, Reason
from nvx.core.releases import with_releases
from nvx.core.resource import Declared, Nature, Policy
from nvx.core.state import Record, State, Status

ADDRESS = Address("fine_tune", "support")


def record(id_: str, *, current: bool = False, status: Status = Status.READY) -> Record:
    return Record(
        address=ADDRESS,
        kind="fine_tune",
        variant="autopilot",
        nature=Nature.RUN,
        id=id_,
        name=id_,
        digest=id_,
        status=status,
        current=current,
    )


OLD, NOW = record("old"), record("now", current=True)
STATE = State("shop", "0" * 12, "us-west-2", "line", records={ADDRESS: (OLD, NOW)})
HELD = {r.id: Held(f"arn:{r.id}", f"endpoint {r.id}") for r in (OLD, NOW)}
DECLARED = Declared(
    address=ADDRESS,
    kind="fine_tune",
    variant="autopilot",
    nature=Nature.RUN,
    digest="now",
    document="",
    config={},
    inputs={},
    circumstance={},
    marks={},
    policy=Policy(),
    edges=(),
    upstreams=(),
)


def change(action: Action, *, declared: bool = True, of: Record = NOW) -> Change:
    return Change(
        address=ADDRESS,
        kind="fine_tune",
        action=action,
        reason=Reason.NONE,
        declared=DECLARED if declared else None,
        record=of,
    )


def ids(found: Change) -> list[tuple[str, bool, bool]]:
    return [(r.record.id, r.first, r.later) for r in found.releases]


def test_a_rerun_deletes_later_what_is_not_in_its_way() -> None:
    held = {**HELD, "now": replace(HELD["now"], first=True)}
    found = with_releases(change(Action.RERUN), STATE, held)
    assert ids(found) == [("old", False, True), ("now", True, False)]
    assert found.detail == (
        "endpoint old is deleted once the new run has succeeded"
        " · endpoint now is deleted before the new run starts"
    )


def test_nothing_to_do_becomes_an_update_where_an_older_run_holds_something() -> None:
    found = with_releases(change(Action.NOOP), STATE, HELD)
    assert (found.action, found.reason) == (Action.UPDATE, Reason.SUPERSEDED)
    assert ids(found) == [("old", False, False)]


@pytest.mark.parametrize("action", [Action.NOTE, Action.UPDATE, Action.ADOPT])
def test_what_stands_keeps_its_own(action: Action) -> None:
    found = with_releases(change(action), STATE, HELD)
    assert found.action is action
    assert ids(found) == [("old", False, False)]


@pytest.mark.parametrize("action", [Action.STOP, Action.FORGET])
def test_a_removal_takes_everything(action: Action) -> None:
    found = with_releases(change(action, declared=False), STATE, HELD)
    assert [id_ for id_, *_ in ids(found)] == ["old", "now"]


@pytest.mark.parametrize("action", [Action.WAIT, Action.DECIDE, Action.CREATE])
def test_what_waits_or_is_new_takes_nothing(action: Action) -> None:
    assert with_releases(change(action), STATE, HELD) == change(action)


def test_a_run_that_did_not_succeed_supersedes_nothing() -> None:
    failed = replace(NOW, status=Status.FAILED)
    same = change(Action.NOTE, of=failed)
    assert with_releases(same, STATE, HELD) == same


def test_nothing_held_changes_nothing() -> None:
    assert with_releases(change(Action.RERUN), STATE, {}) == change(Action.RERUN)


def test_a_reviewer_approves_what_is_deleted() -> None:
    def digest(*changes: Change) -> str:
        return Plan("shop", "0" * 12, "us-west-2", "line", 1, changes).digest

    plain = change(Action.RERUN)
    assert digest(with_releases(plain, STATE, HELD)) != digest(plain)
    adopted = change(Action.ADOPT)
    assert digest(with_releases(adopted, STATE, HELD)) != digest(adopted)
