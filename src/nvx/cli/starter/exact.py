"""Score answers on Roman numerals: 1 for the right number in the right notation.

Runs as a Lambda function. It is called with samples that hold the chat and the reference
answer, and returns one score for each, in the same order.
"""

from __future__ import annotations

import json
import re
from typing import Any

VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
ANSWER = re.compile(r"\b(?:\d+|[IVXLCDM]+)\b")


def lambda_handler(event: Any, context: object) -> list[dict[str, Any]]:
    """One score for each sample of the event, in the same order."""
    return [score(sample) for sample in samples(event)]


def samples(event: Any) -> list[Any]:
    """The samples, bare or wrapped."""
    for key in ("batch", "body", "input"):
        if isinstance(event, dict) and key in event:
            event = event[key]
            break
    if isinstance(event, str):
        event = json.loads(event)
    return event if isinstance(event, list) else [event]


def score(sample: Any) -> dict[str, Any]:
    """The score of one sample; half of it is for the number, half for the notation."""
    sample = sample if isinstance(sample, dict) else {}
    answer, expected = last_answer(sample), text_of(sample.get("reference_answer"))
    said, wanted = last_number(answer), last_number(expected)
    value = float(bool(wanted) and number(said) == number(wanted))
    notation = float(bool(wanted) and said.isdigit() == wanted.isdigit())
    return {
        "id": str(sample.get("id", "")),
        "aggregate_reward_score": value * (0.5 + 0.5 * notation),
        "metrics_list": [
            {"name": "value", "value": value, "type": "Reward"},
            {"name": "notation", "value": notation, "type": "Reward"},
        ],
    }


def last_answer(sample: dict[str, Any]) -> str:
    """What the model said last."""
    messages = sample.get("messages")
    for message in reversed(messages if isinstance(messages, list) else []):
        if isinstance(message, dict) and message.get("role") == "assistant":
            return text_of(message.get("content"))
    return text_of(sample.get("model_response"))


def text_of(value: Any) -> str:
    """Text out of a string, a list of parts, or an object that holds it."""
    if isinstance(value, list):
        return " ".join(text_of(part) for part in value)
    if isinstance(value, dict):
        return text_of(value.get("text"))
    return value.strip() if isinstance(value, str) else ""


def last_number(text: str) -> str:
    """The last number of a text, in whichever notation; empty where there is none."""
    found = ANSWER.findall(text)
    return found[-1] if found else ""


def number(text: str) -> int:
    """The value of a number; 0 where there is none."""
    if not text or text.isdigit():
        return int(text or 0)
    digits = [VALUES[letter] for letter in text]
    following = [*digits[1:], 0]
    return sum(
        -digit if digit < after else digit
        for digit, after in zip(digits, following, strict=True)
    )
