"""A fine-tune recipe as it is sent: every value with its default, in the order of AWS' own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nvx.core.values import JsonValue
from nvx.data.nova_tuning import Key, Tuned

Table = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class TuneTerms:
    """What a recipe says beside its values."""

    name: str
    base: Tuned
    technique: str
    full: bool
    model_path: str
    replicas: int
    output: str
    max_length: int
    platform: str
    data: str = ""
    validation: str = ""
    function: str = ""
    fixed: Table = field(default_factory=dict)
    """Values by dotted path that follow from elsewhere: keys, buckets, teachers."""


def rendered(
    run: Table,
    values: Table,
    ppo: Mapping[str, Table],
    shape: Mapping[str, Key],
    terms: TuneTerms,
) -> Mapping[str, JsonValue]:
    """The whole recipe."""
    config = _training_config(values, shape, terms)
    document: dict[str, JsonValue] = {"run": _run(run, terms), "training_config": config}
    return {**document, **{name: dict(section) for name, section in ppo.items()}}


def _run(written: Table, terms: TuneTerms) -> Table:
    if terms.technique == "distillation":
        return {
            "name": terms.name,
            "model_type": terms.base.model_type,
            "model_name_or_path": "",
        }
    tracked = bool(written.get("mlflow_tracking_uri"))
    named = terms.name if tracked else ""
    run: dict[str, JsonValue] = {
        "name": terms.name,
        "model_type": terms.base.model_type,
        "model_name_or_path": terms.model_path,
        "replicas": terms.replicas,
        "data_s3_path": terms.data,
        "output_s3_path": terms.output,
        "mlflow_tracking_uri": written.get("mlflow_tracking_uri", ""),
        "mlflow_experiment_name": written.get("mlflow_experiment_name", named),
        "mlflow_run_name": written.get("mlflow_run_name", named),
    }
    if terms.technique == "sft" and terms.base.generation == 2:
        run["validation_data_s3_path"] = terms.validation
    if terms.function:
        run["reward_lambda_arn"] = terms.function
    if terms.technique == "ppo":
        run = {k: v for k, v in run.items() if k != "replicas"}
        run["actor_train_replicas"] = written.get("actor_train_replicas", terms.replicas)
    others = {k: v for k, v in written.items() if k.endswith(("_replicas", "_path_list"))}
    return {**run, **others}


def _training_config(values: Table, shape: Mapping[str, Key], terms: TuneTerms) -> Table:
    tree: dict[str, Any] = {}
    known: dict[str, JsonValue] = {**values, **terms.fixed}
    for key in shape.values():
        value = _value(key, known, terms)
        if value is not _ABSENT:
            _put(tree, key.path, value)
    for name, value in values.items():
        if name not in shape:
            _put(tree, tuple(name.split(".")), value)
    return tree


_ABSENT = object()


def _value(key: Key, known: Table, terms: TuneTerms) -> object:
    if key.type == "scheme":
        return None if terms.full else "lora"
    if key.lora and terms.full:
        return _ABSENT
    if key.type == "function" and terms.function:
        return terms.function
    if key.name in known:
        return known[key.name]
    if key.name == "max_length":
        return terms.max_length
    if key.type == "effort":
        return None
    if key.default is None:
        return _ABSENT
    return list(key.default) if isinstance(key.default, tuple) else key.default


def _put(tree: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    *parents, last = path
    for name in parents:
        tree = tree.setdefault(name, {})
    tree[last] = value
