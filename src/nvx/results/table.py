"""Scores side by side: a row for each model, a column for each question asked of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nvx.core.address import Address
from nvx.core.digest import sha256_of
from nvx.core.state import Record, Status
from nvx.core.values import JsonValue

_NOT_THE_QUESTION = frozenset({"model", "compare_base", "repeat"})
"""Inputs that say who is asked, and how often, not what."""

_STDERR = "_stderr"


@dataclass(frozen=True, slots=True)
class Metric:
    """One number: of the evaluated model, and of its base model where both were asked."""

    name: str
    value: float | None
    stderr: float | None = None
    base: float | None = None
    base_stderr: float | None = None

    @property
    def delta(self) -> float | None:
        """How far the model is above its base model; None where one of them is not known."""
        if self.value is None or self.base is None:
            return None
        return self.value - self.base


@dataclass(frozen=True, slots=True)
class Cell:
    """One evaluation of one model."""

    evaluation: Address
    status: Status
    metrics: tuple[Metric, ...] = ()
    parts: Mapping[str, tuple[Metric, ...]] | None = None
    simulated: bool = False
    base_model: str = ""
    base_version: str = ""
    attempt: int = 1
    detail: str = ""
    """Why there are no scores, where there are none."""
    ended_at: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Column:
    """One question: a label for people, and the hash of everything that makes the question."""

    label: str
    question: str


@dataclass(frozen=True, slots=True)
class Table:
    """Every evaluation in its place. A cell holds several where a question was asked again."""

    models: tuple[str, ...]
    columns: tuple[Column, ...]
    cells: Mapping[tuple[str, Column], tuple[Cell, ...]]
    warnings: tuple[str, ...] = ()

    @property
    def simulated(self) -> bool:
        """Whether any score in it was made up by the local AWS."""
        return any(cell.simulated for cells in self.cells.values() for cell in cells)


def results_table(records: Iterable[Record]) -> Table:
    """The table of evaluation records: of the current ones, or of any that are handed over."""
    placed: dict[tuple[str, Column], list[Cell]] = {}
    for record in sorted(records, key=lambda r: (r.address, r.attempt, r.id)):
        placed.setdefault((model_of(record), _column(record)), []).append(cell_of(record))
    cells = {place: tuple(found) for place, found in placed.items()}
    return Table(
        models=tuple(sorted({model for model, _ in cells})),
        columns=tuple(sorted({column for _, column in cells})),
        cells=cells,
        warnings=_version_warnings(cells),
    )


def model_of(record: Record) -> str:
    """What a record evaluated: the address of a fine-tune, a base model's name, a package's ARN."""
    named = record.refs.get("model")
    if named is not None:
        return named
    model = record.inputs.get("model")
    return model if isinstance(model, str) else "(unknown)"


def cell_of(record: Record) -> Cell:
    """The scores of one record."""
    scores = _mapping(record.outputs.get("scores"))
    own, base = _mapping(scores.get("tuned")), _mapping(scores.get("base"))
    if not own:
        own, base = base, {}
    return Cell(
        evaluation=record.address,
        status=record.status,
        metrics=_metrics(own, base),
        parts=_parts(_mapping(scores.get("subtasks"))),
        simulated=record.outputs.get("simulated") is True,
        base_model=str(record.outputs.get("base_model") or ""),
        base_version=str(record.outputs.get("base_model_version") or ""),
        attempt=record.attempt,
        detail=str(record.outputs.get("scores_detail") or record.detail),
        ended_at=record.ended_at,
    )


def question_of(record: Record) -> str:
    """The hash of everything that was asked: benchmark, data and settings, whoever was asked."""
    asked = {k: v for k, v in record.inputs.items() if k not in _NOT_THE_QUESTION}
    return sha256_of({"variant": record.variant, "asked": asked})


def _column(record: Record) -> Column:
    return Column(_label(record), question_of(record))


def _label(record: Record) -> str:
    """`mmlu`, `mmlu (2 subtasks)`; the variant where the question has no name of its own."""
    asked = _mapping(record.inputs.get("evaluation"))
    name = record.inputs.get("benchmark", asked.get("task"))
    if not isinstance(name, str):
        return record.variant or record.kind
    subtasks = record.inputs.get("subtasks", asked.get("subtask"))
    if not isinstance(subtasks, list | tuple) or not subtasks:
        return name
    if len(subtasks) == 1:
        return f"{name} ({subtasks[0]})"
    return f"{name} ({len(subtasks)} subtasks)"


def _metrics(own: Mapping[str, JsonValue], base: Mapping[str, JsonValue]) -> tuple[Metric, ...]:
    names = sorted({name for name in (*own, *base) if not name.endswith(_STDERR)})
    return tuple(
        Metric(
            name,
            value=_number(own.get(name)),
            stderr=_number(own.get(name + _STDERR)),
            base=_number(base.get(name)),
            base_stderr=_number(base.get(name + _STDERR)),
        )
        for name in names
    )


def _parts(subtasks: Mapping[str, JsonValue]) -> Mapping[str, tuple[Metric, ...]]:
    own, base = _mapping(subtasks.get("tuned")), _mapping(subtasks.get("base"))
    if not own:
        own, base = base, {}
    return {
        name: _metrics(_mapping(own.get(name)), _mapping(base.get(name)))
        for name in sorted({*own, *base})
    }


def _version_warnings(cells: Mapping[tuple[str, Column], tuple[Cell, ...]]) -> tuple[str, ...]:
    """A warning for each question that was asked over more than one version of one base model.

    The service always takes the newest version of a base model, so two runs may have had different ones.
    """
    seen: dict[tuple[Column, str], set[str]] = {}
    for (_, column), found in cells.items():
        for cell in found:
            if cell.base_version:
                seen.setdefault((column, cell.base_model), set()).add(cell.base_version)
    return tuple(
        f"{column.label} was asked over versions {', '.join(sorted(versions))} of {base_model}"
        for (column, base_model), versions in sorted(seen.items())
        if len(versions) > 1
    )


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, Mapping) else {}


def _number(value: JsonValue) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)
