"""Every text that people read, as it is printed: with all signs, and on a terminal of ASCII."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from nvx.core.state import Status
from nvx.core.values import JsonValue
from nvx.results.table import results_table
from nvx.views.diagnostics import diagnostics_text
from nvx.views.events import event_text, summary_text
from nvx.views.outputs import outputs_text
from nvx.views.paint import Paint
from nvx.views.plan import plan_text
from nvx.views.records import record_text, records_text
from nvx.views.results import results_csv, results_text
from support import view_samples as samples

UNICODE, ASCII = Paint(unicode=True), Paint(unicode=False)


@pytest.fixture(params=[UNICODE, ASCII], ids=["unicode", "ascii"])
def paint(request: pytest.FixtureRequest) -> Paint:
    chosen: Paint = request.param
    return chosen


def checked(text: str, paint: Paint) -> str:
    """A text within 80 columns, in signs that the terminal has."""
    assert [line for line in text.splitlines() if len(line) > 80] == []
    if not paint.unicode:
        text.encode("ascii")
    return text


def test_plan(paint: Paint, snapshot: SnapshotAssertion) -> None:
    assert checked(plan_text(samples.every_action(), paint), paint) == snapshot


def test_plan_without_changes(paint: Paint, snapshot: SnapshotAssertion) -> None:
    assert checked(plan_text(samples.nothing(), paint), paint) == snapshot


def test_events(paint: Paint, snapshot: SnapshotAssertion) -> None:
    lines = [text for e in samples.every_event() if (text := event_text(e, paint))]
    assert checked("\n".join(lines), paint) == snapshot


def test_summaries(paint: Paint, snapshot: SnapshotAssertion) -> None:
    texts = [summary_text(summary, paint) for summary in samples.summaries()]
    assert checked("\n\n".join(texts), paint) == snapshot


def test_diagnostics(paint: Paint, snapshot: SnapshotAssertion) -> None:
    assert checked(diagnostics_text(samples.diagnostics(), paint), paint) == snapshot


def test_records(snapshot: SnapshotAssertion) -> None:
    older = replace(samples.record(), id="arn:older", status=Status.FAILED, attempt=1)
    found = record_text(samples.record(), [older, samples.record()], UNICODE)
    assert f"{records_text([samples.record(), older], UNICODE)}\n\n{found}" == snapshot


def test_results(paint: Paint, snapshot: SnapshotAssertion) -> None:
    scores = {
        "tuned": {"accuracy": 0.5617, "accuracy_stderr": 0.0201},
        "base": {"accuracy": 0.5281, "accuracy_stderr": 0.0201},
    }
    done = replace(
        samples.record(),
        address=samples.MMLU,
        kind="evaluation",
        variant="benchmark",
        inputs={"benchmark": "mmlu", "subtasks": ["anatomy"]},
        refs={"model": "fine_tune.support"},
        outputs={"scores": scores, "simulated": True},
    )
    failed = replace(
        done, address=samples.SUITE, status=Status.FAILED, outputs={}, detail="no rows"
    )
    table = results_table([done, failed])
    assert f"{results_text(table, paint)}\n\n{results_csv(table)}" == snapshot


def test_outputs(snapshot: SnapshotAssertion) -> None:
    values: dict[str, JsonValue] = {"model": "arn:aws:…/1", "rows": 352, "missing": None}
    assert outputs_text(values, UNICODE) == snapshot


def test_colour_only_adds() -> None:
    coloured = plan_text(samples.every_action(), Paint(color=True))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plan_text(samples.every_action(), UNICODE)
