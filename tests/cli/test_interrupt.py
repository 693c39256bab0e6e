"""Ctrl-C: nothing new starts, what runs goes on in AWS, and the next apply finishes."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.project import JOBS, Ended, Project, project

FINE_TUNE = "fine_tune.conversions"
SLOW = 600.0
"""Runs of a few seconds: time enough to press Ctrl-C in the middle of one."""


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Project]:
    with project(tmp_path, "quickstart", speed=SLOW) as made:
        yield made


def interrupted(
    made: Project, process: subprocess.Popen[str], when: Callable[[], bool]
) -> tuple[Ended, float]:
    """Press Ctrl-C as soon as something is so; how the command ended, and after how long."""
    until = time.monotonic() + 60
    while not when():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)  # noqa: TID251  a process is waited for
    process.send_signal(signal.SIGINT)
    pressed = time.monotonic()
    out, err = process.communicate(timeout=30)
    return Ended(process.returncode, out, err), time.monotonic() - pressed


def jobs(made: Project) -> list[str]:
    """The training jobs that are fine-tunes of ours."""
    return [name for name, _ in made.objects(JOBS) if name.startswith("quickstart-")]


def faster(made: Project) -> None:
    made.aws.settings.update({"speed": 20_000.0})


def test_ctrl_c_during_a_wait_leaves_the_job_alone_and_the_next_apply_finishes(
    slow: Project,
) -> None:
    process = slow.start("apply", "--local", "--yes")
    ended, took = interrupted(slow, process, lambda: bool(jobs(slow)))
    assert (ended.code, took < 5) == (130, True), ended
    assert "jobs in AWS go on" in ended.err
    assert f"Still running in AWS: {FINE_TUNE}." in ended.out
    assert "nvx stop ADDRESS" in ended.out
    assert slow.counted()["StopTrainingJob"] == 0
    assert len(jobs(slow)) == 1
    faster(slow)
    slow.apply()
    assert slow.plan() == {}
    assert len(jobs(slow)) == 1
    assert slow.paid() == 2


def test_ctrl_c_during_a_call_leaves_in_time_and_the_next_apply_pays_once(
    slow: Project,
) -> None:
    slow.aws.faults.add(
        {"op": "CreateTrainingJob", "times": 1, "do": "hang_after", "seconds": 60}
    )
    process = slow.start("apply", "--local", "--yes")
    ended, took = interrupted(slow, process, lambda: slow.aws.faults.rules()[0].struck > 0)
    assert (ended.code, took < 6) == (130, True), ended
    slow.aws.faults.clear()
    faster(slow)
    slow.apply()
    assert slow.plan() == {}
    assert len(jobs(slow)) == 1
    assert slow.paid() == 2


def test_ctrl_c_is_said_in_json_too(slow: Project) -> None:
    process = slow.start("apply", "--local", "--yes", "--json")
    ended, _ = interrupted(slow, process, lambda: bool(jobs(slow)))
    assert ended.code == 130
    summary = json.loads(ended.out.splitlines()[-1])
    assert summary["event"] == "summary"
    assert summary["interrupted"] is True
    assert summary["running"] == [FINE_TUNE]
