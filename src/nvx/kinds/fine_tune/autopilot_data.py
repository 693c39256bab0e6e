"""What S3 and IAM say against a fine-tune by Autopilot before it starts. Reads only."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nvx.aws.automl import RoleAccess
from nvx.aws.objects import Objects, Place
from nvx.core.cloud import CloudError
from nvx.core.diagnostics import Diagnostic, error, warning
from nvx.core.resource import Declared, StackSettings
from nvx.core.values import JsonValue
from nvx.data.autopilot import tunable_models
from nvx.data.pairs import COLUMNS
from nvx.kinds.fine_tune.autopilot_fields import (
    PARQUET,
    AutopilotFields,
    content_type_of,
)

_CHARACTERS_PER_TOKEN = 4
_MOST_CUT = 0.6
_FILES = 20
_ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:ListBucket")


@dataclass(frozen=True, slots=True)
class Table:
    """What was read of the data: its rows, how many are long, and what is wrong with its columns."""

    rows: int = 0
    long: int = 0
    problem: str = ""


def data_findings(
    objects: Objects, config: AutopilotFields, declared: Declared
) -> Iterator[Diagnostic]:
    """Wrong columns (A-05), too many or too long rows (A-17), as far as small CSV files show them."""
    model = tunable_models().get(config.base_model)
    tokens = model.tokens if model is not None else 0
    tables = [
        table
        for uri in (config.dataset, config.validation_dataset)
        if isinstance(uri, str) and content_type_of(config, uri) != PARQUET
        for table in _tables(objects, uri, tokens)
    ]
    at = declared.declared_at
    for text in sorted({table.problem for table in tables if table.problem}):
        yield error("A-05", "Wrong columns", f"{declared.address}: {text}", at=at)
    rows, long = sum(t.rows for t in tables), sum(t.long for t in tables)
    if model is not None and rows > model.rows:
        text = f"there are {rows:,} rows, and {model.name} takes {model.rows:,}: the job would fail"
        yield warning("A-17", "Too many rows", text, at=at)
    if rows and long / rows > _MOST_CUT:
        text = (
            f"{long:,} of {rows:,} rows are longer than {tokens:,} tokens (taken as"
            f" {_CHARACTERS_PER_TOKEN} characters each): the job would fail"
        )
        yield warning("A-17", "Rows too long", text, at=at)


def role_findings(
    access: RoleAccess, stack: StackSettings, config: AutopilotFields, declared: Declared
) -> Iterator[Diagnostic]:
    """Whether IAM says that the role may not use the bucket of the base models (A-19)."""
    role = config.role or stack.role
    resources = _jumpstart_bucket(role, stack.region)
    denied = access.denied(role, _ACTIONS, resources) if role else ()
    if denied:
        yield warning(
            "A-19",
            "The role lacks the JumpStart bucket",
            f"{declared.address}: {role} may not {', '.join(sorted(set(denied)))}",
            at=declared.declared_at,
            hint=f"add this inline policy to the role: {json.dumps(_policy(resources))}",
        )


def _jumpstart_bucket(role: str, region: str) -> list[str]:
    """The bucket of pre-trained models of a region, in the partition of the role."""
    partition = role.split(":")[1] if role.startswith("arn:") else "aws"
    bucket = f"arn:{partition}:s3:::jumpstart-cache-prod-{region}"
    return [bucket, f"{bucket}/*"]


def _policy(resources: list[str]) -> dict[str, JsonValue]:
    statement: dict[str, JsonValue] = {
        "Effect": "Allow",
        "Action": list(_ACTIONS),
        "Resource": list(resources),
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _tables(objects: Objects, uri: str, tokens: int) -> Iterator[Table]:
    """The tables below an address, the first few of them; what cannot be read is not judged."""
    try:
        place = Place.parse(uri)
        keys = [str(row["Key"]) for row in objects.listed(place) if int(row["Size"])]
        for key in keys[:_FILES]:
            data = objects.read(Place(place.bucket, key))
            if data is not None:
                yield _table(data, key, tokens)
    except (CloudError, ValueError):
        return


def _table(data: bytes, key: str, tokens: int) -> Table:
    try:
        rows: Sequence[Sequence[str]] = [
            row for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) if row
        ]
    except (UnicodeDecodeError, csv.Error) as wrong:
        return Table(problem=f"{key} cannot be read as CSV: {wrong}")
    if not rows or tuple(rows[0]) != COLUMNS:
        header = ",".join(rows[0]) if rows else ""
        return Table(problem=f'{key} begins with "{header[:80]}", not with "input,output"')
    longest = tokens * _CHARACTERS_PER_TOKEN
    long = sum(max(map(len, row)) > longest for row in rows[1:]) if tokens else 0
    return Table(len(rows) - 1, long)
