"""SIGKILL at every mutating send of an apply, and during each wait; then one apply finishes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from support.project import EXECUTIONS, JOBS, Project, project

SENDS = (
    ("CreateHub", 0),
    ("CreateModelPackageGroup", 0),
    ("PutObject", 0),
    ("CreateFunction", 0),
    ("ImportHubContent", 0),
    ("ImportHubContent", 1),
    ("CreateTrainingJob", 0),
    ("CreatePipeline", 0),
    ("StartPipelineExecution", 0),
)
"""Every mutating send of the quickstart's apply: an operation, and how many of it came before."""
READS = ("Describe", "Get", "Head", "List", "Search")


def converged(made: Project) -> None:
    """One apply brings everything about, once."""
    made.aws.faults.clear()
    made.apply()
    assert made.plan() == {}
    records = made.nvx("status", "--local", "--json").json["stacks"][0]
    assert records["open_intents"] == []
    runs = [r for r in records["resources"] if r["nature"] == "run"]
    assert Counter(r["status"] for r in runs) == {"succeeded": 2}
    own = [name for name, _ in made.objects(JOBS) if not name.startswith("pipelines-")]
    assert own == ["-".join(runs[1]["id"].rsplit("/")[-1:])]
    assert len(made.objects(EXECUTIONS)) == 1
    assert made.paid() == len(runs)
    versions = Counter(
        c.operation
        for c in made.calls()
        if c.operation == "ImportHubContent" and c.status == 200
    )
    assert versions["ImportHubContent"] <= 2


def test_the_sends_listed_here_are_all_that_an_apply_makes(tmp_path: Path) -> None:
    with project(tmp_path, "quickstart") as made:
        made.apply()
        sent = Counter(c.operation for c in made.calls() if not c.operation.startswith(READS))
    assert sent == Counter(operation for operation, _ in SENDS)


@pytest.mark.parametrize(("operation", "before"), SENDS, ids=lambda value: str(value))
def test_killed_after_a_send_the_next_apply_converges(
    tmp_path: Path, operation: str, before: int
) -> None:
    with project(tmp_path, "quickstart") as made:
        made.aws.faults.extend(
            [{"op": operation, "after": before, "times": 1, "do": "hang_after", "seconds": 60}]
        )
        process = made.start("apply", "--local", "--yes")
        assert made.killed_at(process, "hang_after")
        converged(made)


@pytest.mark.parametrize("operation", ["CreateTrainingJob", "StartPipelineExecution"])
def test_killed_during_a_wait_the_next_apply_converges(tmp_path: Path, operation: str) -> None:
    look = {"CreateTrainingJob": "DescribeTrainingJob"}.get(
        operation, "DescribePipelineExecution"
    )
    with project(tmp_path, "quickstart", speed=300.0) as made:
        made.aws.faults.extend(
            [{"op": look, "after": 2, "times": 1, "do": "hang", "seconds": 60}]
        )
        process = made.start("apply", "--local", "--yes")
        assert made.killed_at(process, "hang")
        made.aws.advance(7200)
        converged(made)
