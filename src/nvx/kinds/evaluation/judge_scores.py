"""Scores as the job of a judge writes them: an aggregate file, and a line for each record. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nvx.kinds.evaluation.scores import (
    Scores,
    UnreadableScoresError,
    is_number,
    json_object,
)

AGGREGATE = "bedrock_llm_judge_results.json"


def newest_aggregate(keys: Iterable[str]) -> str | None:
    """The aggregate file among keys; the folder around it is not documented."""
    return max((key for key in keys if key.rpartition("/")[2] == AGGREGATE), default=None)


def newest_records(keys: Iterable[str]) -> str | None:
    """The file of records among keys."""
    return max((key for key in keys if key.endswith("_output.jsonl")), default=None)


def parse_aggregate(data: bytes) -> Scores:
    """The scores of an aggregate file. Raises UnreadableScoresError for anything else.

    A metric whose score is null could not be judged: it is left out, never 0.
    """
    document = json_object(data)
    results = document.get("results")
    if not isinstance(results, Mapping):
        raise UnreadableScoresError("it has no `results`")
    overall: dict[str, float] = {}
    for metric, found in results.items():
        if isinstance(found, Mapping) and is_number(found.get("score")):
            overall |= _numbers(str(metric), found)
    return Scores(
        overall,
        simulated=document.get("simulated") is True,
        warnings=tuple(_unjudged(results)),
        job_name=str(document.get("job_name") or ""),
    )


def _numbers(metric: str, found: Mapping[str, Any]) -> Mapping[str, float]:
    """The mean of a metric, and its standard error over what was judged."""
    spread, judged = found.get("std_deviation"), _judged(found)
    if not is_number(spread) or judged < 1:
        return {metric: found["score"]}
    return {metric: found["score"], f"{metric}_stderr": float(spread) / math.sqrt(judged)}  # type: ignore[arg-type]  # it is a number


def _judged(found: Mapping[str, Any]) -> int:
    total, failed = found.get("total_evaluations"), found.get("failed")
    counts = [
        n if isinstance(n, int) and not isinstance(n, bool) else 0 for n in (total, failed)
    ]
    return counts[0] - counts[1]


def _unjudged(results: Mapping[Any, Any]) -> Iterator[str]:
    for metric, found in sorted(results.items(), key=lambda item: str(item[0])):
        if not isinstance(found, Mapping):
            continue
        failed = found.get("failed")
        if isinstance(failed, int) and not isinstance(failed, bool) and failed > 0:
            yield f"{metric}: {failed} of {found.get('total_evaluations')} answers were not judged"
        elif found.get("score") is None:
            yield f"{metric}: the judge gave no score"
