from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.data.rewards import Sample, sample_of, scored

CONVERSE = {
    "schemaVersion": "bedrock-conversation-2024",
    "system": [{"text": "Be brief."}],
    "messages": [
        {"role": "user", "content": [{"text": "2 + 2?"}]},
        {"role": "assistant", "content": [{"text": "4"}]},
    ],
}
RFT = {
    "id": "q7",
    "messages": [{"role": "user", "content": "2 + 2?"}],
    "reference_answer": {"answer": 4},
    "difficulty": "easy",
}
VERL = {
    "data_source": "sums",
    "prompt": [{"role": "user", "content": "2 + 2?"}],
    "reward_model": {"style": "rule", "ground_truth": "4"},
}
SAMPLES = [Sample(1, "a", {}), Sample(2, "b", {})]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def item(id_: str, reward: object, **more: object) -> dict[str, object]:
    return {"id": id_, "aggregate_reward_score": reward, **more}


def test_a_converse_row_is_scored_on_its_own_answer() -> None:
    sample = sample_of(CONVERSE, 3)
    assert sample is not None
    assert (sample.line, sample.id) == (3, "row-3")
    assert [m["role"] for m in sample.event["messages"]] == ["system", "user", "assistant"]
    assert sample.event["messages"][-1]["content"] == sample.event["reference_answer"] == "4"


def test_a_reference_becomes_the_answer_to_score_and_columns_pass_through() -> None:
    sample = sample_of(RFT, 1)
    assert sample is not None
    assert sample.id == "q7"
    assert json.loads(sample.event["messages"][-1]["content"]) == {"answer": 4}
    assert sample.event["difficulty"] == "easy"


def test_a_verl_row_is_scored_on_its_ground_truth() -> None:
    sample = sample_of(VERL, 1)
    assert sample is not None
    assert sample.event["messages"][-1] == {"role": "assistant", "content": "4"}
    assert sample.event["data_source"] == "sums"


@pytest.mark.parametrize(
    "row", [{}, {"messages": []}, {"messages": [{"role": "user", "content": "x"}]}]
)
def test_a_row_without_a_reference_gives_no_sample(row: dict[str, Any]) -> None:
    assert sample_of(row, 1) is None


@pytest.mark.parametrize(
    "wrap", [lambda x: x, lambda x: {"statusCode": 200, "body": json.dumps(x)}]
)
def test_both_envelopes_are_taken(wrap: Any) -> None:
    answer = [
        item("a", 1),
        item("b", 0.5, metrics_list=[{"name": "m", "value": 1, "type": "Metric"}]),
    ]
    results = list(scored(wrap(answer), SAMPLES))
    assert [(r.reward, r.problem) for r in results] == [(1.0, ""), (0.5, "")]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("no", "neither a list nor an envelope"),
        ({"statusCode": 500, "body": "[]"}, "statusCode is 500"),
        ({"statusCode": 200, "body": []}, "has to be text"),
        ({"statusCode": 200, "body": "{"}, "is no JSON"),
        ([item("a", 1)], "1 items for 2 samples"),
        ([item("x", 1), item("b", 1)], "it has to be 'a'"),
        ([item("a", float("nan")), item("b", 1)], "finite"),
        ([item("a", True), item("b", 1)], "finite"),
        (
            [item("a", 1, metrics_list=[{"name": "m", "value": "1", "type": "Metric"}])] * 2,
            "metric m",
        ),
        ([item("a", 1, metrics_list={})] * 2, "no list"),
        ([1, 2], "no table"),
    ],
)
def test_an_answer_that_the_service_would_not_take_is_named(
    answer: object, problem: str
) -> None:
    assert problem in next(scored(answer, SAMPLES)).problem


@given(JSON)
def test_any_answer_is_judged_for_every_sample(answer: object) -> None:
    assert [r.id for r in scored(answer, SAMPLES)] == ["a", "b"]


@given(
    st.dictionaries(
        st.sampled_from(["messages", "prompt", "system", "id", "reward_model"]), JSON
    )
)
def test_any_row_gives_a_sample_or_none(row: dict[str, Any]) -> None:
    sample = sample_of(row, 1)
    assert sample is None or sample.event["messages"]
