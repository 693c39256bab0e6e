"""The values of a Nova evaluation recipe: strategy, metric, subtasks, inference."""

from __future__ import annotations

from collections.abc import Iterator

from nvx.core.diagnostics import Diagnostic, error, nearest, warning
from nvx.core.ports import in_one_line
from nvx.data.nova import Task
from nvx.kinds.evaluation.nova_recipe_case import Case

_MANY = 12
_EFFORTS = ("low", "high")
_RANGES: tuple[tuple[str, float, float | None], ...] = (
    ("top_p", 0, 1),
    ("temperature", 0, None),
    ("top_logprobs", 0, 20),
    ("top_k", -1, None),
    ("max_new_tokens", 1, None),
)


def value_problems(case: Case) -> Iterator[Diagnostic]:
    """Values that the task or the model does not take."""
    if case.task is not None:
        yield from _asked(case, case.task)
        yield from _subtasks(case, case.task)
        yield from _judge_tokens(case, case.task)
    yield from _ranges(case)
    yield from _effort(case)


def _asked(case: Case, task: Task) -> Iterator[Diagnostic]:
    for key, allowed in (("strategy", task.strategies), ("metric", (task.metric,))):
        written = case.get("evaluation", key)
        if written is not None and written not in allowed:
            text = f'{key} = "{written}"; {task.name} has {in_one_line(allowed)}'
            hint = f"leave {key} out: it follows from the task"
            at = case.at("evaluation", key)
            yield error("N-06", f"Not the {key} of the task", text, at=at, hint=hint)


def _subtasks(case: Case, task: Task) -> Iterator[Diagnostic]:
    at = case.at("evaluation", "subtask")
    if case.subtasks and not task.subtasks:
        text = f"{task.name} has no subtasks"
        yield error("N-07", "No subtasks", text, at=at, hint="remove subtask")
        return
    known = {name.lower() for name in task.subtasks}
    for name in case.subtasks:
        if name.lower() in known:
            continue
        text = f'{task.name} has no subtask "{name}".{nearest(name, task.subtasks)}'
        if task.name == "strong_reject":
            yield warning("N-07", "Unknown subtask", text, at=at)
        else:
            few = len(task.subtasks) <= _MANY
            hint = f"use any of {in_one_line(task.subtasks)}" if few else ""
            yield error("N-07", "Unknown subtask", text, at=at, hint=hint)


def _ranges(case: Case) -> Iterator[Diagnostic]:
    for key, least, most in _RANGES:
        value = case.get("inference", key)
        if key == "max_new_tokens" and case.nova is not None:
            most = case.nova.most_tokens
        if not isinstance(value, int | float) or isinstance(value, bool):
            continue
        if value < least or (most is not None and value > most) or value != value:
            limits = f"{least} to {most}" if most is not None else f"at least {least}"
            text = f"{key} = {value}; it takes {limits}"
            yield error("N-05", "Value out of range", text, at=case.at("inference", key))


def _effort(case: Case) -> Iterator[Diagnostic]:
    effort, at = (
        case.get("inference", "reasoning_effort"),
        case.at("inference", "reasoning_effort"),
    )
    if effort is None:
        return
    if effort not in _EFFORTS:
        text = f'reasoning_effort = "{effort}"; it takes {in_one_line(_EFFORTS)}'
        hint = "leave it out for no reasoning"
        yield error("N-04", "Unknown reasoning effort", text, at=at, hint=hint)
    elif case.nova is not None and not case.nova.reasoning:
        text = f"{case.nova.name} does not reason: nova-2-lite does"
        yield error(
            "N-04", "Model does not reason", text, at=at, hint="remove reasoning_effort"
        )


def _judge_tokens(case: Case, task: Task) -> Iterator[Diagnostic]:
    if task.answers == "judge" and case.get("inference", "max_new_tokens") is not None:
        text = f"{task.name}: one source says that it cannot be set, others set it; it is sent"
        at = case.at("inference", "max_new_tokens")
        yield warning("nova-judge-tokens", "Perhaps without effect", text, at=at)
