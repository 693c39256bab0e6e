"""Scores out of result files, whatever bytes they hold."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.kinds.evaluation.reading import Reading, as_outputs
from nvx.kinds.evaluation.scores import (
    Scores,
    UnreadableScoresError,
    newest_results,
    parse_scores,
)

FOLDER = "eval/job/output/output/None/eval_results"


def test_the_whole_and_its_parts() -> None:
    body = {
        "results": {"all": {"accuracy": 0.31, "accuracy_stderr": 0.01}, "a|0": {"accuracy": 1}}
    }
    scores = parse_scores(json.dumps(body).encode())
    assert scores == Scores(
        {"accuracy": 0.31, "accuracy_stderr": 0.01}, {"a|0": {"accuracy": 1}}
    )


def test_without_a_whole_the_first_part_is_it() -> None:
    body = b'{"results": {"all": {}, "custom|gen_qa_gen_qa|0": {"rouge1": 0.2, "note": "x"}}}'
    assert parse_scores(body).overall == {"rouge1": 0.2}


def test_what_is_no_finite_number_is_left_out_not_zero() -> None:
    body = b'{"results": {"all": {"a": NaN, "b": Infinity, "c": null, "d": true, "e": 0}}}'
    assert parse_scores(body).overall == {"e": 0}


def test_made_up_scores_say_so() -> None:
    body = b'{"simulated": true, "results": {"all": {"a": 1}}}'
    assert parse_scores(body).simulated


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"[]", b"{}", b'{"results": 1}', b'{"results": {"all": {}}}', b"[" * 9999],
)
def test_other_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(UnreadableScoresError):
        parse_scores(body)


@given(st.binary(max_size=200))
def test_property_any_bytes_are_scores_or_refused(body: bytes) -> None:
    try:
        scores = parse_scores(body)
    except UnreadableScoresError:
        return
    assert scores.overall


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["results", "all", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(json_values)
def test_property_every_score_is_a_finite_number(value: object) -> None:
    try:
        scores = parse_scores(json.dumps({"results": value}).encode())
    except UnreadableScoresError:
        return
    for part in (scores.overall, *scores.parts.values()):
        assert all(math.isfinite(number) for number in part.values())


def test_the_newest_file_by_its_time_and_nothing_else() -> None:
    keys = [
        f"{FOLDER}/results_2026-01-01T00-00-00.json",
        f"{FOLDER}/results_2026-01-02T00-00-00.json",
        f"{FOLDER}/results_2026-01-03T00-00-00.json.tmp",
        f"{FOLDER}/details/model/results_2027.json",
        f"{FOLDER}/inference_output.jsonl",
    ]
    assert newest_results(keys) == keys[1]
    assert newest_results([]) is None


def test_one_model_that_cannot_be_read_does_not_hide_the_other() -> None:
    readings = {
        "tuned": Reading(Scores({"accuracy": 0.5}, {}, simulated=True), "s3://b/k"),
        "base": Reading(detail="no result file"),
    }
    assert as_outputs(readings) == {
        "scores": {"tuned": {"accuracy": 0.5}},
        "simulated": True,
        "results": {"tuned": "s3://b/k"},
        "scores_detail": "base: no result file",
    }
