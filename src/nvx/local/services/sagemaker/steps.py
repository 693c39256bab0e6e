"""How each type of step begins, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nvx.local import tags
from nvx.local.context import AwsError, Context, Params
from nvx.local.services.sagemaker.conditions import holds
from nvx.local.services.sagemaker.definitions import Step
from nvx.local.services.sagemaker.executions import letters_of
from nvx.local.services.sagemaker.expressions import ExpressionError, Scope, resolve
from nvx.local.services.sagemaker.inputs import read_object
from nvx.local.services.sagemaker.jobs import backdate_job, find_job, job_arn
from nvx.local.services.sagemaker.lineage_steps import run_lineage
from nvx.local.services.sagemaker.training_views import job_view
from nvx.local.settings import OUTCOME_TAG

_INSTANT = 5.0
"""Nominal seconds of a step that only computes."""

_NAME_ROOM = 29
"""What a job name of 63 characters has left for the name of the step."""

_TEXT_MAPS = ("HyperParameters", "Environment")


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a step needs to know of its execution to begin."""

    ctx: Context
    execution: Params
    mlflow: Params
    scope: Scope
    at: datetime


def scope_of(ctx: Context, execution: Params) -> Scope:
    """Where the expressions of an execution's steps find their values."""
    return Scope(
        parameters=execution["Parameters"],
        execution={
            "PipelineExecutionId": execution["Id"],
            "PipelineExecutionArn": execution["Arn"],
            "PipelineName": execution["PipelineName"],
            "PipelineArn": execution["Arn"].split("/execution/")[0],
            "StartDateTime": execution["CreationTime"].isoformat(),
            "CurrentDateTime": ctx.now.isoformat(),
        },
        step=lambda name: _properties(ctx, execution, name),
        read=lambda uri: _read_json(ctx, uri),
    )


def begin_step(beginning: Beginning, step: Step, attempt: int) -> Params:
    """The state of a step that begins; a step that cannot begin fails at once."""
    begin = _BEGINNINGS.get(step["Type"])
    state: Params = {"Status": "Executing", "StartTime": beginning.at, "Attempt": attempt}
    for member, key in (("DisplayName", "DisplayName"), ("Description", "Description")):
        if isinstance(step.get(member), str):
            state[key] = step[member]
    if begin is None:
        return _failing(
            state,
            f"The local AWS does not run steps of type {step['Type']}; it runs "
            f"{', '.join(sorted(_BEGINNINGS))}.",
        )
    try:
        return begin(beginning, step, state)
    except ExpressionError as error:
        return _failing(state, f"ClientError: {error}")
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        # Arguments are any JSON of the user's: what has the wrong form fails its step only.
        return _failing(state, f"ClientError: The arguments are malformed: {error!r}.")
    except AwsError as error:
        return _failing(
            state,
            f"ClientError: Failed to invoke sagemaker:Create{step['Type']}"
            f"{'Job' if step['Type'] == 'Training' else ''}. Error Details: {error.message}",
        )


def _begin_training(beginning: Beginning, step: Step, state: Params) -> Params:
    ctx, execution = beginning.ctx, beginning.execution
    arguments = resolve(step.get("Arguments", {}), beginning.scope)
    for member in _TEXT_MAPS:
        if isinstance(arguments.get(member), dict):
            texts = arguments[member].items()
            arguments[member] = {key: _text(value) for key, value in texts}
    name = _job_name(execution["Id"], step["Name"], state["Attempt"])
    arguments |= {"TrainingJobName": name}
    arguments.setdefault("RoleArn", execution["RoleArn"])
    if "MlflowResourceArn" in beginning.mlflow and "ServerlessJobConfig" in arguments:
        arguments.setdefault("MlflowConfig", beginning.mlflow)
    # A tag on the pipeline decides how its jobs end, so that no control call is needed.
    outcome = tags.tags_of(ctx, execution["Arn"].split("/execution/")[0]).get(OUTCOME_TAG)
    if outcome is not None:
        given = arguments.get("Tags", [])
        arguments["Tags"] = [*given, {"Key": OUTCOME_TAG, "Value": outcome}]
    ctx.call("sagemaker", "CreateTrainingJob", arguments)
    backdate_job(ctx, name, beginning.at)
    return {**state, "Job": name, "Metadata": {"TrainingJob": {"Arn": job_arn(ctx, name)}}}


def _begin_lineage(beginning: Beginning, step: Step, state: Params) -> Params:
    arguments = resolve(step.get("Arguments", {}), beginning.scope)
    metadata = run_lineage(beginning.ctx, arguments)
    return _instant(beginning, {**state, "Metadata": metadata})


def _begin_condition(beginning: Beginning, step: Step, state: Params) -> Params:
    conditions = step.get("Arguments", {}).get("Conditions", [])
    outcome = all(holds(condition, beginning.scope) for condition in conditions)
    metadata = {"Condition": {"Outcome": "True" if outcome else "False"}}
    return _instant(beginning, {**state, "Metadata": metadata})


def _begin_fail(beginning: Beginning, step: Step, state: Params) -> Params:
    message = str(resolve(step.get("Arguments", {}).get("ErrorMessage", ""), beginning.scope))
    failing = _failing(state, message or "The pipeline has a Fail step.")
    return {**failing, "Metadata": {"Fail": {"ErrorMessage": message}}}


def _instant(beginning: Beginning, state: Params) -> Params:
    seconds = beginning.ctx.clock.seconds(_INSTANT)
    return {**state, "Ends": beginning.at + timedelta(seconds=seconds)}


def _failing(state: Params, reason: str) -> Params:
    return {**state, "Ends": state["StartTime"], "FailureReason": reason[:1024]}


def _job_name(execution: str, step: str, attempt: int) -> str:
    part = step.replace("_", "-")[:_NAME_ROOM].strip("-") or "step"
    part = "-".join(word for word in part.split("-") if word)
    return f"pipelines-{execution}-{part}-{letters_of(f'{execution}/{step}/{attempt}', 10)}"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else json.dumps(value)


def _properties(ctx: Context, execution: Params, name: str) -> Mapping[str, Any]:
    state = execution["Steps"].get(name, {})
    if state.get("Status") != "Succeeded":
        raise ExpressionError(f"Step {name} has no properties: it has not succeeded.")
    if "Job" in state:
        return job_view(ctx, find_job(ctx, state["Job"]))
    metadata: Mapping[str, Any] = state.get("Metadata", {})
    return metadata


def _read_json(ctx: Context, uri: str) -> Any:
    try:
        return json.loads(read_object(ctx, uri))
    except (AwsError, ValueError, RecursionError) as error:
        raise ExpressionError(f"{uri} is no JSON object that can be read.") from error


_BEGINNINGS: Mapping[str, Callable[[Beginning, Step, Params], Params]] = {
    "Training": _begin_training,
    "Lineage": _begin_lineage,
    "Condition": _begin_condition,
    "Fail": _begin_fail,
}
