"""The data of a fine-tune by Autopilot, judged by what is written. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nvx.core.diagnostics import Diagnostic, Severity, error, warning
from nvx.core.ports import in_one_line
from nvx.core.resource import Checked
from nvx.kinds.common.rows import dataset_of
from nvx.kinds.common.serverless import S3_URI
from nvx.kinds.fine_tune.autopilot_fields import (
    CONTENT_TYPES,
    AutopilotFields,
    content_type_of,
)

CHANNELS = ("dataset", "validation_dataset")


def channel_problems(resource: Checked, config: AutopilotFields) -> Iterator[Diagnostic]:
    """What is wrong with the sources of data, and with how they are split (A-02 to A-09)."""
    yield from _channels(resource, config)
    yield from _fraction(resource, config)


def _channels(resource: Checked, config: AutopilotFields) -> Iterator[Diagnostic]:
    if config.dataset is None:
        alone = config.validation_dataset is not None
        text = "there is nothing to train on" + (
            ", only something to validate on" if alone else ""
        )
        yield error(
            "A-03" if alone else "A-02",
            "No training data",
            f"{resource.address}: {text}",
            at=resource.declared_at,
            hint="set `dataset`",
        )
        return
    if config.dataset == config.validation_dataset:
        text = f"dataset and validation_dataset are both {config.dataset}"
        hint = "remove validation_dataset: the service then keeps a share of the rows back"
        at = resource.at(("validation_dataset",))
        yield error("A-04", "Validated on what it was trained on", text, at=at, hint=hint)
    found = {}
    for field in CHANNELS:
        if getattr(config, field) is not None:
            yield from _source(resource, config, field)
            found[field] = _content_type(resource, config, field)
    if len(set(found.values()) - {""}) > 1:
        text = in_one_line(f"{field} is {kind}" for field, kind in found.items())
        at = resource.at(("validation_dataset",))
        yield error(
            "A-05", "Two formats", text, at=at, hint="both have to be CSV, or both Parquet"
        )


def _source(resource: Checked, config: AutopilotFields, field: str) -> Iterator[Diagnostic]:
    value, at = getattr(config, field), resource.at((field,))
    if isinstance(value, str) and not S3_URI.fullmatch(value):
        yield error(
            "A-09",
            "Not a dataset",
            f'{field} = "{value}"',
            at=at,
            hint="write ${dataset.<name>} or s3://…; a local file is declared as a dataset first",
        )
    elif _content_type(resource, config, field) not in CONTENT_TYPES:
        said = config.content_type or _location(resource, field)
        yield error(
            "A-09",
            "Neither CSV nor Parquet",
            f"{field}: {said}",
            at=resource.at(("content_type",)) if config.content_type else at,
            hint=f"use .csv or .parquet files, or set content_type to {in_one_line(CONTENT_TYPES)}",
        )


def _content_type(resource: Checked, config: AutopilotFields, field: str) -> str:
    return content_type_of(config, _location(resource, field))


def _location(resource: Checked, field: str) -> str:
    """Where the data of a field is, or will be: of a dataset, the name of its file."""
    dataset = dataset_of(resource, field)
    if dataset is not None:
        return f"s3://bucket/{dataset.source.rpartition('/')[2]}"
    value: Any = getattr(resource.config, field)
    return value if isinstance(value, str) else ""


def _fraction(resource: Checked, config: AutopilotFields) -> Iterator[Diagnostic]:
    share, at = config.validation_fraction, resource.at(("validation_fraction",))
    if share is None:
        if config.validation_dataset is None and config.dataset is not None:
            text = "validation_fraction = 0.2 (service default): a random fifth of the rows"
            yield Diagnostic(
                Severity.INFO,
                "A-08",
                "Part of the data is kept back",
                text,
                resource.declared_at,
            )
        return
    if config.validation_dataset is not None:
        text = "validation_fraction splits the dataset, and validation_dataset is there already"
        yield error("A-06", "Two ways to validate", text, at=at, hint="remove one of them")
    if not 0 < share < 1:
        text = f"validation_fraction = {share}: above 0 and below 1 is allowed"
        yield error("A-07", "Not a share", text, at=at)
    elif share >= 0.5:
        text = f"validation_fraction = {share} leaves less than half of the rows to train on"
        yield warning("A-07", "Little to train on", text, at=at)
