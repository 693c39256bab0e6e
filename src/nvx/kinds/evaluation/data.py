"""The rows that an evaluation asks: where they may come from, and how a job is told of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from nvx.core.diagnostics import Diagnostic, error, warning
from nvx.core.ports import Sources
from nvx.core.resource import Checked, RefTo, Role, StackSettings
from nvx.core.values import Value
from nvx.kinds.common.model import Text
from nvx.kinds.common.rows import dataset_of, form_problems, rows_of
from nvx.kinds.common.serverless import output_of
from nvx.kinds.evaluation.fields import EvaluationFields

_OTHER_FORMS = (".csv", ".json", ".parquet")


class RowFields(EvaluationFields):
    """An evaluation by rows of one's own."""

    dataset: Annotated[
        Text,
        Role.BEHAVIOUR,
        RefTo(("dataset",), "arn"),
        Field(description="What to ask: a dataset, its ARN with a version, or s3://."),
    ]


def dataset_problems(
    resource: Checked, config: RowFields, stack: StackSettings
) -> Iterator[Diagnostic]:
    """A dataset of no known form, of no JSON lines, or one that the results would fall into."""
    yield from form_problems(resource, "dataset")
    declared = dataset_of(resource, "dataset")
    name = declared.source if declared is not None else str(config.dataset)
    if name.lower().endswith(_OTHER_FORMS):
        text = f"{name} is no JSON lines file: an evaluation reads one JSON object a line"
        yield error("dataset", "Not a dataset", text, at=resource.at(("dataset",)))
    if isinstance(config.dataset, str) and config.dataset.startswith("s3://"):
        yield from _overlap(resource, config.dataset, config, stack)


def dataset_identity(
    resource: Checked, config: RowFields, sources: Sources
) -> Mapping[str, Value]:
    """An `s3://` dataset by its content; anything else as it is written."""
    value = config.dataset
    if isinstance(value, str) and value.startswith("s3://"):
        return {"dataset": sources.object(value, resource.at(("dataset",))).identity}
    return {}


def row_problems(
    resource: Checked, sources: Sources, most: int | None = None
) -> Iterator[Diagnostic]:
    """Rows of a local dataset that cannot be read, and more of them than fit."""
    source = rows_of(resource, "dataset", sources, "", "")
    if source is None:
        return
    yield from source.problems
    if most is not None and source.rows > most:
        yield warning(
            "evaluation-rows",
            "Many rows",
            f"dataset has {source.rows:,} rows; a judge on Bedrock takes {most:,} prompts",
            at=resource.at(("dataset",)),
        )


def channel_of(dataset: str) -> Mapping[str, Any]:
    """The data source of the `train` channel."""
    if dataset.startswith("arn:"):
        return {"DatasetSource": {"DatasetArn": dataset}}
    return {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": dataset}}


def _overlap(
    resource: Checked, dataset: str, config: RowFields, stack: StackSettings
) -> Iterator[Diagnostic]:
    if not (config.output or stack.bucket):
        return
    output = output_of(stack, config.output or "")
    if f"{output}/".startswith(f"{dataset.rstrip('/')}/"):
        yield error(
            "output-in-dataset",
            "Results inside the dataset",
            f"results go to {output}, which is inside the dataset {dataset}",
            at=resource.at(("output",)),
            hint="set `output` to another place, or name the object instead of its folder",
        )
