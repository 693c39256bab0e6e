"""Names, functions and instances that recipes take, checked alike for every recipe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nvx.core.diagnostics import Diagnostic, Location, error, warning
from nvx.core.ports import in_one_line

MOST_REPLICAS = 16
_JOB_NAME = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?")
_FUNCTION = re.compile(
    r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:([A-Za-z0-9_-]{1,64})"
)
_ESCROW = re.compile(r"s3://customer-escrow-[^/]*?-(smtj|hp)-")


def name_problems(name: str, at: Location) -> Iterator[Diagnostic]:
    """A name that no job can have."""
    if not _JOB_NAME.fullmatch(name):
        text = f'name = "{name}"; it has 1 to 63 letters, digits and hyphens, none at an end'
        yield error("N-15", "Not a job name", text, at=at)


def function_problems(arn: str, at: Location, strict: bool) -> Iterator[Diagnostic]:
    """What is no function, or one that the role of a job may not call; `strict`: on HyperPod."""
    match = _FUNCTION.fullmatch(arn)
    if match is None:
        text = f'"{arn}" is no ARN of a function without a version'
        hint = "write ${evaluator.<name>} or arn:aws:lambda:<region>:<account>:function:<name>"
        yield error("N-09", "Not a function", text, at=at, hint=hint)
    elif "sagemaker" not in match[1].lower():
        text = (
            f"{match[1]}: policies let a job call only functions with SageMaker in their name"
        )
        make = error if strict else warning
        yield make("N-09", "Function perhaps not allowed", text, at=at)


def instance_problems(
    instance_type: str,
    listed: tuple[Sequence[str], Sequence[str]],
    what: str,
    at: Location,
    *,
    unlisted: bool,
) -> Iterator[Diagnostic]:
    """An instance type that recipes do not list; `listed`: those of today, and older ones."""
    today, older = listed
    if unlisted or instance_type in today:
        return
    text = f"{instance_type} is not listed for {what}: {in_one_line(today)}"
    if instance_type in older:
        yield warning("N-14", "Instance of older recipes", text, at=at)
        return
    hint = "unlisted_instance = true takes it all the same"
    yield error("N-14", "Instance not listed", text, at=at, hint=hint)


def platform_of(checkpoint: str) -> str:
    """Where a checkpoint was made, by its escrow bucket: smtj, smhp, or "" where it does not say."""
    match = _ESCROW.match(checkpoint)
    if match is None:
        return ""
    return "smtj" if match[1] == "smtj" else "smhp"
