"""Scores side by side."""

from __future__ import annotations

from typing import Any

import pytest

from nvx.core.address import Address
from nvx.core.resource import Nature
from nvx.core.state import Record, Status
from nvx.results.table import Metric, cell_of, model_of, results_table


def evaluation(
    name: str, model: str, scores: dict[str, Any], benchmark: str = "mmlu", **outputs: Any
) -> Record:
    refs = {"model": model} if model.startswith("fine_tune.") else {}
    inputs: dict[str, Any] = {"model": {"ref": "d"} if refs else model, "benchmark": benchmark}
    return Record(
        address=Address("evaluation", name),
        kind="evaluation",
        variant="benchmark",
        nature=Nature.RUN,
        id=f"arn:{name}",
        name=name,
        digest=name,
        status=Status.READY,
        inputs=inputs,
        refs=refs,
        outputs={"scores": scores, **outputs},
    )


TUNED = evaluation(
    "tuned",
    "fine_tune.support",
    {
        "tuned": {"accuracy": 0.6, "accuracy_stderr": 0.01},
        "base": {"accuracy": 0.5, "accuracy_stderr": 0.02},
        "subtasks": {"tuned": {"a": {"accuracy": 0.7}}, "base": {"a": {"accuracy": 0.8}}},
    },
    base_model="nova",
    base_model_version="1.0.0",
)
PLAIN = evaluation("plain", "nova", {"base": {"accuracy": 0.4}}, simulated=True)


def test_base_stands_beside_tuned() -> None:
    (metric,) = cell_of(TUNED).metrics
    assert metric == Metric("accuracy", 0.6, 0.01, 0.5, 0.02)
    assert metric.delta == pytest.approx(0.1)
    parts = cell_of(TUNED).parts
    assert parts is not None
    assert parts["a"][0].delta == pytest.approx(-0.1)


def test_a_base_models_own_scores_are_its_value() -> None:
    (metric,) = cell_of(PLAIN).metrics
    assert (metric.value, metric.base, metric.delta) == (0.4, None, None)


def test_one_question_is_one_column_whatever_the_model() -> None:
    table = results_table([TUNED, PLAIN, evaluation("bbh", "nova", {}, "bbh")])
    assert table.models == ("fine_tune.support", "nova")
    assert [column.label for column in table.columns] == ["bbh", "mmlu"]
    (cell,) = table.cells["nova", table.columns[1]]
    assert cell.evaluation == PLAIN.address
    assert table.simulated


def test_a_repeated_question_shares_a_cell() -> None:
    again = evaluation("again", "nova", {"base": {"accuracy": 0.41}})
    table = results_table([PLAIN, again])
    assert len(table.cells["nova", table.columns[0]]) == 2


def test_different_versions_of_a_base_model_are_warned_of() -> None:
    other = evaluation(
        "other", "fine_tune.b", {}, base_model="nova", base_model_version="1.1.0"
    )
    assert results_table([TUNED]).warnings == ()
    assert results_table([TUNED, other]).warnings == (
        "mmlu was asked over versions 1.0.0, 1.1.0 of nova",
    )


def test_an_evaluation_without_scores_says_why() -> None:
    failed = evaluation("failed", "nova", {}, scores_detail="no result file")
    cell = cell_of(failed)
    assert (cell.metrics, cell.detail) == ((), "no result file")


@pytest.mark.parametrize("scores", [None, 1, "x", [], {"tuned": 3}, {"tuned": {"a": "b"}}])
def test_outputs_of_any_shape_give_a_cell(scores: Any) -> None:
    cell = cell_of(evaluation("odd", "nova", scores))
    assert all(metric.value is None for metric in cell.metrics)


def test_a_record_that_names_no_model_still_has_a_row() -> None:
    assert model_of(evaluation("odd", "", {})) == ""
    assert results_table([]).models == ()
