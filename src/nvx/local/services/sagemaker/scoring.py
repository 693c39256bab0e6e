"""Custom scorers, run for real: on the reference answers of the rows, as no model answers here."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nvx.local.context import AwsError, Context, Params
from nvx.local.services.lambda_.invoke import invoke_all
from nvx.local.services.sagemaker.inputs import channel_rows
from nvx.local.services.sagemaker.jobs import JOBS, get_job, is_unscored
from nvx.local.services.sagemaker.prime import prime_code, prime_math
from nvx.local.services.sagemaker.samples import Sample, sample_of
from nvx.local.services.sagemaker.scores import Scores
from nvx.local.services.sagemaker.settling import UNFINISHED, works_unlocked
from nvx.local.services.sagemaker.training_rules import evaluator_of

REWARD = "aggregate_reward_score"
FAILED = "byoc_failure_count"

_NOT_HERE = "NotImplementedByLocalAws"
_running: set[tuple[int, str, str, str]] = set()
"""Jobs that are being scored in this process: by store, account, region and name."""

_JOINED: Mapping[str, Callable[[Sequence[float]], float]] = {
    "min": min,
    "max": max,
    "sum": math.fsum,
}
_PRESETS: Mapping[str, Callable[[Context, Sequence[Params]], list[float]]] = {
    "prime_math": prime_math,
    "prime_code": prime_code,
}


@works_unlocked
def score_next(ctx: Context) -> bool:
    """Score one job that waits for nothing else; False where none does."""
    for key, _ in ctx.table(UNFINISHED).items():
        kind, _, name = key.partition("/")
        doc = get_job(ctx, name) if kind == "job" else None
        claim = (id(ctx.store), ctx.account, ctx.region, name)
        if doc is None or not is_unscored(ctx, doc) or claim in _running:
            continue
        _running.add(claim)
        try:
            _keep(ctx, name, _outcome(ctx, doc))
        finally:
            _running.discard(claim)
        return True
    return False


def _outcome(ctx: Context, doc: Params) -> Params:
    """The members that a scored job gets: its scores, or why it failed."""
    try:
        return {"Scores": _scored(ctx, doc["Request"])}
    except AwsError as error:
        return {} if error.code == _NOT_HERE else {"Broken": f"ClientError: {error.message}"}
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        # Rows are any JSON of the user's: what has the wrong form fails its job only.
        return {"Broken": f"AlgorithmError: the data cannot be used: {error!r}"}


def _keep(ctx: Context, name: str, outcome: Params) -> None:
    # Others had the lock in between: what was read before may be another document by now.
    doc = get_job(ctx, name)
    if doc is not None:
        rest = {key: value for key, value in doc.items() if key != "Unscored"}
        ctx.table(JOBS).put(name, {**rest, **outcome})


def _scored(ctx: Context, request: Params) -> Scores:
    """The scores of a job's rows; none where no row has a reference answer."""
    hyperparameters = request.get("HyperParameters", {})
    rows = channel_rows(ctx, request)
    preset = _PRESETS.get(hyperparameters.get("preset_reward_function", ""))
    if preset is not None:
        found = [{REWARD: value} for value in preset(ctx, rows)]
        return _joined(found, 0, hyperparameters) if found else {}
    samples = [s for s in (sample_of(row, n) for n, row in enumerate(rows, 1)) if s is not None]
    if not samples:
        return {}
    answers = invoke_all(ctx, _function_of(ctx, request), [[sample] for sample in samples])
    parsed = [_parsed(sample, answer) for sample, answer in zip(samples, answers, strict=True)]
    right = [one for one in parsed if one is not None]
    return _joined(right, len(parsed) - len(right), hyperparameters)


def _function_of(ctx: Context, request: Params) -> str:
    arn = request["ServerlessJobConfig"].get("EvaluatorArn")
    if arn is None:
        return str(request["HyperParameters"]["lambda_arn"])
    return str(evaluator_of(ctx, arn)["Reference"])


def _parsed(sample: Sample, answer: object) -> Scores | None:
    """The numbers of one answer; None for one that the service would count as failed."""
    try:
        (result,) = _results(answer)
        if "id" in sample and result.get("id", sample["id"]) != sample["id"]:
            return None
        metrics = {
            str(item["name"]): float(item["value"]) for item in result.get("metrics_list", ())
        }
        found = {**metrics, REWARD: float(result[REWARD])}
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return None
    return found if all(math.isfinite(value) for value in found.values()) else None


def _results(answer: Any) -> Any:
    """The list of results, bare or in the envelope of a web function."""
    if not isinstance(answer, dict):
        return answer
    if answer["statusCode"] != 200:
        raise ValueError("the function refused")
    body = answer["body"]
    return json.loads(body) if isinstance(body, str) else body


def _joined(found: Sequence[Scores], failed: int, hyperparameters: Params) -> Scores:
    """Every metric over all rows, with its standard error where it is a mean."""
    join = _JOINED.get(hyperparameters.get("aggregation", ""), _mean)
    scores: Scores = {FAILED: float(failed)}
    for name in sorted({name for one in found for name in one}):
        values = [one[name] for one in found if name in one]
        scores[name] = join(values)
        if join is _mean and len(values) > 1:
            scores[f"{name}_stderr"] = _error_of_mean(values)
    return scores


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _error_of_mean(values: Sequence[float]) -> float:
    mean = _mean(values)
    spread = math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
    return math.sqrt(spread / len(values))
