"""Pipeline definitions: what must be true of one before it is accepted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from nvx.local.context import AwsError, Context, Params
from nvx.local.services.sagemaker.expressions import references
from nvx.local.services.sagemaker.inputs import read_object
from nvx.local.services.sagemaker.refusals import invalid

VERSION = "2020-12-01"

_STEP_NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")
_CASTS: Mapping[str, type] = {"String": str, "Integer": int, "Float": float}

Step = dict[str, Any]


def definition_text(ctx: Context, params: Params) -> str | None:
    """The definition in a request, given as text or by its place in S3; None where neither is."""
    text: str | None = params.get("PipelineDefinition")
    place = params.get("PipelineDefinitionS3Location")
    if place is None:
        return text
    if text is not None:
        raise invalid(
            "Only one of PipelineDefinition and PipelineDefinitionS3Location is allowed."
        )
    uri = f"s3://{place['Bucket']}/{place['ObjectKey']}"
    try:
        return read_object(ctx, uri).decode()
    except (AwsError, UnicodeDecodeError) as error:
        raise invalid(f"Unable to read the pipeline definition at {uri}.") from error


def parse_definition(text: str) -> dict[str, Any]:
    """The definition, checked; ValidationException where something is wrong with it."""
    try:
        definition = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise invalid(f"Unable to parse pipeline definition. Invalid JSON: {error}.") from error
    if not isinstance(definition, dict):
        _refuse("It must be a JSON object.")
    if definition.get("Version") != VERSION:
        _refuse(f"Version must be '{VERSION}'.")
    if not definition.get("Steps"):
        _refuse("Steps must be a non-empty list.")
    try:
        _check_steps(definition)
    except RecursionError:
        _refuse("It is nested too deeply.")
    return definition


def all_steps(definition: Mapping[str, Any]) -> list[Step]:
    """Every step, those inside of conditions too, in the order of the definition."""
    return list(_nested(definition["Steps"]))


def depends_on(step: Step) -> set[str]:
    """The steps that must have succeeded before this one: named, or asked for by a Get."""
    implicit = {
        path.split(".")[1] for path in references(_own_part(step)) if path.startswith("Steps.")
    }
    return {*step.get("DependsOn", []), *implicit}


def parameter_values(definition: Mapping[str, Any], given: list[Params]) -> dict[str, Any]:
    """The value of every parameter; refuses unknown, missing and ill-typed ones."""
    values: dict[str, Any] = {}
    declared = {item["Name"]: item for item in definition.get("Parameters", [])}
    for item in given:
        if item["Name"] not in declared:
            raise invalid(f"Unknown parameter: {item['Name']}.")
        values[item["Name"]] = _cast(declared[item["Name"]], item["Value"])
    for name, item in declared.items():
        if name not in values:
            if "DefaultValue" not in item:
                raise invalid(f"Parameter {name} has no default value and must be given.")
            values[name] = item["DefaultValue"]
    return values


def _check_steps(definition: Mapping[str, Any]) -> None:
    steps = all_steps(definition)
    names = [step["Name"] for step in steps]
    for name in names:
        if not isinstance(name, str) or not _STEP_NAME.fullmatch(name):
            _refuse(f"Invalid step name: {name}.")
        if names.count(name) > 1:
            _refuse(f"Duplicate step name: {name}.")
    _check_parameters(definition)
    _check_references(definition, names)
    edges = {step["Name"]: depends_on(step) for step in steps}
    for name, needed in edges.items():
        for missing in sorted(needed - edges.keys()):
            _refuse(f"Step {name} depends on the unknown step {missing}.")
    _check_order(edges)


def _check_references(definition: Mapping[str, Any], names: list[str]) -> None:
    declared = {item["Name"] for item in definition.get("Parameters", [])}
    for path in references(definition["Steps"]):
        root, _, rest = path.partition(".")
        if root == "Steps" and rest.split(".")[0] not in names:
            _refuse(f"Reference to an unknown step: {path}.")
        if root == "Parameters" and rest not in declared:
            _refuse(f"Reference to an unknown parameter: {path}.")


def _check_parameters(definition: Mapping[str, Any]) -> None:
    parameters = definition.get("Parameters", [])
    if not isinstance(parameters, list):
        _refuse("Parameters must be a list.")
    for item in parameters:
        if not isinstance(item, dict) or not isinstance(item.get("Name"), str):
            _refuse("Every parameter needs a Name.")


def _check_order(edges: Mapping[str, set[str]]) -> None:
    done: set[str] = set()
    while len(done) < len(edges):
        ready = {name for name, needed in edges.items() if needed <= done} - done
        if not ready:
            _refuse(f"Steps depend on each other: {', '.join(sorted(edges.keys() - done))}.")
        done |= ready


def _nested(steps: Any) -> Iterator[Step]:
    if not isinstance(steps, list):
        _refuse("Steps must be a list.")
    for step in steps:
        if (
            not isinstance(step, dict)
            or not isinstance(step.get("Type"), str)
            or "Name" not in step
        ):
            _refuse("Every step needs a Name and a Type.")
        if not isinstance(step.get("Arguments", {}), dict):
            _refuse(f"Arguments of step {step['Name']} must be an object.")
        named = step.get("DependsOn", [])
        if not isinstance(named, list) or not all(isinstance(item, str) for item in named):
            _refuse(f"DependsOn of step {step['Name']} must be a list of step names.")
        yield step
        if step["Type"] == "Condition":
            for branch in ("IfSteps", "ElseSteps"):
                yield from _nested(step.get("Arguments", {}).get(branch) or [])


def _own_part(step: Step) -> Any:
    arguments = step.get("Arguments", {})
    return arguments.get("Conditions", []) if step["Type"] == "Condition" else arguments


def _cast(parameter: Params, text: str) -> Any:
    kind = parameter.get("Type", "String")
    choices = parameter.get("EnumValues")
    try:
        value = text == "true" if kind == "Boolean" else _CASTS.get(kind, str)(text)
    except ValueError as error:
        raise invalid(f"Parameter {parameter['Name']} must be of type {kind}.") from error
    if choices and value not in choices:
        raise invalid(f"Parameter {parameter['Name']} must be one of {choices}.")
    return value


def _refuse(why: str) -> NoReturn:
    raise invalid(f"Unable to parse pipeline definition. {why}")
