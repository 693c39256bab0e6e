"""Reward functions: the event that the service sends them, and what their answer has to be.

A bare list of samples: the answer to score is the last assistant message, and every other column of
the row is passed through. Source: the contract of reward functions for training (AWS documentation).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LIMIT_BYTES = 6 * 1024 * 1024
"""The largest event and answer that Lambda takes."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One row as a sample: where it stands, and what is sent of it."""

    line: int
    id: str
    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scored:
    """What a function said of one sample; `problem` where that is not what the service takes."""

    line: int
    id: str
    reward: float | None
    problem: str = ""


def sample_of(row: Mapping[str, Any], line: int) -> Sample | None:
    """The sample of a row, with the row's own reference as the answer to score; None without one.

    Rows may be Converse or chat messages (the last assistant turn is both answer and reference), RFT
    messages with a reference_answer, or verl prompts with a ground truth.
    """
    messages = _messages(row)
    reference = _reference(row, messages)
    if reference is None or not messages:
        return None
    if messages[-1]["role"] != "assistant":
        text = reference if isinstance(reference, str) else json.dumps(reference)
        messages = [*messages, {"role": "assistant", "content": text}]
    id_ = str(row.get("id") or f"row-{line}")
    others = {k: v for k, v in row.items() if k not in ("messages", "prompt", "system", "id")}
    event = {**others, "id": id_, "messages": messages, "reference_answer": reference}
    return Sample(line, id_, event)


def _messages(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The chat of a row, with plain text as content."""
    listed = row.get("messages", row.get("prompt"))
    if isinstance(listed, str):
        return [{"role": "user", "content": listed}]
    if not isinstance(listed, list):
        return []
    found = [
        {"role": str(m.get("role", "")), "content": _text(m.get("content"))}
        for m in listed
        if isinstance(m, Mapping)
    ]
    system = _text(row.get("system"))
    return [{"role": "system", "content": system}, *found] if system else found


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = (p.get("text") for p in content if isinstance(p, Mapping))
    return "".join(part for part in parts if isinstance(part, str))


def _reference(row: Mapping[str, Any], messages: Sequence[Mapping[str, Any]]) -> object:
    """The right answer, where the row has one."""
    extra, model = row.get("extra_info"), row.get("reward_model")
    candidates = (
        row.get("reference_answer"),
        extra.get("answer") if isinstance(extra, Mapping) else None,
        model.get("ground_truth") if isinstance(model, Mapping) else None,
        row.get("completion") or row.get("response"),
        messages[-1]["content"] if messages and messages[-1]["role"] == "assistant" else None,
    )
    return next((c for c in candidates if c not in (None, "")), None)


def scored(answer: object, samples: Sequence[Sample]) -> Iterator[Scored]:
    """What an answer says of each sample, in their order."""
    items, problem = _unwrapped(answer)
    if items is None:
        yield from (Scored(s.line, s.id, None, problem) for s in samples)
        return
    if len(items) != len(samples):
        problem = f"the answer has {len(items)} items for {len(samples)} samples"
    for index, sample in enumerate(samples):
        item = items[index] if index < len(items) else None
        yield _one(sample, item, problem)


def _unwrapped(answer: object) -> tuple[Sequence[object] | None, str]:
    """The list in an answer: bare, or as text in the body of `{"statusCode": 200, "body": "…"}`."""
    if isinstance(answer, list):
        return answer, ""
    if not isinstance(answer, Mapping) or "body" not in answer:
        return None, "the answer is neither a list nor an envelope with a body"
    if answer.get("statusCode") != 200:
        return None, f"the envelope's statusCode is {answer.get('statusCode')!r}, not 200"
    body = answer["body"]
    if not isinstance(body, str):
        return None, "the body of the envelope has to be text that holds JSON"
    try:
        inside = json.loads(body)
    except ValueError as wrong:
        return None, f"the body of the envelope is no JSON: {wrong}"
    return (inside, "") if isinstance(inside, list) else (None, "the body holds no list")


def _one(sample: Sample, item: object, problem: str) -> Scored:
    if not isinstance(item, Mapping):
        return Scored(sample.line, sample.id, None, problem or "the item is no table")
    reward = item.get("aggregate_reward_score")
    if problem:
        return Scored(sample.line, sample.id, None, problem)
    if item.get("id") != sample.id:
        said = f"the id is {item.get('id')!r}; it has to be {sample.id!r}"
        return Scored(sample.line, sample.id, None, said)
    if (
        isinstance(reward, bool)
        or not isinstance(reward, int | float)
        or not math.isfinite(reward)
    ):
        said = f"aggregate_reward_score is {reward!r}; it has to be a finite number"
        return Scored(sample.line, sample.id, None, said)
    wrong = _metrics_problem(item.get("metrics_list", []))
    return Scored(sample.line, sample.id, float(reward), wrong)


def _metrics_problem(metrics: object) -> str:
    if not isinstance(metrics, list):
        return "metrics_list is no list"
    for metric in metrics:
        if not isinstance(metric, Mapping):
            return "a metric is no table"
        value = metric.get("value")
        if not isinstance(metric.get("name"), str) or metric.get("type") not in (
            "Metric",
            "Reward",
        ):
            return 'a metric needs a name and the type "Metric" or "Reward"'
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            return f"the value of metric {metric['name']} is no finite number"
    return ""
