"""Fields that take an evaluator: a reference, or the ARN of one in an AI registry with its version."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nvx.aws.scorers import Evaluator
from nvx.core.diagnostics import Diagnostic, error
from nvx.core.resource import Checked, StackSettings
from nvx.core.values import Reference
from nvx.kinds.common.model import Text

EVALUATOR_ARN = re.compile(
    r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:hub-content/[^/\s]+/JsonDoc/[^/\s]+"
    r"/\d{1,4}\.\d{1,4}\.\d{1,4}"
)
LAMBDA_ARN = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[a-zA-Z0-9_-]{1,64}")


def evaluator_problems(
    resource: Checked, field: str, type_: str, stack: StackSettings, code: str = "evaluator"
) -> Iterator[Diagnostic]:
    """What is wrong with the evaluator that a field names: its form, its type, its region."""
    value: Text | None = getattr(resource.config, field)
    at = resource.at((field,))
    if isinstance(value, Reference):
        target = resource.targets.get(value.target)
        if target is not None and target.variant != type_:
            text = f"{field} needs an evaluator of type {type_}, and {value.target} is a {target.variant}"
            yield error(code, "Evaluator of the wrong type", text, at=at)
    elif isinstance(value, str) and not EVALUATOR_ARN.fullmatch(value):
        yield error(
            code,
            "Not an evaluator",
            f'{field} = "{value}"',
            at=at,
            hint="write ${evaluator.<name>}, or the ARN of a registered evaluator with its version",
        )
    elif isinstance(value, str) and stack.region and value.split(":")[3] != stack.region:
        text = f"{field} is in {value.split(':')[3]}, and the stack in {stack.region}"
        yield error(code, "Evaluator of another region", text, at=at)


def evaluator_refusals(arn: str, found: Evaluator | None, type_: str) -> Iterator[str]:
    """Why a registered evaluator cannot serve; `type_` is the service's word for the type needed."""
    if found is None:
        yield f"there is no evaluator {arn}"
    elif found.status != "Available":
        yield f"the evaluator {arn} is {found.status}, not Available"
    elif found.type != type_:
        yield f"the evaluator {arn} is a {found.type or 'document of another kind'}, not a {type_}"
