"""Evaluation jobs as they are kept, and what time has done to them."""

from __future__ import annotations

from datetime import timedelta

from nvx.local import tags
from nvx.local.context import AwsError, Context, Params
from nvx.local.services.bedrock.evaluation_outputs import leave_evaluation_outputs
from nvx.local.services.bedrock.jobs import id12
from nvx.local.services.bedrock.refusals import not_found
from nvx.local.services.sagemaker.timetable import (
    Phase,
    end_of,
    reached,
    rescheduled,
    schedule,
    state_at,
)

EVALUATIONS = "bedrock.evaluation-jobs"
"""By ARN."""

ENDED = frozenset({"Completed", "Failed", "Stopped"})
_DELETING_S = 30.0


def all_evaluations(ctx: Context) -> list[Params]:
    """Every job that is not gone, with its end settled."""
    arns = [arn for arn, _ in ctx.table(EVALUATIONS).items()]
    return [doc for doc in (_get(ctx, arn) for arn in arns) if doc is not None]


def find_evaluation(ctx: Context, arn: str) -> Params:
    """The document of a job; ResourceNotFoundException where there is none."""
    doc = _get(ctx, arn)
    if doc is None:
        raise missing_evaluation(arn)
    return doc


def missing_evaluation(arn: str) -> AwsError:
    """The refusal for a job that is not there, or not yet to be seen."""
    return not_found(f"The evaluation job {arn} could not be found.")


def put_new_evaluation(ctx: Context, request: Params, phases: list[Phase], reason: str) -> str:
    """Keep a job that starts now; its ARN."""
    number = str(ctx.store.sequence("bedrock"))
    arn = ctx.arn("bedrock", f"evaluation-job/{id12(ctx.account, ctx.region, number)}")
    doc = {
        "Arn": arn,
        "Request": request,
        "CreationTime": ctx.now,
        "Timetable": schedule(ctx, ctx.now, phases),
        "FailureReason": reason,
        "Settled": False,
    }
    ctx.table(EVALUATIONS).put(arn, doc)
    return arn


def status_of_evaluation(ctx: Context, doc: Params) -> str:
    """The status of a job now."""
    return "Deleting" if "Gone" in doc else state_at(doc["Timetable"], ctx.now)


def stop_evaluation(ctx: Context, doc: Params) -> None:
    """Let a running job stop, two nominal minutes from now."""
    table = rescheduled(ctx, doc["Timetable"], ctx.now, [("Stopping", 120.0), ("Stopped", 0.0)])
    ctx.table(EVALUATIONS).put(doc["Arn"], {**doc, "Timetable": table})


def delete_evaluation(ctx: Context, doc: Params) -> None:
    """Let a job that is over go."""
    gone = ctx.now + timedelta(seconds=ctx.clock.seconds(_DELETING_S))
    ctx.table(EVALUATIONS).put(doc["Arn"], {**doc, "Gone": gone})


def evaluation_view(ctx: Context, doc: Params) -> Params:
    """A job as GetEvaluationJob shows it."""
    hidden = ("clientRequestToken", "jobTags")
    view = {key: value for key, value in doc["Request"].items() if key not in hidden}
    view |= {
        "jobArn": doc["Arn"],
        "status": status_of_evaluation(ctx, doc),
        "jobType": "Automated",
        "applicationType": "ModelEvaluation",
        "creationTime": doc["CreationTime"],
        "lastModifiedTime": reached(doc["Timetable"], ctx.now)[-1]["From"],
    }
    if state_at(doc["Timetable"], ctx.now) == "Failed":
        view["failureMessages"] = [doc["FailureReason"]]
    return view


def _get(ctx: Context, arn: str) -> Params | None:
    doc = ctx.table(EVALUATIONS).get(arn)
    if doc is None:
        return None
    if "Gone" in doc and doc["Gone"] <= ctx.now:
        ctx.table(EVALUATIONS).delete(arn)
        tags.delete_all(ctx, arn)
        return None
    if doc["Settled"] or end_of(doc["Timetable"]) > ctx.now:
        return doc
    return _settled(ctx, doc)


def _settled(ctx: Context, doc: Params) -> Params:
    """Leave the outputs of a job that is complete; data that cannot be used fails it."""
    settled = {**doc, "Settled": True}
    if state_at(doc["Timetable"], ctx.now) == "Completed":
        try:
            leave_evaluation_outputs(ctx, doc)
        except AwsError as error:
            last = {**doc["Timetable"][-1], "State": "Failed"}
            settled |= {
                "Timetable": [*doc["Timetable"][:-1], last],
                "FailureReason": f"The data set cannot be used: {error.message}",
            }
    ctx.table(EVALUATIONS).put(doc["Arn"], settled)
    return settled
