"""Golden hyperparameters of benchmarks: the question, the defaults, what is written over them."""

from __future__ import annotations

from typing import Any

import pytest

from nvx.aws.models import BaseModel, Models, Parameter
from nvx.kinds.evaluation.benchmark import BenchmarkFields, Benchmarks
from nvx.kinds.evaluation.subject import hyperparameters_of
from support.fake_calls import FakeCalls

OPEN = BaseModel("huggingface-reasoning-qwen3-06b", "arn", "1.0.0", gated=False)
NOVA = BaseModel("nova-textgeneration-lite-v2", "arn", "1.0.0", gated=False)
NOT_SENT = {
    "output_path": Parameter("string", "x"),
    "reasoning_effort": Parameter("string", "low"),
}


def defaults(max_new_tokens: int) -> dict[str, Parameter]:
    return {
        "max_new_tokens": Parameter("integer", max_new_tokens),
        "temperature": Parameter("integer", 0),
        "top_k": Parameter("integer", -1),
        "top_p": Parameter("float", 1.0),
        "max_model_len": Parameter("integer", None),
        **NOT_SENT,
    }


@pytest.mark.parametrize(
    ("base", "tokens", "fields", "expected"),
    [
        (
            OPEN,
            8192,
            {"benchmark": "mmlu", "subtasks": ["anatomy", "abstract_algebra"]},
            {
                "task": "mmlu",
                "strategy": "zs_cot",
                "evaluation_metric": "accuracy",
                "max_new_tokens": "8192",
                "temperature": "0",
                "top_k": "-1",
                "top_p": "1.0",
                "subtask": "abstract_algebra,anatomy",
            },
        ),
        (
            NOVA,
            32768,
            {"benchmark": "bbh", "subtasks": "ALL"},
            {
                "task": "bbh",
                "strategy": "fs_cot",
                "metric": "accuracy",
                "max_new_tokens": "32768",
                "temperature": "0",
                "top_k": "-1",
                "top_p": "1.0",
            },
        ),
        (
            NOVA,
            32768,
            {"benchmark": "mmmu", "temperature": 0.7, "top_k": 1, "max_new_tokens": 1600},
            {
                "task": "mmmu",
                "strategy": "zs_cot",
                "metric": "accuracy",
                "max_new_tokens": "1600",
                "temperature": "0.7",
                "top_k": "1",
                "top_p": "1.0",
            },
        ),
    ],
)
def test_what_a_job_gets(
    base: BaseModel, tokens: int, fields: dict[str, Any], expected: dict[str, str]
) -> None:
    config = BenchmarkFields(model=base.name, **fields)
    calls = FakeCalls()
    question = Benchmarks(calls, Models(calls)).question(config, base)
    assert dict(hyperparameters_of(question, config, defaults(tokens))) == expected
    assert question.problems == ()


def test_the_recipe_that_is_looked_for() -> None:
    def recipe(base: BaseModel, benchmark: str) -> str:
        calls = FakeCalls()
        config = BenchmarkFields(model=base.name, benchmark=benchmark)
        return Benchmarks(calls, Models(calls)).question(config, base).recipe_type

    assert recipe(OPEN, "mmlu") == "DeterministicEvaluation"
    assert recipe(NOVA, "mmlu") == "DeterministicTextBenchmark"
    assert recipe(NOVA, "mmmu") == "DeterministicMultiModalBenchmark"


def test_a_benchmark_for_another_family_is_a_problem_of_the_model() -> None:
    calls = FakeCalls()
    config = BenchmarkFields(model="arn:x", benchmark="mmmu")
    (problem,) = Benchmarks(calls, Models(calls)).question(config, OPEN).problems
    assert "only for models of the family nova" in problem
