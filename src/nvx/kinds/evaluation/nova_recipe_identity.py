"""What an evaluation recipe is made of: the same for a block and for a file that say the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from nvx.core.diagnostics import Diagnostic, error
from nvx.core.ports import Source, Sources
from nvx.core.resource import Checked, Identity, Role, StackSettings
from nvx.core.values import Value
from nvx.data.nova import NovaModel, Task, answers_of
from nvx.kinds.common.fields import with_all_tags
from nvx.kinds.common.model import roles_of, split
from nvx.kinds.common.placing import is_remote, local_path
from nvx.kinds.common.rows import rows_of
from nvx.kinds.evaluation.nova_recipe_case import Case
from nvx.kinds.evaluation.nova_recipe_fields import Run


def identity_of(
    case: Case,
    resource: Checked,
    stack: StackSettings,
    sources: Sources,
    problems: tuple[Diagnostic, ...],
) -> Identity:
    """Model, questions and settings; what follows from the task is left out."""
    parts = split(case.config)
    source = _source(case, resource, sources)
    inputs: dict[str, Value] = {
        "model": _model(case),
        "model_type": None if case.is_base else case.get("run", "model_type"),
        "evaluation": _evaluation(case),
        "inference": _inference(case),
        "processor": _processor(case),
        "rl_env": dict(case.sections.get("rl_env", {})),
        "eval_lambda_arn": case.get("run", "eval_lambda_arn"),
        "replicas": case.replicas if case.replicas != 1 else None,
        "dataset": case.dataset if source is None else source.identity,
        "repeat": parts.inputs.get("repeat"),
    }
    run = _circumstance(case)
    facts: dict[str, Value] = {"run": run} if run else {}
    if case.nova is not None and not case.is_base:
        facts["base_model"] = case.nova.hub_name
    return Identity(
        inputs={name: value for name, value in inputs.items() if value not in (None, {})},
        circumstance={**parts.circumstance, **facts},
        marks=with_all_tags(parts.marks, case.config, stack),
        policy=parts.policy,
        depends_on=parts.depends_on,
        problems=(*problems, *_rows(case, resource, sources, source), *_images(case, resource)),
    )


def _model(case: Case) -> Value:
    """A model as it comes by its name in the hub, as other evaluations of it name it."""
    if isinstance(case.model, str) and case.nova is not None and case.is_base:
        return case.nova.hub_name
    return case.model


def _evaluation(case: Case) -> Mapping[str, Value]:
    asked: dict[str, Value] = {"task": case.get("evaluation", "task")}
    strategy = case.get("evaluation", "strategy")
    if case.task is not None and strategy not in (None, case.task.strategies[0]):
        asked["strategy"] = strategy
    return {**asked, "subtask": list(case.subtasks)} if case.subtasks else asked


def _inference(case: Case) -> Mapping[str, Value]:
    """What differs from how the model answers by itself."""
    usual: Mapping[str, Value] = {}
    if case.task is not None and case.nova is not None:
        usual = _usual(case.task, case.nova)
    written = case.sections.get("inference", {})
    return {key: value for key, value in written.items() if usual.get(key) != value}


def _usual(task: Task, nova: NovaModel) -> Mapping[str, Value]:
    return dict(answers_of(task, nova))


def _processor(case: Case) -> Mapping[str, Value]:
    usual: Mapping[str, Value] = {
        "lambda_type": "rft",
        "aggregation": "average",
        "preprocessing": {"enabled": False},
        "postprocessing": {"enabled": True},
    }
    written = case.sections.get("processor", {})
    return {key: value for key, value in written.items() if usual.get(key) != value}


def _circumstance(case: Case) -> Mapping[str, Value]:
    """What the section `run` says of the job, not of the question."""
    roles, written = roles_of(Run), case.sections.get("run", {})
    found = {k: v for k, v in written.items() if roles[k] is Role.CIRCUMSTANCE}
    if case.config.recipe is not None and isinstance(case.dataset, str):
        found["data_s3_path"] = case.dataset
    return found


def _source(case: Case, resource: Checked, sources: Sources) -> Source | None:
    """The identity of questions that are a file or an object; None for a reference, or none."""
    task = case.task
    if task is None or not task.needs_data or not isinstance(case.dataset, str):
        return None
    at = case.at("dataset")
    if is_remote(case.dataset):
        return sources.object(case.dataset, at)
    path = local_path(resource.directory, case.dataset)
    return sources.rows(str(path), task.name, "nova", at)


def _rows(
    case: Case, resource: Checked, sources: Sources, source: Source | None
) -> tuple[Diagnostic, ...]:
    """What is wrong with the rows, also with those of a dataset that is declared beside."""
    if source is None and case.task is not None and case.task.needs_data:
        source = rows_of(resource, "dataset", sources, case.task.name, "nova")
    return source.problems if source is not None else ()


def _images(case: Case, resource: Checked) -> Iterator[Diagnostic]:
    """Rows with images, for a model that sees none."""
    if case.nova is None or case.nova.images or case.get("evaluation", "task") != "gen_qa":
        return
    if not isinstance(case.dataset, str) or is_remote(case.dataset):
        return
    row = first_with_images(local_path(resource.directory, case.dataset))
    if row:
        text = f"{case.dataset}:{row}: the row has images, and {case.nova.name} sees none"
        yield error("N-11", "Task not for this model", text, at=case.at("dataset"))


def first_with_images(path: Path) -> int:
    """The number of the first row that has images; 0 where none has."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if b'"images"' in line and _has_images(line):
                    return number
    except OSError:
        return 0
    return 0


def _has_images(line: bytes) -> bool:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(row, dict) and bool(row.get("images"))
