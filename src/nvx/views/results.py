"""Scores as people read them and as machines do: base beside tuned, and the difference."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from nvx.core.state import Status
from nvx.core.values import JsonValue
from nvx.results.table import Cell, Column, Metric, Table
from nvx.views.paint import Paint, clean

_HEAD = ("model", "evaluation", "metric", "score", "base", "delta")
_Row = tuple[str, Column, Cell, Metric | None]


def results_text(table: Table, paint: Paint) -> str:
    """A line a metric, aligned; simulated scores say so."""
    rows = [_cells(row, paint) for row in _rows(table)]
    if not rows:
        return "No evaluation is recorded."
    widths = [max(len(row[i]) for row in (_HEAD, *rows)) for i in range(len(_HEAD))]
    lines = [paint(_line(_HEAD, widths), "bold")]
    lines += [_coloured(row, _line(row, widths), paint) for row in rows]
    lines += [f"warning: {clean(warning)}" for warning in table.warnings]
    if table.simulated:
        lines += [
            "",
            paint("simulated: the local AWS made these scores up; they mean nothing", "yellow"),
        ]
    return "\n".join(lines)


def _rows(table: Table) -> Iterator[_Row]:
    for (model, column), cells in sorted(table.cells.items(), key=lambda item: item[0]):
        for cell in cells:
            if not cell.metrics:
                yield model, column, cell, None
            for metric in cell.metrics:
                yield model, column, cell, metric


def _cells(row: _Row, paint: Paint) -> tuple[str, ...]:
    model, column, cell, metric = row
    label = clean(column.label)
    if metric is None:
        word = (
            "running"
            if cell.status is Status.PENDING
            else clean(cell.detail or cell.status.value)
        )
        return (clean(model), label, word, "", "", "")
    plus = "±" if paint.unicode else "+/-"
    return (
        clean(model),
        label,
        clean(metric.name),
        _score(metric.value, metric.stderr, plus),
        _score(metric.base, metric.base_stderr, plus),
        "" if metric.delta is None else f"{metric.delta:+.4f}",
    )


def _score(value: float | None, stderr: float | None, plus: str) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" + (f" {plus} {stderr:.4f}" if stderr is not None else "")


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(
        f"{text:<{width}}" for text, width in zip(row, widths, strict=True)
    ).rstrip()


def _coloured(row: tuple[str, ...], line: str, paint: Paint) -> str:
    delta = row[-1]
    if not delta:
        return line
    return line[: -len(delta)] + paint(delta, "red" if delta.startswith("-") else "green")


def results_csv(table: Table) -> str:
    """The same rows as comma-separated values, with full precision."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [
            "model",
            "evaluation",
            "question",
            "metric",
            "score",
            "stderr",
            "base",
            "base_stderr",
            "delta",
            "simulated",
        ]
    )
    for model, column, cell, metric in _rows(table):
        if metric is not None:
            numbers = (
                metric.value,
                metric.stderr,
                metric.base,
                metric.base_stderr,
                metric.delta,
            )
            writer.writerow(
                [model, str(cell.evaluation), column.label, metric.name]
                + ["" if n is None else repr(n) for n in numbers]
                + [str(cell.simulated).lower()]
            )
    return out.getvalue()


def results_document(table: Table) -> dict[str, JsonValue]:
    """`nvx.results/1`."""
    return {
        "format": "nvx.results/1",
        "simulated": table.simulated,
        "warnings": list(table.warnings),
        "results": [
            _cell_document(model, column, cell)
            for (model, column), cells in sorted(table.cells.items(), key=lambda item: item[0])
            for cell in cells
        ],
    }


def _cell_document(model: str, column: Column, cell: Cell) -> dict[str, JsonValue]:
    return {
        "model": model,
        "evaluation": str(cell.evaluation),
        "question": column.label,
        "status": "succeeded" if cell.status is Status.READY else cell.status.value,
        "simulated": cell.simulated,
        "base_model": cell.base_model or None,
        "base_model_version": cell.base_version or None,
        "attempt": cell.attempt,
        "ended_at": cell.ended_at or None,
        "detail": cell.detail,
        "metrics": [_metric_document(metric) for metric in cell.metrics],
        "subtasks": {
            name: [_metric_document(metric) for metric in metrics]
            for name, metrics in (cell.parts or {}).items()
        },
    }


def _metric_document(metric: Metric) -> dict[str, JsonValue]:
    return {
        "name": metric.name,
        "score": metric.value,
        "stderr": metric.stderr,
        "base": metric.base,
        "base_stderr": metric.base_stderr,
        "delta": metric.delta,
    }
