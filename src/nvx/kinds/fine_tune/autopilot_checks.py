"""What can be known offline against a fine-tune by Autopilot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from nvx.core.diagnostics import Diagnostic, error, nearest, warning
from nvx.core.ports import Sources, in_one_line
from nvx.core.resource import Checked, StackSettings
from nvx.data.autopilot import canvas_regions, hyperparameter_ranges, tunable_models
from nvx.kinds.common.fields import tag_problems
from nvx.kinds.common.offline import place_problems
from nvx.kinds.common.rows import rows_of
from nvx.kinds.common.rules import numbered
from nvx.kinds.common.serverless import output_of
from nvx.kinds.fine_tune.autopilot_channels import CHANNELS, channel_problems
from nvx.kinds.fine_tune.autopilot_fields import AutopilotFields, wire_value
from nvx.kinds.fine_tune.autopilot_rules import RULES

_ENDPOINT = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_VALUE = re.compile(r"[a-zA-Z0-9._-]{1,16}")
_LONGEST_OUTPUT = 512


def fields_of(resource: Checked) -> AutopilotFields:
    """The fields of a checked fine-tune."""
    if not isinstance(resource.config, AutopilotFields):
        raise TypeError(f"{resource.address} is not tuned by Autopilot")
    return resource.config


def problems_of(resource: Checked, stack: StackSettings) -> Iterator[Diagnostic]:
    """Every problem that the model alone cannot see."""
    config = fields_of(resource)
    shared = (
        *place_problems(resource, stack, role=config.role, output=config.output),
        *tag_problems(resource, config, stack),
    )
    yield from numbered(shared, RULES)
    yield from _model(resource, config, stack)
    yield from channel_problems(resource, config)
    yield from _hyperparameters(resource, config)
    yield from _endpoint(resource, config)
    yield from _limits(resource, config, stack)


def row_problems(
    resource: Checked, config: AutopilotFields, sources: Sources
) -> Iterator[Diagnostic]:
    """What local files break: their columns (A-05), and how many rows they have together (A-17)."""
    rows = 0
    for field in CHANNELS:
        source = rows_of(resource, field, sources, "autopilot", "open")
        if source is not None:
            rows += source.rows
            yield from (replace(problem, code="A-05") for problem in source.problems)
    model = tunable_models().get(config.base_model)
    if model is not None and rows > model.rows:
        text = f"there are {rows:,} rows, and {model.name} takes {model.rows:,}: the job would fail"
        yield warning("A-17", "Too many rows", text, at=resource.at(("dataset",)))


def _model(
    resource: Checked, config: AutopilotFields, stack: StackSettings
) -> Iterator[Diagnostic]:
    known, at = tunable_models(), resource.at(("base_model",))
    model = known.get(config.base_model)
    if model is None:
        text = f'Autopilot is not known to tune "{config.base_model}".'
        hint = f"known are {in_one_line(known)}"
        yield warning(
            "A-16",
            "Unknown base model",
            text + nearest(config.base_model, known),
            at=at,
            hint=hint,
        )
    elif model.eula and not config.accept_eula:
        yield error(
            "A-11",
            "Licence not accepted",
            f"{model.name} has a licence that a person has to accept",
            at=at,
            hint="read it, then set accept_eula = true",
        )
    if stack.region and stack.region not in canvas_regions():
        text = (
            f"Autopilot tunes text generation only where SageMaker Canvas is, and {stack.region} is"
            " not known to have it"
        )
        yield warning(
            "A-18", "Perhaps not offered in this region", text, at=resource.declared_at
        )


def _hyperparameters(resource: Checked, config: AutopilotFields) -> Iterator[Diagnostic]:
    for name, value in config.hyperparameters.items():
        problem = hyperparameter_problem(name, value)
        if problem:
            at = resource.at(("hyperparameters", name))
            yield error("A-10", "Hyperparameter not allowed", f"{name}: {problem}", at=at)


def hyperparameter_problem(name: str, value: bool | int | float | str) -> str:
    """What is wrong with a hyperparameter; "" for nothing."""
    known = hyperparameter_ranges()
    if name not in known:
        return f"there are only {in_one_line(known)}.{nearest(name, known)}"
    allowed, text = known[name], wire_value(value)
    kind = "a number" if allowed.fraction else "a whole number"
    wanted = f"{kind} from {allowed.least} to {allowed.most}"
    number = _number(text, fraction=allowed.fraction)
    if (
        isinstance(value, bool)
        or number is None
        or not _in(number, allowed.least, allowed.most)
    ):
        return f'"{text}" is not {wanted}'
    if not _VALUE.fullmatch(text):
        return (
            f"{text} is longer than 16 characters, or has others than letters, digits and . _ -"
        )
    return ""


def _number(text: str, *, fraction: bool) -> float | None:
    try:
        return float(text) if fraction else int(text)
    except ValueError:
        return None


def _in(number: float, least: float, most: float) -> bool:
    return least <= number <= most  # False for NaN


def _endpoint(resource: Checked, config: AutopilotFields) -> Iterator[Diagnostic]:
    name, at = config.endpoint_name, resource.at(("endpoint_name",))
    if name is None:
        return
    if not _ENDPOINT.fullmatch(name):
        text = f'"{name}": 1 to 63 letters, digits and single hyphens between them are allowed'
        yield error("A-13", "Not the name of an endpoint", text, at=at)
    if not config.deploy:
        text = f'endpoint_name = "{name}", and nothing is deployed'
        yield error("A-13", "No endpoint to name", text, at=at, hint="set deploy = true")
        return
    if config.rerun != "manual" or config.keep_endpoint:
        why = (
            "keep_endpoint would leave"
            if config.keep_endpoint
            else "a changed input would delete"
        )
        yield error(
            "A-20",
            "A fixed endpoint needs a person",
            f'{why} the endpoint "{name}", and only one can have the name at a time',
            at=at,
            hint='set rerun = "manual" without keep_endpoint, or leave endpoint_name out',
        )


def _limits(
    resource: Checked, config: AutopilotFields, stack: StackSettings
) -> Iterator[Diagnostic]:
    if config.objective is not None:
        text = (
            f'objective = "{config.objective}": text generation is tuned for cross-entropy loss'
        )
        at = resource.at(("objective",))
        yield error("A-12", "No objective to choose", text, at=at, hint="remove it")
    if config.max_candidates not in (None, 1):
        text = f"max_candidates = {config.max_candidates}: text generation tunes one model"
        at = resource.at(("max_candidates",))
        yield error("A-14", "More than one candidate", text, at=at, hint="remove it")
    output = output_of(stack, config.output or "") if config.output or stack.bucket else ""
    if len(output) > _LONGEST_OUTPUT:
        text = (
            f"the output location has {len(output)} characters; {_LONGEST_OUTPUT} are allowed"
        )
        yield error("A-15", "Output location too long", text, at=resource.at(("output",)))
