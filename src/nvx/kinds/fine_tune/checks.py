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
from nvx.kinds.common.model import Text, split
from nvx.kinds.common.offline import (
    base_model_problems,
    group_problems,
    package_problems,
    place_problems,
)
from nvx.kinds.common.parameters import is_plumbing
from nvx.kinds.common.serverless import S3_URI
from nvx.kinds.fine_tune.fields import ServerlessFields

_DATASET_ARN = re.compile(
    r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:(\d{12}|aws):hub-content/[^/\s]+/DataSet/[^/\s]+"
    r"/\d{1,4}\.\d{1,4}\.\d{1,4}"
)
_VALUE = re.compile(r"[a-zA-Z0-9/_.:,\-\s'\"\[\]]*")
_VALUE_LIMIT = 2500


def problems_of(resource: Checked, stack: StackSettings) -> Iterator[Diagnostic]:
    """Every problem that the model alone cannot see."""
    config = resource.config
    if not isinstance(config, ServerlessFields):
        raise TypeError(f"{resource.address} is no serverless fine-tune")
    yield from base_model_problems(resource, "base_model", config.base_model, stack)
    for field in ("dataset", "validation_dataset"):
        yield from _dataset(resource, field, getattr(config, field))
    yield from _models(resource, config, stack)
    yield from _hyperparameters(resource, config)
    yield from tag_problems(resource, config, stack)
    yield from group_problems(resource, config.model_group)
    yield from place_problems(resource, stack, role=config.role, output=config.output)
    if config.mlflow is not None and not (config.mlflow.app or stack.mlflow):
        yield missing(resource, "mlflow", "the mlflow table names no app")


def identity_of(resource: Checked, stack: StackSettings, sources: Sources) -> Identity:
    """What a serverless fine-tune is made of: names normalised, objects by their content."""
    config = resource.config
    if not isinstance(config, ServerlessFields):
        raise TypeError(f"{resource.address} is no serverless fine-tune")
    parts = split(config)
    inputs: dict[str, Value] = dict(parts.inputs)
    inputs["base_model"] = base_model(config.base_model)
    for field in ("dataset", "validation_dataset"):
        value = inputs.get(field)
        if isinstance(value, str) and value.startswith("s3://"):
            inputs[field] = sources.object(value, resource.at((field,))).identity
    return Identity(
        inputs=inputs,
        circumstance=parts.circumstance,
        marks=with_all_tags(parts.marks, config, stack),
        policy=parts.policy,
        depends_on=parts.depends_on,
    )


def _dataset(resource: Checked, field: str, value: Text | None) -> Iterator[Diagnostic]:
    if not isinstance(value, str):
        return
    if S3_URI.fullmatch(value) or _DATASET_ARN.fullmatch(value):
        return
    yield error(
        "dataset",
        "Not a dataset",
        f'{field} = "{value}"',
        at=resource.at((field,)),
        hint="write ${dataset.<name>}, the ARN of a registered dataset with its version, or s3://…;"
        " a local file is declared as a dataset first",
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
    yield from _steps(resource, config.hyperparameters)


def _hyperparameter(name: str, value: str) -> str:
    if is_plumbing(name):
        return "it is set by the service"
    if not 1 <= len(name) <= 256:
        return "a name has 1 to 256 characters"
    if len(value) > _VALUE_LIMIT:
        return f"a value has at most {_VALUE_LIMIT} characters, this one {len(value)}"
    if not _VALUE.fullmatch(value):
        return "letters, digits, spaces and / _ . : , - ' \" [ ] are allowed in a value"
    return ""


def _steps(
    resource: Checked, values: Mapping[str, bool | int | float | str]
) -> Iterator[Diagnostic]:
    save, most = values.get("save_steps"), values.get("max_steps")
    if isinstance(save, int) and isinstance(most, int) and save > most:
        yield error(
            "hyperparameter",
            "Hyperparameter not allowed",
            f"save_steps: {save} is more than max_steps, {most}: nothing would be saved",
            at=resource.at(("hyperparameters", "save_steps")),
        )
