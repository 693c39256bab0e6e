"""The `[stack]` table, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from nvx.config.model import validated
from nvx.config.read import Names, expanded
from nvx.config.subject import Subject
from nvx.core.diagnostics import Diagnostic
from nvx.core.names import STACK_NAME, STACK_NAME_LIMIT
from nvx.core.resource import StackSettings

TABLE = "stack"

_CLOSED = "[stack] uses variables only"
_TAG_LIMIT = 45
"""Of 50: five are nvx's own marks."""


def _matching(pattern: re.Pattern[str], rule: str) -> AfterValidator:
    def checked(text: str) -> str:
        if pattern.fullmatch(text) is None:
            raise ValueError(rule)
        return text

    return AfterValidator(checked)


def _arn(service: str, resource: str, example: str) -> AfterValidator:
    pattern = re.compile(rf"arn:aws[a-z-]*:{service}:[a-z0-9-]*:[0-9]{{12}}:{resource}")
    return _matching(pattern, f"it takes an ARN such as {example}")


def _tags(tags: Mapping[str, str]) -> Mapping[str, str]:
    if len(tags) > _TAG_LIMIT:
        raise ValueError(f"a stack has at most {_TAG_LIMIT} tags")
    for key, value in tags.items():
        if not 1 <= len(key) <= 128 or len(value) > 256:
            raise ValueError("a tag's key has 1 to 128 characters, its value at most 256")
        if key.lower().startswith(("aws:", "nvx:")):
            raise ValueError("tags that begin with aws: or nvx: are not yours to set")
    return tags


def _stack_name(name: str) -> str:
    if len(name) > STACK_NAME_LIMIT or STACK_NAME.fullmatch(name) is None:
        raise ValueError(
            f"a stack name has at most {STACK_NAME_LIMIT} characters: lower-case letters and digits, "
            "with hyphens between them"
        )
    return name


_ROLE = _arn("iam", "role/.+", "arn:aws:iam::123456789012:role/train")


class StackTable(BaseModel):
    """`[stack]`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[str, AfterValidator(_stack_name)]
    region: Annotated[
        str,
        _matching(
            re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]"), "it takes a region such as us-west-2"
        ),
    ]
    account: Annotated[
        str, _matching(re.compile(r"[0-9]{12}"), "an account has 12 digits, in quotes")
    ] = ""
    role: Annotated[str, _ROLE] = ""
    lambda_role: Annotated[str, _ROLE] = ""
    bucket: Annotated[
        str,
        _matching(
            re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
            "it takes the name of a bucket, without s3://",
        ),
    ] = ""
    prefix: Annotated[
        str,
        _matching(
            re.compile(r"[A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*"),
            "it takes a key prefix such as team/nvx, without a / at either end",
        ),
    ] = "nvx"
    mlflow: Annotated[
        str,
        _arn(
            "sagemaker",
            "mlflow-(app|tracking-server)/.+",
            "arn:aws:sagemaker:us-west-2:123456789012:mlflow-app/app-EXAMPLE",
        ),
    ] = ""
    kms_key: Annotated[
        str,
        _matching(
            re.compile(r"[A-Za-z0-9:/_-]{1,2048}"), "it takes the ARN, id or alias of a KMS key"
        ),
    ] = ""
    domain: Annotated[
        str,
        _matching(
            re.compile(r"d-(-*[a-z0-9]){1,61}"), "it takes a Studio domain such as d-abc123"
        ),
    ] = ""
    tags: Annotated[Mapping[str, str], AfterValidator(_tags)] = Field(default_factory=dict)


def settings_of(
    subject: Subject, names: Names
) -> tuple[StackSettings | None, list[Diagnostic]]:
    """The settings of a stack, or what is wrong with them. Values may use variables only."""
    closed = names.closing(stack=_CLOSED, local=_CLOSED, each=_CLOSED)
    values, _, problems = expanded(subject, closed)
    table, found = validated(StackTable, values, subject)
    problems += found
    if table is None or problems:
        return None, problems
    return StackSettings(**table.model_dump()), []
