"""The numbered rules of custom scorers and judges: each broken, and each kept."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nvx.core.address import Address
from nvx.core.values import Reference
from nvx.kinds.evaluation.definition import definition_problems
from nvx.kinds.evaluation.judge_metrics import CustomMetric, MetricsError, metrics_in, wire_text
from nvx.kinds.evaluation.judge_scores import newest_aggregate, parse_aggregate
from nvx.kinds.evaluation.llm_judge import LlmJudges
from nvx.kinds.evaluation.scores import UnreadableScoresError, parse_scores
from nvx.kinds.evaluation.terms import Terms
from support.runs import APP, STACK, FixedSources, checked, declared

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


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "not JSON"),
        ("[]", "must be a list"),
        ("{}", "must be a list"),
        ("[1]", "[0] must be an object"),
        ('[{"customMetricDefinition": {"name": "a b", "instructions": "x"}}]', "[0].custom"),
        ('[{"customMetricDefinition": {"name": "a"}}]', "instructions"),
        ('[{"customMetricDefinition": {"name": "a", "prompt": "x"}}]', "unknown key prompt"),
        (
            '[{"customMetricDefinition": {"name": "a", "instructions": "x", "ratingScale":'
            ' [{"definition": "no", "value": {"floatValue": 0, "stringValue": "x"}}]}}]',
            "exactly one of floatValue and stringValue",
        ),
    ],
)
def test_a_file_of_metrics_says_what_is_wrong_with_it(content: str, words: str) -> None:
    with pytest.raises(MetricsError, match=re.escape(words)):
        metrics_in(content.encode())


def test_a_file_of_metrics_is_held_to_the_limits_of_the_block(tmp_path: Path) -> None:
    def codes(*metrics: dict[str, Any]) -> list[str]:
        documents = [{"customMetricDefinition": metric} for metric in metrics]
        (tmp_path / "m.json").write_text(json.dumps(documents))
        one = checked(LlmJudges, **{**JUDGED, "metrics_file": "m.json"})
        one = replace(one, directory=str(tmp_path))
        return [p.code for p in LlmJudges.identity(one, LOGGED, FixedSources()).problems]

    scale = [{"definition": "no", "value": {"floatValue": 0}}]
    good = {"name": "brief", "instructions": TEXT, "ratingScale": scale}
    assert codes(good) == []
    assert codes({**good, "instructions": "x"}, good) == ["EV-07"] * 3
    (tmp_path / "m.json").write_text("x")
    one = replace(
        checked(LlmJudges, **{**JUDGED, "metrics_file": "m.json"}), directory=str(tmp_path)
    )
    (problem,) = LlmJudges.identity(one, LOGGED, FixedSources()).problems
    assert (problem.code, problem.is_error) == ("EV-07", True)


_METRICS = st.lists(
    st.builds(
        CustomMetric,
        name=st.from_regex(r"[0-9a-zA-Z._-]{1,63}", fullmatch=True),
        instructions=st.text(min_size=1, max_size=50),
    ),
    min_size=1,
    max_size=10,
)


@given(_METRICS)
def test_metrics_written_as_the_service_takes_them_are_read_back_the_same(
    metrics: list[CustomMetric],
) -> None:
    assert list(metrics_in(wire_text(metrics))) == metrics


@given(st.binary(max_size=60))
def test_no_bytes_break_the_readers_of_metrics_and_scores(data: bytes) -> None:
    for read, failure in (
        (metrics_in, MetricsError),
        (parse_aggregate, UnreadableScoresError),
        (parse_scores, UnreadableScoresError),
    ):
        try:
            read(data)
        except failure:
            continue


def test_what_a_judge_could_not_score_is_left_out_and_said() -> None:
    scored = {"score": 0.5, "std_deviation": 0.3, "total_evaluations": 10, "failed": 1}
    unscored = {"score": None, "std_deviation": None, "total_evaluations": 10, "failed": 10}
    document = {"job_name": "x", "results": {"A": scored, "B": unscored, "C": 1}}
    scores = parse_aggregate(json.dumps(document).encode())
    assert scores.overall == {"A": 0.5, "A_stderr": pytest.approx(0.1)}
    assert scores.warnings == (
        "A: 1 of 10 answers were not judged",
        "B: 10 of 10 answers were not judged",
    )
    assert newest_aggregate(["a/x.json", "a/n/bedrock_llm_judge_results.json"])


def test_rows_that_a_scorer_failed_on_are_said() -> None:
    body = {"results": {"all": {"em": 0.5, "byoc_failure_count": 3}}}
    (warning,) = parse_scores(json.dumps(body).encode()).warnings
    assert "failed on 3 rows" in warning


def test_a_definition_of_more_than_a_mebibyte_is_refused() -> None:
    small = Terms("BenchmarkEvaluation", "role", "base", {"a": "b"}, "s3://bucket/out")
    assert list(definition_problems(small)) == []
    (problem,) = definition_problems(replace(small, hyperparameters={"a": "b" * 2**20}))
    assert "1,048,576" in problem


def test_order_repetition_and_prefix_of_metrics_do_not_count() -> None:
    def digest(*metrics: str) -> str:
        return declared(
            LlmJudges, "exam", LOGGED, **{**JUDGED, "metrics": list(metrics)}
        ).digest

    assert digest("Refusal", "Correctness") == digest(
        "builtin.Correctness", "Refusal", "Refusal"
    )
    assert digest("Refusal") != digest("Correctness")


@pytest.mark.parametrize(
    "fields",
    [
        {"metric": [{**BRIEF, "name": "a b"}]},
        {"metric": [{**BRIEF, "instructions": "x" * 5001}]},
        {"metric": [{**BRIEF, "scale": [{"definition": "x", "value": float("nan")}]}]},
        {"metric": [{**BRIEF, "scale": BRIEF["scale"] * 6}]},
        {"metric": [{**BRIEF, "scale": [{"definition": "", "value": 1.0}]}]},
        {"judges": "x"},
        {"judge": "a b"},
    ],
)
def test_the_model_refuses_what_is_beyond_the_limits(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        checked(LlmJudges, **{**JUDGED, **fields})
