"""The end of a job: outputs, log lines, once."""

from __future__ import annotations

from nvx.local.context import AwsError, Context, Params
from nvx.local.services.logs import put_lines
from nvx.local.services.sagemaker.jobs import (
    JOBS,
    fail_job,
    get_job,
    is_over,
    secondary_status,
)
from nvx.local.services.sagemaker.outputs import leave_outputs
from nvx.local.services.sagemaker.settling import UNFINISHED, settles

LOG_GROUP = "/aws/sagemaker/TrainingJobs"


@settles("job")
def settle_job(ctx: Context, key: str, _entry: Params) -> None:
    """Settle a job that is over."""
    doc = get_job(ctx, key.partition("/")[2])
    if doc is None:
        ctx.table(UNFINISHED).delete(key)
        return
    if doc["Settled"] or not is_over(ctx, doc):
        return
    if "Broken" in doc:
        doc = fail_job(ctx, doc, doc["Broken"])
    elif secondary_status(ctx, doc) == "Completed":
        doc = _completed(ctx, doc)
    ctx.table(JOBS).put(doc["Name"], {**doc, "Settled": True})
    ctx.table(UNFINISHED).delete(key)
    put_lines(ctx, LOG_GROUP, f"{doc['Name']}/algo-1", _log_lines(ctx, doc))


def _completed(ctx: Context, doc: Params) -> Params:
    try:
        return {**doc, "Results": leave_outputs(ctx, doc)}
    except AwsError as error:
        return fail_job(ctx, doc, f"{error.code}: {error.message}")
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        # Rows are any JSON of the user's: what has the wrong form fails its job only.
        return fail_job(ctx, doc, f"AlgorithmError: the data cannot be used: {error!r}")


def _log_lines(ctx: Context, doc: Params) -> list[str]:
    state = secondary_status(ctx, doc)
    plan = doc["Plan"]
    lines = [f"Simulated training job {doc['Name']}: nothing was trained."]
    if "BaseModel" in plan:
        lines.append(
            f"base model {plan['BaseModel']} {plan['BaseModelVersion']}, "
            f"recipe {plan['RecipeName']}"
        )
    if plan["Bytes"]:
        lines.append(f"read {plan['Rows']} rows, {plan['Bytes']} bytes")
    if state == "Failed":
        return [*lines, f"ERROR {doc['FailureReason']}"]
    package = doc.get("Results", {}).get("OutputModelPackageArn")
    return [*lines, *([f"registered {package}"] if package else []), f"Training job {state}"]
