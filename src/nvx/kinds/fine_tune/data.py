"""The data of a serverless fine-tune: its form, whether it fits the method, whether it is enough."""

from __future__ import annotations

import math
from collections.abc import Iterator

from nvx.core.diagnostics import Diagnostic, error
from nvx.core.ports import Sources
from nvx.core.resource import Checked
from nvx.data.catalogue import base_model, family_of
from nvx.kinds.common.rows import dataset_of, form_problems, rows_of
from nvx.kinds.fine_tune.fields import ServerlessFields

CHANNELS = ("dataset", "validation_dataset")

_REINFORCED = ("rlvr", "rlaif")
_TECHNIQUES = {"rlaif": ("rlvr",)}
"""The techniques of datasets that a method takes, where it has none of its own name."""

_GRPO_BATCH, _GRPO_SHARE = 128, 0.9
"""Defaults of global_batch_size and train_val_split_ratio. Source: the verl recipes of 2026-06-23."""

_NOVA_2_LITE, _NOVA_2_LITE_BATCH = "nova-textgeneration-lite-v2", 32
"""Default of global_batch_size. Source: the Nova recipes of 2026-06-23."""


def dataset_problems(resource: Checked) -> Iterator[Diagnostic]:
    """Datasets of no known form, and those that are declared for another method."""
    for field in CHANNELS:
        yield from form_problems(resource, field)
        yield from _technique(resource, field)


def row_problems(
    resource: Checked, config: ServerlessFields, sources: Sources
) -> Iterator[Diagnostic]:
    """What the rows of local datasets break, and whether they are enough for one batch."""
    technique = "" if resource.variant in _TECHNIQUES else resource.variant
    family = family_of(base_model(config.base_model))
    for field in CHANNELS:
        source = rows_of(resource, field, sources, technique, family)
        if source is None:
            continue
        yield from source.problems
        if field == "dataset" and not source.problems:
            yield from _too_few(resource, config, source.rows)


def _technique(resource: Checked, field: str) -> Iterator[Diagnostic]:
    dataset = dataset_of(resource, field)
    said = dataset.technique if dataset is not None else None
    fitting = _TECHNIQUES.get(resource.variant, (resource.variant,))
    if said is not None and said not in fitting:
        yield error(
            "technique",
            "Dataset of another technique",
            f'{field} has technique = "{said}", and {resource.address} is trained by'
            f" {resource.variant}",
            at=resource.at((field,)),
            hint=f'use a dataset with technique = "{fitting[0]}"',
        )


def _too_few(resource: Checked, config: ServerlessFields, rows: int) -> Iterator[Diagnostic]:
    least, why = _least(resource.variant, config)
    if rows < least:
        yield error(
            "rows",
            "Too few rows",
            f"dataset has {rows} rows; {least} are needed: {why}",
            at=resource.at(("dataset",)),
            hint="add rows, or set a smaller global_batch_size if the recipe allows it",
        )


def _least(method: str, config: ServerlessFields) -> tuple[int, str]:
    """How many rows one batch takes, and why."""
    hub_name, values = base_model(config.base_model), config.hyperparameters
    if method in _REINFORCED and family_of(hub_name) == "open":
        batch = _number(values.get("global_batch_size"), _GRPO_BATCH)
        share = _number(values.get("train_val_split_ratio"), _GRPO_SHARE)
        if config.validation_dataset is not None or not 0 < share <= 1:
            return math.ceil(batch), f"one batch of {batch:g}"
        return math.ceil(batch / share), (
            f"one batch of {batch:g}, after {share:g} of the rows are kept for training"
        )
    if method == "sft" and hub_name == _NOVA_2_LITE:
        batch = _number(values.get("global_batch_size"), _NOVA_2_LITE_BATCH)
        return math.ceil(batch), f"one batch of {batch:g}"
    return 0, ""


def _number(value: object, otherwise: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return otherwise
    return value if math.isfinite(value) else otherwise
