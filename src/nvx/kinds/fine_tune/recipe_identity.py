"""What a fine-tune recipe is made of: the same for a block and for a file that say the same."""

from __future__ import annotations

from collections.abc import Mapping

from nvx.core.diagnostics import Diagnostic
from nvx.core.ports import Sources
from nvx.core.resource import Checked, Identity, Role, StackSettings
from nvx.core.values import Value
from nvx.kinds.common.fields import with_all_tags
from nvx.kinds.common.model import plain, roles_of, split
from nvx.kinds.common.rows import rows_of
from nvx.kinds.fine_tune.recipe_case import FULL, TuneCase
from nvx.kinds.fine_tune.recipe_fields import TuneRun
from nvx.kinds.fine_tune.recipe_rules import row_problems

_REPLICAS = "_replicas"


def identity_of(
    case: TuneCase,
    resource: Checked,
    stack: StackSettings,
    sources: Sources,
    problems: tuple[Diagnostic, ...],
) -> Identity:
    """The base model, the data and every value that differs from its default."""
    parts = split(case.config)
    technique = case.config.technique
    rows = rows_of(resource, "dataset", sources, _rows_of(technique), "nova")
    inputs: dict[str, Value] = {
        "technique": technique,
        "base_model": case.base.hub_name if case.base is not None else case.config.base_model,
        "training_type": FULL if case.training_type == FULL else None,
        "dataset": _data(case.dataset, resource, "dataset", sources),
        "validation_dataset": _data(case.validation, resource, "validation_dataset", sources),
        "source_model": case.source,
        "reward_function": case.function,
        "replicas": _replicas(case),
        "training_config": _values(case),
        "run": {k: v for k, v in case.run.items() if k.endswith((_REPLICAS, "_path_list"))},
        "ppo": dict(case.ppo),
        "repeat": parts.inputs.get("repeat"),
    }
    found = () if rows is None else (*rows.problems, *row_problems(case, rows))
    facts: dict[str, Value] = {"run": _circumstance(case)} if _circumstance(case) else {}
    return Identity(
        inputs={name: value for name, value in inputs.items() if value not in (None, {})},
        circumstance={**parts.circumstance, **facts},
        marks=with_all_tags(parts.marks, case.config, stack),
        policy=parts.policy,
        depends_on=parts.depends_on,
        problems=(*problems, *found),
    )


def _rows_of(technique: str) -> str:
    """The name that the rows of a technique have where data is checked."""
    return {"rft": "rlvr"}.get(technique, technique)


def _data(value: Value, resource: Checked, field: str, sources: Sources) -> Value:
    if isinstance(value, str) and value.startswith("s3://"):
        return dict(sources.object(value, resource.at((field,))).identity)
    return value


def _replicas(case: TuneCase) -> int | None:
    usual = case.offer.replicas[0] if case.offer is not None else None
    return None if case.replicas == usual else case.replicas


def _values(case: TuneCase) -> Mapping[str, Value]:
    """The written values that differ from their defaults, by dotted path."""
    found: dict[str, Value] = {}
    for name, value in case.values.items():
        key = case.shape.get(name)
        follows = key is not None and key.type in ("scheme", "function")
        usual = plain(key.default) if key is not None and key.default is not None else None
        if key is not None and name == "max_length" and case.offer is not None:
            usual = case.offer.max_length
        if not follows and value != usual:
            found[name] = value
    return found


def _circumstance(case: TuneCase) -> Mapping[str, Value]:
    """What the section `run` says of the job, not of the training."""
    roles = roles_of(TuneRun)
    found = {k: v for k, v in case.run.items() if roles[k] is Role.CIRCUMSTANCE}
    if case.config.recipe is not None:
        for field, value in (
            ("dataset", case.dataset),
            ("validation_dataset", case.validation),
        ):
            if isinstance(value, str):
                found[field] = value
    return found
