"""What can be known offline against a serverless fine-tune."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from nvx.core.diagnostics import Diagnostic, error
from nvx.core.ports import Sources
from nvx.core.resource import Checked, Identity, StackSettings
from nvx.core.values import Value
from nvx.data.catalogue import base_model
from nvx.kinds.common.fields import missing, tag_problems, with_all_tags
from nvx.kinds.common.model import split
from nvx.kinds.common.offline import (
    base_model_problems,
    group_problems,
    package_problems,
    place_problems,
)
from nvx.kinds.common.parameters import is_plumbing
from nvx.kinds.common.rules import numbered
from nvx.kinds.fine_tune.data import CHANNELS, dataset_problems, row_problems
from nvx.kinds.fine_tune.fields import ServerlessFields
from nvx.kinds.fine_tune.limits import limit_problems
from nvx.kinds.fine_tune.rules import RULES

_OWN_FIELDS = {
    "preset_reward_function": "preset",
    "judge_model_id": "reward_model",
    "judge_prompt_template": "prompt",
}
"""Hyperparameters of the service that are fields of a method."""

_VALUE = re.compile(r"[a-zA-Z0-9/_.:,\-\s'\"\[\]]*")
_VALUE_LIMIT = 2500


def problems_of(resource: Checked, stack: StackSettings) -> Iterator[Diagnostic]:
    """Every problem of a serverless fine-tune that the model alone cannot see, whatever its method."""
    config = fields_of(resource)
    yield from base_model_problems(resource, "base_model", config.base_model, stack)
    yield from dataset_problems(resource)
    yield from _models(resource, config, stack)
    yield from _hyperparameters(resource, config)
    yield from tag_problems(resource, config, stack)
    yield from group_problems(resource, config.model_group)
    yield from place_problems(resource, stack, role=config.role, output=config.output)
    if config.mlflow is not None and not (config.mlflow.app or stack.mlflow):
        yield missing(resource, "mlflow", "the mlflow table names no app")


def fields_of(resource: Checked) -> ServerlessFields:
    """The fields of a checked fine-tune."""
    if not isinstance(resource.config, ServerlessFields):
        raise TypeError(f"{resource.address} is no serverless fine-tune")
    return resource.config


def identity_of(
    resource: Checked,
    stack: StackSettings,
    sources: Sources,
    normalised: Mapping[str, Value] | None = None,
) -> Identity:
    """What a serverless fine-tune is made of: names normalised, objects by their content.

    `normalised` are the inputs that its method has put in order.
    """
    config = fields_of(resource)
    parts = split(config)
    inputs: dict[str, Value] = {**parts.inputs, **(normalised or {})}
    inputs["base_model"] = base_model(config.base_model)
    for field in CHANNELS:
        value = inputs.get(field)
        if isinstance(value, str) and value.startswith("s3://"):
            inputs[field] = sources.object(value, resource.at((field,))).identity
    return Identity(
        inputs=inputs,
        circumstance=parts.circumstance,
        marks=with_all_tags(parts.marks, config, stack),
        policy=parts.policy,
        depends_on=parts.depends_on,
        problems=tuple(numbered(row_problems(resource, config, sources), RULES)),
    )


def _models(
    resource: Checked, config: ServerlessFields, stack: StackSettings
) -> Iterator[Diagnostic]:
    source = config.source_model
    if isinstance(source, str):
        yield from package_problems(resource, "source_model", source, stack)
    if config.model_group is None and source is None:
        yield error(
            "missing-model-group",
            "Missing model group",
            f"{resource.address}: the tuned model needs a group to go to",
            at=resource.declared_at,
            hint='declare [model_group.<name>] and set model_group = "${model_group.<name>}"',
        )


def _hyperparameters(resource: Checked, config: ServerlessFields) -> Iterator[Diagnostic]:
    for name, value in config.hyperparameters.items():
        problem = _hyperparameter(name, str(value))
        if problem:
            yield error(
                "hyperparameter",
                "Hyperparameter not allowed",
                f"{name}: {problem}",
                at=resource.at(("hyperparameters", name)),
            )
    for name, problem in limit_problems(config.hyperparameters, config.sequence_length or ""):
        yield error(
            "limits",
            "Hyperparameters do not fit together",
            f"{name}: {problem}",
            at=resource.at(("hyperparameters", name)),
        )


def _hyperparameter(name: str, value: str) -> str:
    if name in _OWN_FIELDS:
        return f"it is set by the field `{_OWN_FIELDS[name]}`"
    if is_plumbing(name):
        return "it is set by the service"
    if not 1 <= len(name) <= 256:
        return "a name has 1 to 256 characters"
    if len(value) > _VALUE_LIMIT:
        return f"a value has at most {_VALUE_LIMIT} characters, this one {len(value)}"
    if not _VALUE.fullmatch(value):
        return "letters, digits, spaces and / _ . : , - ' \" [ ] are allowed in a value"
    return ""
