"""The rows of an AutoML job: how many, how long, and whether they have the right columns."""

from __future__ import annotations

import csv
import io

from nvx.local.context import Context, Params
from nvx.local.services.sagemaker.arns import bucket_and_key
from nvx.local.services.sagemaker.automl_models import TunableModel
from nvx.local.services.sagemaker.automl_rules import is_csv, uri_of
from nvx.local.services.sagemaker.inputs import objects_under, read_object

_COLUMNS = ["input", "output"]
_CHARACTERS_PER_TOKEN = 4
_MOST_CUT = 0.6
_READ_AT_MOST = 32 * 1024 * 1024


def problem_with_data(ctx: Context, request: Params, model: TunableModel) -> str | None:
    """Why the data of a job cannot be used, or None. Parquet files are not looked into."""
    count = cut = 0
    for channel in request["AutoMLJobInputDataConfig"]:
        if not is_csv(channel):
            continue
        for row in _rows(ctx, channel, request["RoleArn"]):
            if isinstance(row, str):
                return row
            count += 1
            cut += max(map(len, row)) > model.tokens * _CHARACTERS_PER_TOKEN
    if count > model.rows:
        return f"ClientError: the data has {count} rows; at most {model.rows} are allowed."
    if count and cut / count > _MOST_CUT:
        return (
            f"ClientError: {cut} of {count} rows are longer than the {model.tokens} tokens "
            "of the model."
        )
    return None


def _rows(ctx: Context, channel: Params, role: str) -> list[list[str] | str]:
    """The rows of a channel; a text among them says what is wrong."""
    uri = uri_of(channel)
    bucket, _ = bucket_and_key(uri)
    objects = objects_under(ctx, uri, role)
    if sum(item["Size"] for item in objects) > _READ_AT_MOST:
        return []
    found: list[list[str] | str] = []
    for item in objects:
        found += _table(read_object(ctx, f"s3://{bucket}/{item['Key']}"), item["Key"])
    return found


def _table(data: bytes, name: str) -> list[list[str] | str]:
    try:
        rows = [row for row in csv.reader(io.StringIO(data.decode("utf-8"))) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        return [f"ClientError: {name} is not CSV: {error}"]
    if not rows or rows[0] != _COLUMNS:
        return [f"ClientError: {name} must have the columns input and output, and no others."]
    if any(len(row) != len(_COLUMNS) for row in rows):
        return [f"ClientError: {name} has rows without exactly two values."]
    return list(rows[1:])
