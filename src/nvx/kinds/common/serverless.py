"""What serverless training jobs share, whether they tune or evaluate: fields and their wire form."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import Field

from nvx.core.cloud import Rejected
from nvx.core.resource import Role, StackSettings
from nvx.core.values import JsonValue
from nvx.kinds.common.model import Model, Strict, roles_of

HUB_MODEL = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
S3_URI = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^\s'\"{}]*)?")
PACKAGE_ARN = re.compile(
    r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]{9,16}:\d{12}:model-package/[^\s/]+/\d+"
)
GROUP_ARN = re.compile(
    r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]{9,16}:\d{12}:model-package-group/\S+"
)
MLFLOW_ARN = re.compile(r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:\d{12}:mlflow-[a-zA-Z-]*/.+")
GROUP_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")

_ID = Annotated[str, Field(pattern=r"^[-0-9a-zA-Z]{1,32}$")]


class Vpc(Strict):
    """The network that a job runs in."""

    security_group_ids: Annotated[
        list[_ID], Field(min_length=1, max_length=5, description="What it may talk to.")
    ]
    subnets: Annotated[
        list[_ID], Field(min_length=1, max_length=16, description="Where it gets addresses.")
    ]

    @property
    def wire(self) -> Mapping[str, Any]:
        """As the service takes it."""
        return {
            "SecurityGroupIds": list(self.security_group_ids),
            "Subnets": list(self.subnets),
        }


class Mlflow(Strict):
    """Where a job logs its metrics."""

    app: Annotated[
        str,
        Field(
            max_length=2048,
            pattern=rf"^{MLFLOW_ARN.pattern}$",
            description="ARN of an MLflow app or tracking server; the stack's by default.",
        ),
    ] = ""
    experiment: Annotated[
        str, Field(max_length=256, description="The experiment that the run belongs to.")
    ] = ""
    run: Annotated[str, Field(max_length=256, description="The name of the run.")] = ""


M = TypeVar("M", bound=Model)


def typed(model: type[M], config: Mapping[str, Any]) -> M:
    """The model of a wish, whose references are resolved or still there.

    Policy fields stay as they were checked: they may name addresses, and nothing of them is sent.
    """
    roles = roles_of(model)
    kept = {
        name: _builtin(value)
        for name, value in config.items()
        if name in roles and (roles[name] is not Role.POLICY or isinstance(value, bool | str))
    }
    return model.model_validate(kept)


def wire_text(value: JsonValue) -> str:
    """A scalar as the service takes a hyperparameter: `200`, `1e-05`, `True`."""
    return str(value)


def role_of(settings: StackSettings, own: str) -> str:
    """The role that a job runs as. Raises Rejected where none is known."""
    role = own or settings.role
    if not role:
        raise Rejected("no role to run as: set `role` in [stack]", code="MissingRole")
    return role


def output_of(settings: StackSettings, own: str) -> str:
    """Where a job writes: its own location, else one under the stack's bucket, without a last slash."""
    if own:
        return own.rstrip("/")
    if not settings.bucket:
        raise Rejected("nowhere to write to: set `bucket` in [stack]", code="MissingBucket")
    return "/".join(
        part
        for part in (
            f"s3://{settings.bucket}",
            settings.prefix.strip("/"),
            settings.name,
            "output",
        )
        if part
    )


def group_arn(settings: StackSettings, role: str, group: str) -> str:
    """The ARN of a model package group that is given by name or ARN."""
    if group.startswith("arn:"):
        return group
    partition = role.split(":")[1]
    return (
        f"arn:{partition}:sagemaker:{settings.region}:{settings.account}:"
        f"model-package-group/{group}"
    )


def moment(value: object) -> str:
    """A time of a reply as text in UTC; "" for anything that is no time."""
    if not isinstance(value, datetime):
        return ""
    aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _builtin(value: Any) -> Any:
    """Mappings as dict and sequences as list: what a strict model takes."""
    if isinstance(value, Mapping):
        return {key: _builtin(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_builtin(inner) for inner in value]
    return value
