"""An endpoint through the command line: deployed, superseded, kept, destroyed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.project import Project, project

STACK = "stacks/autopilot/autopilot.toml"
FINE_TUNE, EVALUATION = "fine_tune.dates", "evaluation.dates"
ENDPOINTS, CONFIGS = "sagemaker.endpoints", "sagemaker.endpoint-configs"


@pytest.fixture
def applied(tmp_path: Path) -> Iterator[Project]:
    with project(tmp_path, "autopilot") as made:
        made.apply()
        yield made


def endpoints(of: Project) -> list[str]:
    """The endpoints that are not being deleted."""
    return [name for name, doc in of.objects(ENDPOINTS) if "Deletion" not in doc]


def change(of: Project) -> None:
    of.edit(STACK, "epochCount = 3", "epochCount = 4")


def test_a_superseded_endpoint_goes_once_the_new_one_is_up(applied: Project) -> None:
    (old,) = endpoints(applied)
    change(applied)
    plan = applied.plan()
    assert plan[FINE_TUNE]["action"] == "rerun"
    assert f"endpoint {old} (up for" in str(plan[FINE_TUNE]["detail"])
    assert "is deleted once the new run has succeeded" in str(plan[FINE_TUNE]["detail"])
    applied.apply()
    (new,) = endpoints(applied)
    assert new != old
    assert [name for name, _ in applied.objects(CONFIGS)] == [new]
    assert applied.plan() == {}


def test_a_new_run_that_fails_leaves_the_old_endpoint(applied: Project) -> None:
    (old,) = endpoints(applied)
    change(applied)
    applied.aws.settings.update({"outcomes": [{"match": "*automl-job*", "status": "Failed"}]})
    assert applied.nvx("apply", "--local", "--yes").code == 1
    assert endpoints(applied) == [old]
    assert applied.plan()[FINE_TUNE]["action"] == "decide"


def test_a_revert_takes_the_endpoint_of_the_run_that_it_supersedes(applied: Project) -> None:
    change(applied)
    applied.apply()
    (new,) = endpoints(applied)
    applied.edit(STACK, "epochCount = 4", "epochCount = 3")
    plan = applied.plan()
    assert plan[FINE_TUNE]["action"] == "adopt"
    assert f"endpoint {new}" in str(plan[FINE_TUNE]["detail"])


def test_an_endpoint_that_is_to_be_kept_stays(applied: Project) -> None:
    (old,) = endpoints(applied)
    applied.edit(STACK, "deploy     = true", "deploy     = true\nkeep_endpoint = true")
    change(applied)
    assert "endpoint" not in str(applied.plan()[FINE_TUNE]["detail"])
    applied.apply()
    assert old in endpoints(applied)
    assert len(endpoints(applied)) == 2
    assert applied.nvx("destroy", "--local", "--yes").code == 0
    assert old in endpoints(applied)


def test_destroy_deletes_the_endpoint_and_says_so(applied: Project) -> None:
    (name,) = endpoints(applied)
    ended = applied.nvx("destroy", "--local", "--yes")
    assert ended.code == 0, ended
    assert f"endpoint {name} (up for less than a minute) is deleted" in " ".join(
        ended.out.split()
    )
    assert endpoints(applied) == []
    assert applied.objects(CONFIGS) == []


def test_an_endpoint_with_a_fixed_name_goes_before_the_new_run_starts(tmp_path: Path) -> None:
    with project(tmp_path, "autopilot") as made:
        made.edit(
            STACK,
            "deploy     = true",
            'deploy = true\nendpoint_name = "mine"\nrerun = "manual"',
        )
        made.apply()
        assert endpoints(made) == ["mine"]
        change(made)
        assert made.plan()[FINE_TUNE]["action"] == "decide"
        plan = made.plan("--rerun", FINE_TUNE)
        assert "is deleted before the new run starts" in str(plan[FINE_TUNE]["detail"])
        made.forget_calls()
        made.apply("--rerun", FINE_TUNE)
        names = [call.operation for call in made.calls()]
        assert names.index("DeleteEndpoint") < names.index("CreateAutoMLJobV2")
        assert endpoints(made) == ["mine"]
        assert made.plan() == {}


def test_wrong_columns_stop_the_plan_before_anything_is_paid(tmp_path: Path) -> None:
    with project(tmp_path, "autopilot") as made:
        data = made.root / "stacks/autopilot/data/dates.csv"
        data.write_text(data.read_text().replace("input,output", "prompt,output", 1))
        ended = made.nvx("validate")
        said: Any = ended.out + ended.err
        assert made.nvx("plan", "--local").code == 1, said
        assert made.objects("sagemaker.automl-jobs") == []
