"""The quickstart through the command line: applied, edited, reverted, lost, destroyed."""

from __future__ import annotations

import json
import shutil

from support.project import JOBS, PAID, Project

DATA = "stacks/quickstart/data/conversions.jsonl"
STACK = "stacks/quickstart/quickstart.toml"
DATASET, FINE_TUNE, EVALUATION = (
    "dataset.conversions",
    "fine_tune.conversions",
    "evaluation.mmlu",
)


def change_row(project: Project) -> None:
    file = project.root / DATA
    lines = file.read_text().splitlines(keepends=True)
    row = json.loads(lines[2])
    row["messages"][1]["content"][0]["text"] += " exactly"
    lines[2] = json.dumps(row) + "\n"
    file.write_text("".join(lines))


def actions(plan: dict[str, dict[str, object]]) -> dict[str, object]:
    return {address: change["action"] for address, change in plan.items()}


def test_the_first_apply_runs_everything_and_the_next_plan_is_empty(
    quickstart: Project,
) -> None:
    first = quickstart.plan()
    assert set(actions(first).values()) == {"create"}
    assert sum(bool(change["paid"]) for change in first.values()) == 2
    ended = quickstart.apply("--json")
    summary = ended.events[-1]
    assert summary["event"] == "summary"
    assert summary["applied"] == {"create": 5}
    assert summary["outputs"]["model"].startswith(
        "arn:aws:sagemaker:us-west-2:000000000000:model-p"
    )
    assert quickstart.plan() == {}
    assert quickstart.paid() == 2


def test_scores_say_that_they_are_simulated(applied: Project) -> None:
    document = applied.nvx("results", "--local", "--json").json
    assert document["simulated"] is True
    (result,) = document["results"]
    assert result["simulated"] is True
    (metric,) = result["metrics"]
    assert metric["name"] == "accuracy"
    assert 0 <= metric["base"] <= 1
    assert abs(metric["score"] - metric["base"] - metric["delta"]) < 1e-9
    assert "simulated" in applied.nvx("results", "--local").out


def test_one_changed_row_cascades_by_its_edges_and_its_revert_costs_nothing(
    applied: Project,
) -> None:
    before = (applied.root / DATA).read_bytes()
    change_row(applied)
    plan = applied.plan()
    assert actions(plan) == {DATASET: "new_version", FINE_TUNE: "rerun", EVALUATION: "rerun"}
    assert {change["reason"] for change in plan.values()} == {"inputs_changed"}
    assert plan[FINE_TUNE]["because_of"] == [DATASET]
    assert plan[EVALUATION]["because_of"] == [FINE_TUNE, DATASET]
    applied.apply()
    assert applied.plan() == {}
    assert applied.paid() == 4

    (applied.root / DATA).write_bytes(before)
    applied.forget_calls()
    plan = applied.plan()
    assert actions(plan) == {DATASET: "new_version", FINE_TUNE: "adopt", EVALUATION: "adopt"}
    applied.apply()
    assert applied.plan() == {}
    assert applied.paid() == 4
    counted = applied.counted()
    assert counted["ImportHubContent"] == 1
    assert not any(counted[operation] for operation in (*PAID, "PutObject", "UploadPart"))


def test_a_held_fine_tune_starts_nothing_until_it_is_asked_for(applied: Project) -> None:
    applied.edit(STACK, 'method      = "sft"', 'method      = "sft"\nrerun       = "manual"')
    change_row(applied)
    plan = applied.plan()
    assert actions(plan) == {DATASET: "new_version", FINE_TUNE: "decide", EVALUATION: "decide"}
    assert plan[FINE_TUNE]["reason"] == "stale"
    assert plan[EVALUATION]["because_of"][0] == FINE_TUNE
    applied.apply()
    assert applied.paid() == 2
    asked = applied.plan("--rerun", FINE_TUNE)
    assert actions(asked) == {FINE_TUNE: "rerun", EVALUATION: "rerun"}
    applied.apply("--rerun", FINE_TUNE)
    assert applied.plan() == {}
    assert applied.paid() == 4


def test_a_lost_state_is_found_again_in_aws(applied: Project) -> None:
    shutil.rmtree(applied.root / "state")
    assert set(actions(applied.plan()).values()) == {"adopt"}
    applied.apply()
    assert applied.plan() == {}
    assert applied.paid() == 2


def test_destroy_says_what_stays_and_the_next_apply_pays_for_nothing(applied: Project) -> None:
    ended = applied.nvx("destroy", "--local", "--yes")
    assert ended.code == 0, ended
    assert "stays" in ended.out
    assert "model package" in ended.out
    assert applied.nvx("status", "--local", "--json").json["stacks"][0]["resources"] == []
    applied.apply()
    assert applied.plan() == {}
    assert applied.paid() == 2


def test_destroyed_names_are_never_used_again(applied: Project) -> None:
    def evaluator_version() -> int:
        resources = applied.nvx("status", "--local", "--json").json["stacks"][0]["resources"]
        return next(int(r["version"]) for r in resources if r["kind"] == "evaluator")

    assert evaluator_version() == 1
    applied.nvx("destroy", "--local", "--yes")
    applied.apply()
    assert evaluator_version() == 2


def test_a_failed_first_attempt_is_not_needed_to_find_the_second(quickstart: Project) -> None:
    quickstart.aws.settings.update(
        {"outcomes": [{"match": "*training-job/quickstart-*", "status": "Failed", "times": 1}]}
    )
    first = quickstart.nvx("apply", "--local", "--yes")
    assert first.code == 1
    plan = quickstart.plan()
    assert plan[FINE_TUNE]["action"] == "decide"
    assert plan[FINE_TUNE]["reason"] == "failed"
    assert plan[EVALUATION]["because_of"] == [FINE_TUNE]
    quickstart.apply("--rerun", FINE_TUNE)
    jobs = sorted(name for name, _ in quickstart.objects(JOBS) if "-r2" not in name)
    failed = next(name for name in jobs if name.startswith("quickstart-"))
    quickstart.aws.store.table(JOBS, "000000000000", "us-west-2").delete(failed)
    shutil.rmtree(quickstart.root / "state")
    paid = quickstart.paid()
    assert set(actions(quickstart.plan()).values()) == {"adopt"}
    quickstart.apply()
    assert quickstart.plan() == {}
    assert quickstart.paid() == paid
