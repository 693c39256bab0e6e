"""A quota that is used up: nothing failed, nothing was lost, exit 6, and a later apply goes on."""

from __future__ import annotations

from support.project import Project


def test_a_used_up_quota_is_named_and_tried_again(quickstart: Project) -> None:
    quickstart.aws.settings.update({"max_running": 0})
    ended = quickstart.nvx("apply", "--local", "--yes")
    assert ended.code == 6
    assert "quota" in ended.out
    assert quickstart.paid() == 0
    quickstart.aws.settings.update({"max_running": None})
    quickstart.apply()
    assert quickstart.plan() == {}
    assert quickstart.paid() == 2


def test_detached_runs_are_carried_on_by_a_later_apply(quickstart: Project) -> None:
    quickstart.aws.settings.update({"speed": 60.0})
    ended = quickstart.nvx("apply", "--local", "--yes", "--detach", "--detailed-exitcode")
    assert ended.code == 6
    assert quickstart.nvx("wait", "--local", "--timeout", "1").code == 6
    quickstart.aws.advance(7200)
    quickstart.aws.settings.update({"speed": 20_000.0})
    quickstart.apply()
    assert quickstart.plan() == {}
    assert quickstart.paid() == 2
