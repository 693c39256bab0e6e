"""Scores as an evaluation job writes them: `results_*.json`, read into plain numbers. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_RESULTS = "results_"
_FAILED = "byoc_failure_count"


@dataclass(frozen=True, slots=True)
class Scores:
    """What one job measured: over everything, and for each part. Every value is a finite number."""

    overall: Mapping[str, float]
    parts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    simulated: bool = False
    warnings: tuple[str, ...] = ()
    """What people have to know of the numbers."""
    job_name: str = ""
    """What the job of a judge is called on Bedrock."""


class UnreadableScoresError(ValueError):
    """A result file that does not hold scores."""


def newest_results(keys: Iterable[str]) -> str | None:
    """The newest `results_<time>.json` among keys; the time in the name orders them."""
    found = [key for key in keys if _is_results(key)]
    return max(found, key=lambda key: (key.rpartition("/")[2], key), default=None)


def parse_scores(data: bytes) -> Scores:
    """The scores of a result file. Raises UnreadableScoresError for anything else.

    `results.all` is the whole; where it is missing (`gen_qa` writes one task only) the first part is.
    """
    document = json_object(data)
    results = document.get("results")
    if not isinstance(results, Mapping):
        raise UnreadableScoresError("it has no `results`")
    parts = {str(name): _numbers(value) for name, value in results.items()}
    overall = parts.pop("all", {}) or next((part for part in parts.values() if part), {})
    if not overall:
        raise UnreadableScoresError("`results` holds no numbers")
    kept = {name: part for name, part in parts.items() if part}
    simulated = document.get("simulated") is True
    return Scores(overall, kept, simulated, tuple(_failures(overall)))


def _failures(scores: Mapping[str, float]) -> Iterator[str]:
    """Rows that the scorer did not score: the job succeeds all the same, without them."""
    failed = scores.get(_FAILED, 0)
    if failed:
        yield f"the scorer failed on {failed:g} rows, which are left out of its metrics ({_FAILED})"


def json_object(data: bytes) -> Mapping[str, Any]:
    """The object that a file holds. Raises UnreadableScoresError for anything else."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnreadableScoresError("it is not JSON") from error
    if not isinstance(document, Mapping):
        raise UnreadableScoresError("it is not a JSON object")
    return document


def _numbers(value: object) -> dict[str, float]:
    """The finite numbers of an object; a metric that could not be computed is left out, not 0."""
    if not isinstance(value, Mapping):
        return {}
    return {str(name): number for name, number in value.items() if is_number(number)}


def is_number(value: object) -> bool:
    """Whether it is a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)


def _is_results(key: str) -> bool:
    """`…/<eval name>/eval_results/results_<time>.json`; the name is `None` where none was set."""
    folder, _, name = key.rpartition("/")
    return (
        folder.endswith("/eval_results")
        and name.startswith(_RESULTS)
        and name.endswith(".json")
    )
