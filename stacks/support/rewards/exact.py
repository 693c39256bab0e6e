"""Score answers to tickets: the right category, the same facts, and no more words than needed.

Runs as a Lambda function. It is called with samples that hold the chat and the reference
answer, and returns one score for each, in the same order.
"""

import json
import re

CATEGORY = re.compile(r"^\s*\[([a-z]+)\]")
FACT = re.compile(r"\b(?:[A-Z]-\d+|\d+(?:\.\d+)?|[A-Z][a-z]+day)\b")
WORD = re.compile(r"[^\W_]+")


def lambda_handler(event, context):
    """One score for each sample of the event, in the same order."""
    return [score(sample) for sample in samples(event)]


def samples(event):
    """The samples, bare or in one of the wrappings that have been seen."""
    for key in ("batch", "body", "input"):
        if isinstance(event, dict) and key in event:
            event = event[key]
            break
    if isinstance(event, str):
        event = json.loads(event)
    return event if isinstance(event, list) else [event]


def score(sample):
    """The score of one sample: 1 for the reference answer itself, 0 for nothing in common."""
    sample = sample if isinstance(sample, dict) else {}
    answer, expected = last_answer(sample), text_of(sample.get("reference_answer"))
    parts = {
        "category": float(bool(expected) and category(answer) == category(expected)),
        "facts": overlap(FACT.findall(answer), FACT.findall(expected)),
        "words": overlap(words(answer), words(expected)),
    }
    total = 0.4 * parts["category"] + 0.3 * parts["facts"] + 0.3 * parts["words"]
    return {
        "id": str(sample.get("id", "")),
        "aggregate_reward_score": round(total, 6) if answer and expected else 0.0,
        "metrics_list": [
            {"name": name, "value": value, "type": "Reward"} for name, value in parts.items()
        ],
    }


def last_answer(sample):
    """What the model said: the last assistant message, or the field of other row forms."""
    messages = sample.get("messages")
    for message in reversed(messages if isinstance(messages, list) else []):
        if isinstance(message, dict) and message.get("role") == "assistant":
            return text_of(message.get("content"))
    return text_of(sample.get("model_response") or sample.get("response"))


def text_of(value):
    """Text out of a string, a list of parts, or an object that holds it."""
    if isinstance(value, list):
        return " ".join(text_of(part) for part in value)
    if isinstance(value, dict):
        return text_of(value.get("text"))
    return value.strip() if isinstance(value, str) else ""


def category(answer):
    """The category that an answer begins with; empty when it has none."""
    found = CATEGORY.match(answer)
    return found[1] if found else ""


def words(answer):
    """The words of an answer in lower case."""
    return WORD.findall(answer.casefold())


def overlap(found, wanted):
    """F1 of two sets: 1 when they are equal, also when both are empty."""
    found, wanted = set(found), set(wanted)
    if not found and not wanted:
        return 1.0
    return 2 * len(found & wanted) / (len(found) + len(wanted))
