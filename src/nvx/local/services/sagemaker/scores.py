"""Scores: a hash of what is evaluated, in the range of the metric. They mean nothing."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

Scores = dict[str, float]

_LOWEST, _HIGHEST = 0.3, 0.8
_GAIN_LOWEST, _GAIN_HIGHEST = -0.02, 0.1
"""How far a tuned model may be from its base model."""

TEXT_METRICS = ("rouge1", "rouge2", "rougeL", "em", "qem", "f1", "f1_score_quasi", "bleu")
_OF_HUNDRED = frozenset({"bleu"})


class Subject(NamedTuple):
    """What is evaluated: a base model, and the package of a model tuned from it, if one is."""

    base: str
    package: str | None


class Question(NamedTuple):
    """What it is asked: a benchmark or a data set, and a part of that."""

    task: str
    subtask: str


@cache
def benchmarks() -> Mapping[str, Mapping[str, Any]]:
    """The benchmarks by name: metric, strategy, subtasks, number of questions."""
    file = resources.files(__package__) / "seeds" / "benchmarks.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def score(subject: Subject, question: Question, metric: str) -> float:
    """A number from 0 to 1, the same for ever for the same three arguments."""
    base = _between(_LOWEST, _HIGHEST, subject.base, *question, metric)
    if subject.package is None:
        return round(base, 6)
    gain = _between(_GAIN_LOWEST, _GAIN_HIGHEST, subject.package, *question, metric)
    return round(min(0.99, base + gain), 6)


def measured(subject: Subject, question: Question, metric: str, count: int) -> Scores:
    """A metric and its standard error over `count` answers, on the metric's own scale."""
    value = score(subject, question, metric)
    error = (value * (1 - value) / max(1, count)) ** 0.5
    scale = 100.0 if metric in _OF_HUNDRED else 1.0
    return {metric: round(value * scale, 6), f"{metric}_stderr": round(error * scale, 6)}


def mean_of(parts: list[Scores]) -> Scores:
    """The mean of every metric; the standard error of the mean."""
    merged: Scores = {}
    for name in parts[0]:
        values = [part[name] for part in parts]
        if name.endswith("_stderr"):
            merged[name] = round(sum(value**2 for value in values) ** 0.5 / len(values), 6)
        else:
            merged[name] = round(sum(values) / len(values), 6)
    return merged


def _between(low: float, high: float, *of: str) -> float:
    digest = hashlib.sha256("\0".join(of).encode()).digest()
    return low + (high - low) * int.from_bytes(digest[:6], "big") / (1 << 48)
