"""Values that people give to the parameters of a recipe, held against what the recipe allows. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nvx.aws.models import Parameter
from nvx.core.diagnostics import nearest
from nvx.core.ports import in_one_line
from nvx.core.values import JsonValue

_ALWAYS = frozenset(
    {"judge_model_id", "judge_prompt_template", "preset_reward_function", "max_length"}
)
"""Choices of people that recipes do not mark as such."""

_PLUMBING = frozenset(
    {
        "name",
        "namespace",
        "replicas",
        "results_directory",
        "model_type",
        "model_name_or_path",
        "resume_from_path",
        "dataset_catalog",
    }
)
_PLUMBING_ENDS = ("_path", "_arn", "_data_name")


def is_plumbing(name: str) -> bool:
    """Whether a parameter belongs to the service: paths, names, tracking."""
    return (
        name in _PLUMBING or name.startswith("mlflow_") or name.endswith(_PLUMBING_ENDS)
    ) and name not in _ALWAYS


def settable(parameters: Mapping[str, Parameter]) -> Mapping[str, Parameter]:
    """The parameters that people may set; a recipe that marks none is taken by its names."""
    marked = any(parameter.settable for parameter in parameters.values())
    return {
        name: parameter
        for name, parameter in parameters.items()
        if name in _ALWAYS or (parameter.settable if marked else not is_plumbing(name))
    }


def problems_with(
    values: Mapping[str, JsonValue], parameters: Mapping[str, Parameter]
) -> Iterator[str]:
    """What a recipe has to say against values; nothing where it describes no parameters."""
    known = settable(parameters)
    if not known:
        return
    for name, value in sorted(values.items()):
        if name not in known:
            listed = in_one_line(sorted(known))
            yield f"{name} is not among its parameters: {listed}.{nearest(name, known)}"
            continue
        problem = _problem(value, known[name])
        if problem:
            yield f"{name} = {value}: {problem}"


def _problem(value: JsonValue, parameter: Parameter) -> str:
    if not _has_type(value, parameter.type):
        return f"has to be of type {parameter.type}"
    if parameter.allowed and value not in parameter.allowed:
        return f"has to be one of {in_one_line(parameter.allowed)}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if parameter.least is not None and value < parameter.least:
        return f"has to be at least {parameter.least}"
    if parameter.most is not None and value > parameter.most:
        return f"has to be at most {parameter.most}"
    return ""


def _has_type(value: JsonValue, wanted: str) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match wanted:
        case "integer":
            return number and float(value) == int(value)  # type: ignore[arg-type]  # it is a number
        case "float":
            return number
        case "boolean":
            return isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case _:
            return True
