"""The numbered rules of custom scorers and judges: each broken, and each kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, Location
from nvx.core.ports import Source
from nvx.core.resource import Checked
from nvx.core.values import Reference
from nvx.data.judging import judge_metrics, judges
from nvx.kinds.dataset import Dataset
from nvx.kinds.evaluation.custom_scorer import CustomScorers
from nvx.kinds.evaluation.llm_judge import LlmJudges
from nvx.kinds.evaluation.rules import RULES
from nvx.kinds.evaluator.reward_function import RewardFunction
from nvx.kinds.evaluator.reward_prompt import RewardPrompt
from nvx.kinds.fine_tune.serverless_sft import ServerlessSft
from support.runs import APP, STACK, FixedSources, checked

ARN = "arn:aws:sagemaker:us-west-2:000000000000"
QWEN = "huggingface-reasoning-qwen3-06b"
NOVA = "nova-textgeneration-lite-v2"
DATA = f"{ARN}:hub-content/registry/DataSet/exam/1.0.0"
EXACT = f"{ARN}:hub-content/registry/JsonDoc/exact/1.0.0"
LAMBDA = "arn:aws:lambda:us-west-2:000000000000:function:SageMaker-exact"
LOGGED = replace(STACK, mlflow=APP)
SCORED: dict[str, Any] = {"model": QWEN, "dataset": DATA, "scorer": EXACT}
JUDGED: dict[str, Any] = {
    "model": QWEN,
    "dataset": DATA,
    "judge": "amazon.nova-pro-v1:0",
    "metrics": ["Correctness"],
}
TUNED = Reference(Address("fine_tune", "support"), "model_arn")
EXAM = Reference(Address("dataset", "exam"), "arn")
SCORER = Reference(Address("evaluator", "scorer"), "arn")
TEXT = "{{prompt}} {{prediction}}"
BRIEF: dict[str, Any] = {
    "name": "brief",
    "instructions": TEXT,
    "scale": [{"definition": "no", "value": 0.0}, {"definition": "yes", "value": 1.0}],
}


def found(spec: Any, *targets: Checked, **fields: Any) -> list[Diagnostic]:
    one = checked(spec, **fields)
    one = replace(one, targets={target.address: target for target in targets})
    return list(spec.check(one, LOGGED))


def tuned(base: str) -> Checked:
    return checked(ServerlessSft, base_model=base, dataset=DATA, model_group="support")


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        (CustomScorers, SCORED),
        (CustomScorers, {**SCORED, "scorer": "prime_math"}),
        (CustomScorers, {**SCORED, "scorer": "prime_code", "postprocessing": False}),
        (CustomScorers, {**SCORED, "model": NOVA, "scorer": LAMBDA}),
        (CustomScorers, {**SCORED, "dataset": "s3://bucket/exam.jsonl"}),
        *((LlmJudges, {**JUDGED, "metrics": [name]}) for name in judge_metrics()),
        *((LlmJudges, {**JUDGED, "metrics": [f"Builtin.{name}"]}) for name in judge_metrics()),
        (LlmJudges, {**JUDGED, "metrics": [], "metric": [BRIEF]}),
        (LlmJudges, {**JUDGED, "metrics": [], "metrics_file": "metrics.json"}),
        (
            LlmJudges,
            {
                **JUDGED,
                "metrics": [],
                "metric": [BRIEF],
                "judge": "meta.llama3-3-70b-instruct-v1:0",
            },
        ),
    ],
)
def test_sound_blocks_have_no_problem(spec: Any, fields: dict[str, Any]) -> None:
    assert found(spec, **fields) == []


@pytest.mark.parametrize(
    ("spec", "fields", "code", "words"),
    [
        (CustomScorers, {**SCORED, "model": "not a model"}, "EV-02", "no name of a model"),
        (CustomScorers, {**SCORED, "scorer": "primemath"}, "EV-05", 'you mean "prime_math"?'),
        (CustomScorers, {**SCORED, "scorer": EXACT[:-6]}, "EV-05", "with its version"),
        (CustomScorers, {**SCORED, "scorer": LAMBDA}, "EV-05", "as a registered evaluator"),
        (CustomScorers, {**SCORED, "postprocessing": False}, "EV-05", "never reach"),
        (CustomScorers, {**SCORED, "dataset": "exam.jsonl"}, "EV-06", "Not a dataset"),
        (CustomScorers, {**SCORED, "dataset": "s3://b-ucket/exam.csv"}, "EV-06", "JSON lines"),
        (
            CustomScorers,
            {**SCORED, "dataset": f"s3://{STACK.bucket}/nvx/"},
            "EV-13",
            "inside the dataset",
        ),
        (CustomScorers, {**SCORED, "output": "/data/out"}, "EV-13", "s3://bucket/prefix"),
        (CustomScorers, {**SCORED, "tags": {"nvx:stack": "x"}}, "EV-11", "set by AWS"),
        (CustomScorers, {**SCORED, "gate": {"em": {}}}, "EV-15", "needs min, max"),
        (LlmJudges, {**JUDGED, "metrics": []}, "EV-07", "has neither metrics"),
        (LlmJudges, {**JUDGED, "metrics": ["correctness"]}, "EV-07", 'mean "Correctness"?'),
        (LlmJudges, {**JUDGED, "model": NOVA}, "EV-07", '"amazon.nova-2-lite-v1:0"'),
        (LlmJudges, {**JUDGED, "temperature": 0.5}, "EV-08", "fixes how a model answers"),
        (LlmJudges, {**JUDGED, "judge": "amazon.nova-pro"}, "EV-07", "not known to judge"),
        (
            LlmJudges,
            {**JUDGED, "judge": "anthropic.claude-3-5-sonnet-20240620-v1:0"},
            "EV-07",
            "known to judge in ap-northeast-1",
        ),
        (
            LlmJudges,
            {**JUDGED, "judge": "meta.llama3-3-70b-instruct-v1:0"},
            "EV-07",
            "only by metrics of one's own",
        ),
        (LlmJudges, {**JUDGED, "metric": [BRIEF, BRIEF]}, "EV-07", 'called "brief"'),
        (
            LlmJudges,
            {**JUDGED, "metric": [{**BRIEF, "name": "Refusal"}]},
            "EV-07",
            "name of a built-in",
        ),
        (
            LlmJudges,
            {**JUDGED, "metric": [{**BRIEF, "instructions": "{{prompt}}"}]},
            "EV-07",
            "{{prediction}}",
        ),
        (
            LlmJudges,
            {**JUDGED, "metric": [{**BRIEF, "instructions": "{{prediction}}"}]},
            "EV-07",
            "sees no question",
        ),
        (
            LlmJudges,
            {**JUDGED, "metric": [{**BRIEF, "name": f"m{n}"} for n in range(11)]},
            "EV-07",
            "at most 10",
        ),
        (
            LlmJudges,
            {**JUDGED, "metric": [BRIEF], "metrics_file": "m.json"},
            "EV-07",
            "both define",
        ),
    ],
)
def test_each_mistake_is_told_under_its_number(
    spec: Any, fields: dict[str, Any], code: str, words: str
) -> None:
    (problem,) = found(spec, **fields)
    assert problem.code == code
    assert words in f"{problem.summary} {problem.detail} {problem.hint}"


def test_a_base_model_needs_an_mlflow_app() -> None:
    (problem,) = CustomScorers.check(checked(CustomScorers, **SCORED), STACK)
    assert problem.code == "EV-09"


def test_the_family_of_a_fine_tune_is_known_from_its_block() -> None:
    (problem,) = found(LlmJudges, tuned(NOVA), **{**JUDGED, "model": TUNED})
    assert problem.code == "EV-07"
    assert 'type    = "bedrock_judge"' in problem.hint
    assert found(LlmJudges, tuned(QWEN), **{**JUDGED, "model": TUNED}) == []
    scored = {**SCORED, "model": TUNED, "scorer": LAMBDA}
    assert found(CustomScorers, tuned(NOVA), **scored) == []
    assert [p.code for p in found(CustomScorers, tuned(QWEN), **scored)] == ["EV-05"]


@pytest.mark.parametrize(("kind", "codes"), [(RewardFunction, []), (RewardPrompt, ["EV-05"])])
def test_a_scorer_is_a_function(kind: Any, codes: list[str]) -> None:
    target = checked(kind, "scorer", source="x.py")
    assert [
        p.code for p in found(CustomScorers, target, **{**SCORED, "scorer": SCORER})
    ] == codes


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_declared_dataset_is_of_json_lines(ending: str) -> None:
    fields = {**JUDGED, "dataset": EXAM}
    other = checked(Dataset, "exam", source=f"exam.{ending}")
    assert [p.code for p in found(LlmJudges, other, **fields)] == ["EV-06"]
    assert found(LlmJudges, checked(Dataset, "exam", source="exam.jsonl"), **fields) == []


@pytest.mark.parametrize(("rows", "codes"), [(1000, []), (1001, ["EV-06"])])
def test_a_judge_takes_a_thousand_rows(rows: int, codes: list[str]) -> None:
    class Many(FixedSources):
        def rows(self, path: str, technique: str, family: str, at: Location) -> Source:
            return Source("0" * 64, 1, rows=rows)

    target = checked(Dataset, "exam", source="exam.jsonl")
    one = checked(LlmJudges, **{**JUDGED, "dataset": EXAM})
    one = replace(one, targets={target.address: target})
    assert [p.code for p in LlmJudges.identity(one, LOGGED, Many()).problems] == codes


def test_rules_have_numbers_in_order_and_words_of_their_own() -> None:
    assert [rule.id for rule in RULES] == [f"EV-{n:02}" for n in range(1, len(RULES) + 1)]
    words = [word for rule in RULES for word in rule.words]
    assert len(words) == len(set(words))
    assert judges()
