"""The rows of the dataset that a run refers to, as far as they can be read before it exists in AWS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Protocol

from nvx.core.diagnostics import Diagnostic, DiagnosticError, error
from nvx.core.ports import Source, Sources
from nvx.core.resource import Checked
from nvx.core.values import Reference
from nvx.kinds.common.placing import is_remote, local_path
from nvx.kinds.common.serverless import S3_URI

DATASET_ARN = re.compile(
    r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:(\d{12}|aws):hub-content/[^/\s]+/DataSet/[^/\s]+"
    r"/\d{1,4}\.\d{1,4}\.\d{1,4}"
)


class HasRows(Protocol):
    """The fields of a declared dataset that a run of it has to know."""

    @property
    def source(self) -> str:
        """A local file, or an `s3://` object."""
        ...

    @property
    def technique(self) -> str | None:
        """What it is said to train."""
        ...


def form_problems(resource: Checked, field: str) -> Iterator[Diagnostic]:
    """Text that names no dataset."""
    value = getattr(resource.config, field)
    if not isinstance(value, str) or S3_URI.fullmatch(value) or DATASET_ARN.fullmatch(value):
        return
    yield error(
        "dataset",
        "Not a dataset",
        f'{field} = "{value}"',
        at=resource.at((field,)),
        hint="write ${dataset.<name>}, the ARN of a registered dataset with its version, or s3://…;"
        " a local file is declared as a dataset first",
    )


def dataset_of(resource: Checked, field: str) -> HasRows | None:
    """The declared dataset that a field refers to; None for anything else."""
    value = getattr(resource.config, field)
    target = resource.targets.get(value.target) if isinstance(value, Reference) else None
    if target is None or target.kind != "dataset":
        return None
    config: Any = (
        target.config
    )  # the kind says which fields it has; to ask each of them is slow
    found: HasRows = config
    return found


def rows_of(
    resource: Checked, field: str, sources: Sources, technique: str, family: str
) -> Source | None:
    """The rows of a field's dataset, each checked for what the run takes; None where it is not local.

    None too for a file that cannot be read: the dataset says so itself.
    """
    dataset = dataset_of(resource, field)
    if dataset is None or is_remote(dataset.source):
        return None
    path = local_path(resource.directory, dataset.source)
    try:
        return sources.rows(str(path), technique, family, resource.at((field,)))
    except DiagnosticError:
        return None
