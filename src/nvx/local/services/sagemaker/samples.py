"""Rows of a dataset as the samples that a scorer gets, the reference standing in for the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from nvx.local.context import Params

Sample = dict[str, Any]


def reference_of(row: Params) -> str:
    """The reference answer of a row; "" where it has none."""
    return next((found for form in _FORMS if (found := form(row))), "")


def sample_of(row: Params, place: int) -> Sample | None:
    """The sample of a row whose reference answer is taken for the model's; None for a row without one."""
    reference = reference_of(row)
    if not reference:
        return None
    known = {"id": row.get("id", f"sample-{place}"), "reference_answer": {"text": reference}}
    if "query" in row:
        return {**row, **known, "model_response": reference}
    if "completion" in row or "chosen" in row:
        return {**row, **known, "completion": reference}
    turn = {"role": "assistant", "content": reference}
    if "messages" in row:
        return {**row, **known, "messages": [*row["messages"], turn]}
    prompt = row["prompt"]
    asked = prompt if isinstance(prompt, list) else [{"role": "user", "content": prompt}]
    extra = row.get("extra_info")
    extra = {
        **(extra if isinstance(extra, dict) else {}),
        "reference_answer": {"text": reference},
    }
    return {
        "data_source": "customized",
        **row,
        "prompt": [*asked, turn],
        "response": reference,
        "extra_info": extra,
    }


def text_of(value: Any) -> str:
    """A prompt or an answer as text: a string, or the last message of a list."""
    if value is None:
        return ""
    if isinstance(value, list) and value and isinstance(value[-1], dict):
        return text_of(value[-1].get("content", value[-1].get("text", "")))
    return value if isinstance(value, str) else json.dumps(value)


def _of_query(row: Params) -> str:
    return text_of(row.get("response")) if "query" in row else ""


def _of_completion(row: Params) -> str:
    return text_of(row.get("completion", row.get("chosen")))


def _of_messages(row: Params) -> str:
    messages = row.get("messages")
    turns = messages if isinstance(messages, list) else []
    answers = [t for t in turns if isinstance(t, dict) and t.get("role") == "assistant"]
    return text_of(answers[-1].get("content")) if answers else ""


def _of_verl(row: Params) -> str:
    return text_of(_inner(row, "extra_info", "answer")) or text_of(
        _inner(row, "reward_model", "ground_truth")
    )


def _inner(row: Params, name: str, member: str) -> Any:
    value = row.get(name)
    return value.get(member) if isinstance(value, Mapping) and "prompt" in row else None


_FORMS: tuple[Callable[[Params], str], ...] = (
    _of_query,
    _of_completion,
    _of_messages,
    _of_verl,
)
