"""How far a serverless job is, and what it costs: simulated, but of the size of its data."""

from __future__ import annotations

from itertools import pairwise

from nvx.local.context import Context, Params
from nvx.local.services.sagemaker.jobs import is_over, secondary_status
from nvx.local.services.sagemaker.timetable import Timetable

_BYTES_PER_TOKEN = 4
_TOKENS_PER_BENCHMARK = 1_200_000
_DEFAULT_BATCH = 32


def progress_of(ctx: Context, doc: Params) -> Params:
    """ProgressInfo of a tuning job that has begun; BillableTokenCount of a job that is complete."""
    serverless = doc["Request"].get("ServerlessJobConfig")
    if serverless is None:
        return {}
    shown: Params = {}
    share = _share_done(ctx, doc["Timetable"])
    if serverless["JobType"] == "FineTuning" and share is not None:
        shown["ProgressInfo"] = _steps(doc, share)
    if is_over(ctx, doc) and secondary_status(ctx, doc) == "Completed":
        shown["BillableTokenCount"] = _tokens(doc)
    return shown


def _share_done(ctx: Context, entries: Timetable) -> float | None:
    for entry, following in pairwise(entries):
        if entry["State"] == "Training" and entry["From"] <= ctx.now:
            length = (following["From"] - entry["From"]).total_seconds()
            passed = (ctx.now - entry["From"]).total_seconds()
            return min(1.0, passed / length) if length > 0 else 1.0
    return None


def _steps(doc: Params, share: float) -> Params:
    epochs = _positive(doc, "max_epochs", _default_epochs(doc))
    batch = _positive(doc, "global_batch_size", _DEFAULT_BATCH)
    per_epoch = max(1, doc["Plan"]["Rows"] // batch)
    steps = _positive(doc, "max_steps", 0)
    if steps:
        per_epoch, epochs = steps, 1
    step = min(per_epoch * epochs, int(per_epoch * epochs * share))
    return {
        "TotalStepCountPerEpoch": per_epoch,
        "CurrentStep": step % per_epoch if step < per_epoch * epochs else per_epoch,
        "CurrentEpoch": min(epochs - 1, step // per_epoch),
        "MaxEpoch": epochs,
    }


def _tokens(doc: Params) -> int:
    if doc["Request"]["ServerlessJobConfig"]["JobType"] == "FineTuning":
        epochs = _positive(doc, "max_epochs", _default_epochs(doc))
        return int(doc["Plan"]["Bytes"] // _BYTES_PER_TOKEN * epochs)
    return int(doc["Plan"]["Bytes"] // _BYTES_PER_TOKEN) or _TOKENS_PER_BENCHMARK


def _default_epochs(doc: Params) -> int:
    return 2 if doc["Plan"]["Nova"] else 3


def _positive(doc: Params, name: str, default: int) -> int:
    text = doc["Request"].get("HyperParameters", {}).get(name, "")
    return (int(text) if text.isdecimal() and len(text) < 10 else 0) or default
