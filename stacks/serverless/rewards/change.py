"""Score answers at a till: 1 for the right change, and half of that for a right amount unboxed.

Runs as a Lambda function, in training and in evaluations. It is called with samples, and returns
one score for each, in the same order.
"""

import json
import re
from decimal import Decimal

BOXED = re.compile(r"\\boxed\{\s*(\d+(?:\.\d+)?)\s*\}")
AMOUNT = re.compile(r"\d+(?:\.\d+)?")


def lambda_handler(event, context):
    """One score for each sample of the event."""
    samples = event if isinstance(event, list) else event.get("batch", [])
    return [scored(sample) for sample in samples]


def scored(sample):
    """The score of one sample, with its parts as metrics."""
    given, expected = answer_of(sample), amount(reference_of(sample))
    boxed = expected is not None and amount(given) == expected
    named = expected is not None and expected in map(Decimal, AMOUNT.findall(given))
    return {
        "id": str(sample.get("id", "")),
        "aggregate_reward_score": 1.0 if boxed else 0.5 if named else 0.0,
        "metrics_list": [
            {"name": "right_change", "value": float(boxed or named), "type": "Metric"},
            {"name": "boxed", "value": float(bool(BOXED.search(given))), "type": "Metric"},
        ],
    }


def answer_of(sample):
    """The model's answer, wherever the form of the rows puts it."""
    for name in ("model_response", "completion"):
        if isinstance(sample.get(name), str):
            return sample[name]
    if isinstance(sample.get("messages"), list):
        return text(sample["messages"][-1].get("content"))
    return text(sample.get("response"))


def reference_of(sample):
    """The reference answer, in training and in evaluations."""
    extra, model = sample.get("extra_info") or {}, sample.get("reward_model") or {}
    found = sample.get("reference_answer") or extra.get("answer") or model.get("ground_truth")
    return text(found.get("text") if isinstance(found, dict) else found)


def amount(answer):
    """The boxed amount of an answer, or the answer itself where that is one."""
    boxed = BOXED.findall(answer)
    if boxed:
        return Decimal(boxed[-1])
    return Decimal(answer) if AMOUNT.fullmatch(answer.strip()) else None


def text(value):
    """A value as text; content of several parts joined."""
    if isinstance(value, list):
        return "".join(part.get("text", "") for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else json.dumps(value)
