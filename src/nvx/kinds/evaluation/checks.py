"""What can be known offline against a serverless evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nvx.core.diagnostics import Diagnostic, error
from nvx.core.resource import Checked, Identity, StackSettings
from nvx.core.values import Reference, Value
from nvx.data.catalogue import base_model
from nvx.kinds.common.fields import tag_problems, with_all_tags
from nvx.kinds.common.model import split
from nvx.kinds.common.offline import (
    base_model_problems,
    group_problems,
    package_problems,
    place_problems,
)
from nvx.kinds.evaluation.fields import EvaluationFields
from nvx.kinds.evaluation.gates import gate_problems


def fields_of(resource: Checked) -> EvaluationFields:
    """The fields of a checked evaluation."""
    if not isinstance(resource.config, EvaluationFields):
        raise TypeError(f"{resource.address} is no serverless evaluation")
    return resource.config


def is_base(config: EvaluationFields) -> bool:
    """Whether the evaluated model is named as a base model, not as a tuned one."""
    return isinstance(config.model, str) and not config.model.startswith("arn:")


def base_of(resource: Checked) -> str:
    """The hub name of the base model that is evaluated, tuned or not; "" while only AWS knows it."""
    config = fields_of(resource)
    if is_base(config):
        return base_model(str(config.model))
    target = (
        resource.targets.get(config.model.target)
        if isinstance(config.model, Reference)
        else None
    )
    named = getattr(target.config, "base_model", "") if target is not None else ""
    return base_model(named) if isinstance(named, str) else ""


def common_problems(resource: Checked, stack: StackSettings) -> Iterator[Diagnostic]:
    """Every problem that evaluations of all types may have and the model alone cannot see."""
    config = fields_of(resource)
    yield from _model(resource, config, stack)
    yield from group_problems(resource, config.model_group)
    yield from place_problems(resource, stack, role=config.role, output=config.output)
    yield from _mlflow(resource, config, stack)
    yield from tag_problems(resource, config, stack)
    has_base = config.compare_base and not is_base(config)
    yield from gate_problems(resource, config.gate, has_base=has_base)


def common_identity(
    resource: Checked,
    stack: StackSettings,
    normalised: Mapping[str, Value],
    problems: tuple[Diagnostic, ...] = (),
) -> Identity:
    """The identity of an evaluation; `normalised` are the inputs that its type has put in order.

    A normalised value of None says that the field has its default after all.
    """
    config = fields_of(resource)
    parts = split(config)
    inputs: dict[str, Value] = {**parts.inputs, **normalised}
    if isinstance(config.model, str):
        inputs["model"] = base_model(config.model)
    return Identity(
        inputs={name: value for name, value in inputs.items() if value is not None},
        circumstance=parts.circumstance,
        marks=with_all_tags(parts.marks, config, stack),
        policy=parts.policy,
        depends_on=parts.depends_on,
        problems=problems,
    )


def _model(
    resource: Checked, config: EvaluationFields, stack: StackSettings
) -> Iterator[Diagnostic]:
    if not isinstance(config.model, str):
        return
    if is_base(config):
        yield from base_model_problems(resource, "model", config.model, stack)
        if config.compare_base:
            yield error(
                "compare-base",
                "Nothing to compare",
                f'compare_base = true, and model = "{config.model}" is a base model itself',
                at=resource.at(("compare_base",)),
            )
    else:
        yield from package_problems(resource, "model", config.model, stack)


def _mlflow(
    resource: Checked, config: EvaluationFields, stack: StackSettings
) -> Iterator[Diagnostic]:
    """A job without a model group needs an MLflow experiment: every step of a base model is one."""
    own = config.mlflow.app if config.mlflow is not None else None
    if own or stack.mlflow:
        return
    if is_base(config) or config.compare_base:
        yield error(
            "missing-mlflow",
            "Missing MLflow app",
            f"{resource.address} evaluates a base model: the service does that only with an"
            " MLflow experiment",
            at=resource.declared_at,
            hint="set `mlflow` in [stack] to the ARN of an MLflow app, or mlflow.app in the block",
        )
    elif config.mlflow is not None:
        yield error(
            "missing-mlflow",
            "Missing MLflow app",
            f"{resource.address}: the mlflow table names no app",
            at=resource.at(("mlflow",)),
            hint="set `mlflow` in [stack], or mlflow.app",
        )
