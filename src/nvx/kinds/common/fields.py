"""Fields that several kinds have, and the checks that go with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, TypeAlias

from pydantic import Field

from nvx.core.diagnostics import Diagnostic, error
from nvx.core.names import content_name
from nvx.core.resource import Checked, Role, StackSettings
from nvx.core.values import Value
from nvx.kinds.common.marks import is_mark
from nvx.kinds.common.model import Model

RESOURCE_NAME = r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$"
ROLE_ARN = r"^arn:aws[a-z-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$"

ContentName: TypeAlias = Annotated[
    str,
    Role.CIRCUMSTANCE,
    Field(
        pattern=rf"{RESOURCE_NAME}|^$",
        max_length=63,
        description="Its name in the AI registry; by default the stack's and the block's.",
    ),
]
Domain: TypeAlias = Annotated[
    str,
    Role.CIRCUMSTANCE,
    Field(pattern=r"^(d-[a-z0-9]{1,61})?$", description="The Studio domain that shows it."),
]

_TAGS = 45  # of 50: five are nvx's own marks
_TAG = re.compile(r"[\w\s.:/=+\-@]*")


def name_in_hub(resource: Checked, stack: StackSettings, name: str) -> str:
    """The name of hub content: the one that is set, else the stack's and the block's."""
    return name or content_name(stack.name, resource.address)


def all_tags(config: Model, stack: StackSettings) -> Mapping[str, str]:
    """The tags of the stack and of the block, which counts where both have one."""
    return {**stack.tags, **config.tags}


def with_all_tags(
    marks: Mapping[str, Value], config: Model, stack: StackSettings
) -> Mapping[str, Value]:
    """Marks in which the tags are those of the stack too."""
    tags = all_tags(config, stack)
    return {**marks, "tags": tags} if tags else marks


def tag_problems(
    resource: Checked, config: Model, stack: StackSettings
) -> Iterator[Diagnostic]:
    """Tags that AWS does not take, or that belong to nvx."""
    for summary, text in _tag_problems(all_tags(config, stack)):
        yield error("tags", summary, text, at=resource.at(("tags",)))


def _tag_problems(tags: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if len(tags) > _TAGS:
        yield "Too many tags", f"there are {len(tags)}; at most {_TAGS} fit beside nvx's own"
    for key, value in sorted(tags.items()):
        if key.lower().startswith("aws:") or is_mark(key):
            text = f'"{key}": tags that begin with "aws:" or "nvx:" are set by AWS and by nvx'
            yield "Reserved tag", text
        elif not 1 <= len(key) <= 128 or len(value) > 256 or not _fits(key + value):
            text = (
                f'"{key}" = "{value}": a key has 1 to 128 characters, a value at most 256:'
                " letters, digits, spaces and _ . : / = + - @"
            )
            yield "Not a tag", text


def missing(resource: Checked, setting: str, why: str) -> Diagnostic:
    """The error for a setting that neither the block nor the stack has."""
    return error(
        f"missing-{setting}",
        "Missing setting",
        f"{resource.address}: {why}",
        at=resource.declared_at,
        hint=f"set `{setting}` in [stack]",
    )


def _fits(text: str) -> bool:
    return _TAG.fullmatch(text) is not None
