"""Where the services are known to differ from their models, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quirk:
    """One known deviation: of which shape, which of its rules, known from where."""

    shape: str
    rule: str
    source: str


QUIRKS: tuple[Quirk, ...] = (
    Quirk(
        "bedrock:EvaluationTaskType",
        "enum is not enforced",
        'taskType "General" is used for judge jobs and is not in the enum (public issues)',
    ),
    Quirk(
        "*:responses",
        "min is not enforced",
        "an empty jobSummaries is sent although its min is 1 (service model, own runs)",
    ),
    Quirk(
        "s3:ObjectVersionStorageClass",
        "enum is not enforced",
        "it lists STANDARD alone, while versions of every class exist (S3 API reference)",
    ),
    Quirk(
        "sagemaker:PipelineDefinition",
        "pattern is not enforced",
        "it says nothing and backtracks without end on up to 1 MiB (own runs)",
    ),
    Quirk(
        "s3:*",
        "answers InvalidArgument",
        "S3 has no ValidationException (S3 API reference, Error responses)",
    ),
    Quirk(
        "iam:*",
        "answers ValidationError",
        "IAM and STS speak the query protocol (IAM API reference, Common errors)",
    ),
    Quirk(
        "sts:*",
        "answers ValidationError",
        "IAM and STS speak the query protocol (STS API reference, Common errors)",
    ),
    Quirk(
        "logs:*",
        "answers InvalidParameterException",
        "the model of every Logs operation has this error and no ValidationException",
    ),
    Quirk(
        "resourcegroupstaggingapi:*",
        "answers InvalidParameterException",
        "the model of every tagging operation has this error and no ValidationException",
    ),
)
"""Deviations of all services, as `nvx local quirks` prints them."""

_NOT_ENFORCED = " is not enforced"
_ANSWERS = "answers "

_WAIVED: frozenset[tuple[str, str]] = frozenset(
    (quirk.shape, quirk.rule.removesuffix(_NOT_ENFORCED))
    for quirk in QUIRKS
    if quirk.rule.endswith(_NOT_ENFORCED)
)
_CODES: Mapping[str, str] = {
    quirk.shape.removesuffix(":*"): quirk.rule.removeprefix(_ANSWERS)
    for quirk in QUIRKS
    if quirk.rule.startswith(_ANSWERS)
}


def is_waived(service: str, shape: str, rule: str) -> bool:
    """Whether a rule of the model ("enum", "pattern"…) is not enforced by the service."""
    return (f"{service}:{shape}", rule) in _WAIVED


def refusal_code(service: str) -> str:
    """The code a service refuses a request with that breaks its model."""
    return _CODES.get(service, "ValidationException")
