"""Scores of the example stacks: those that were measured are what anybody can compute from the data."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from statistics import fmean
from typing import Any

from support.project import REPOSITORY, project

SERVERLESS = REPOSITORY / "stacks" / "serverless"


def test_the_scores_of_a_scorer_are_those_of_its_function_on_the_references(
    tmp_path: Path,
) -> None:
    with project(tmp_path, "serverless") as made:
        # Every third reference is made wrong in the copy, so that the mean says something.
        exam = made.root / "stacks" / "serverless" / "data" / "exam.jsonl"
        rows = [json.loads(line) for line in exam.read_text("utf-8").splitlines()]
        for row in rows[::3]:
            row["response"] = row["response"].replace("\\boxed", "about ")
        exam.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
        made.apply()
        results = made.nvx("results", "--local", "--json").json
    metrics = {
        r["evaluation"]: {m["name"]: m for m in r["metrics"]} for r in results["results"]
    }
    scored = [_scored(row) for row in rows]
    for who in ("score", "base"):
        found = metrics["evaluation.change"]
        mean = fmean(one["aggregate_reward_score"] for one in scored)
        assert found["aggregate_reward_score"][who] == mean
        for place, name in enumerate(("right_change", "boxed")):
            assert found[name][who] == fmean(
                one["metrics_list"][place]["value"] for one in scored
            )
        assert found["byoc_failure_count"][who] == 0
    assert 0 < mean < 1
    assert metrics["evaluation.boxed"]["aggregate_reward_score"]["score"] == 1
    assert results["simulated"] is True


def test_a_judged_stack_shows_every_metric_of_tuned_and_base(tmp_path: Path) -> None:
    with project(tmp_path, "llm-judge") as made:
        made.apply()
        results = made.nvx("results", "--local", "--json").json
        shown = made.nvx("show", "--local", "--json", "evaluation.guide")
    metrics = {
        r["evaluation"]: {m["name"]: m for m in r["metrics"]} for r in results["results"]
    }
    guide = metrics["evaluation.guide"]
    assert set(guide) == {"Correctness", "Coherence", "Harmfulness", "brief"}
    assert all(metric["base"] is not None for metric in guide.values())
    assert set(metrics["evaluation.numbers"]) == {"names_both_numbers"}
    assert "_output.jsonl" in shown.out


def _scored(row: dict[str, Any]) -> dict[str, Any]:
    """What the stack's own function says of a row whose reference is the answer."""
    spec = importlib.util.spec_from_file_location(
        "change", SERVERLESS / "rewards" / "change.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    reference = row["response"]
    sample = {**row, "model_response": reference, "reference_answer": {"text": reference}}
    (scored,) = module.lambda_handler([sample], None)
    return dict(scored)
