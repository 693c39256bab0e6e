"""Plans, events, records and diagnostics with one of everything, for the goldens of the views."""

from __future__ import annotations

from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, Location, Severity
from nvx.core.diff import ABSENT, FieldChange
from nvx.core.events import (
    Event,
    Progress,
    RunEnded,
    Settled,
    StepDone,
    StepFailed,
    StepSkipped,
    Summary,
)
from nvx.core.plan import Action, Change, Plan, Reason
from nvx.core.resource import Nature
from nvx.core.state import Record, Status

TICKETS = Address.parse("dataset.tickets")
GROUP = Address.parse("model_group.support")
TUNED = Address.parse("fine_tune.support")
MMLU = Address.parse("evaluation.mmlu")
SUITE = Address.parse('evaluation.suite["mmlu pro"]')
HASHES = ("812a6d75e1cf" + "0" * 52, "f2a57a0ad5e9" + "0" * 52)


def _change(name: str, action: Action, reason: Reason, **more: object) -> Change:
    address = Address.parse(name)
    paid = address.kind in ("fine_tune", "evaluation")
    return Change(address, address.kind, action, reason, paid=paid, **more)  # type: ignore[arg-type]  # passed through


def every_action() -> Plan:
    """A plan with one change of each action, and the longer texts that there are."""
    source = FieldChange(("source", "sha256"), *HASHES)
    steps = FieldChange(("hyperparameters", "max_steps"), 60, 120)
    role = FieldChange(("role",), "arn:aws:iam::123456789012:role/train", ABSENT)
    changes = (
        _change("dataset.tickets", Action.NEW_VERSION, Reason.INPUTS_CHANGED, fields=(source,)),
        _change("evaluator.exact", Action.CREATE, Reason.DECLARED),
        _change("model_group.support", Action.UPDATE, Reason.MARKS_CHANGED),
        _change("model_group.named", Action.REPLACE, Reason.IMMUTABLE),
        _change(
            "fine_tune.support", Action.RERUN, Reason.INPUTS_CHANGED, because_of=(TICKETS,)
        ),
        _change("fine_tune.longer", Action.RERUN, Reason.INPUTS_CHANGED, fields=(steps,)),
        _change("fine_tune.held", Action.DECIDE, Reason.STALE, because_of=(TICKETS,)),
        _change(
            "fine_tune.broken", Action.DECIDE, Reason.FAILED, detail="ValidationError: rows"
        ),
        _change("fine_tune.renamed", Action.MOVE, Reason.RENAMED, moved_from=TUNED),
        _change("fine_tune.noted", Action.NOTE, Reason.CIRCUMSTANCE_CHANGED, fields=(role,)),
        _change("fine_tune.running", Action.WAIT, Reason.RUNNING),
        _change(
            "evaluation.mmlu", Action.RERUN, Reason.INPUTS_CHANGED, because_of=(TUNED, TICKETS)
        ),
        _change(str(SUITE), Action.DECIDE, Reason.UPSTREAM, because_of=(TUNED,)),
        _change("evaluation.old", Action.ADOPT, Reason.REVERTED),
        _change("evaluation.gone", Action.FORGET, Reason.NOT_DECLARED),
        _change("fine_tune.unwanted", Action.STOP, Reason.NOT_DECLARED),
        _change("dataset.spare", Action.DELETE, Reason.NOT_DECLARED),
    )
    return Plan("support", "000000000000", "us-west-2", "lineage", 3, changes)


def nothing() -> Plan:
    """A plan without a change."""
    change = _change("model_group.support", Action.NOOP, Reason.NONE)
    return Plan("support", "000000000000", "us-west-2", "lineage", 3, (change,))


def every_event() -> tuple[Event, ...]:
    """One event of each sort that people see."""
    stays = "version 1.0.0 stays: used by support-support-4e1c7e53 · version 2.0.0 stays too"
    refused = "CreateTrainingJob: AccessDeniedException: not authorized to perform iam:PassRole"
    return (
        Settled(TICKETS, adopted=True, id="arn"),
        Settled(MMLU, adopted=False),
        StepDone(GROUP, Action.CREATE, "arn"),
        StepDone(TUNED, Action.CREATE, "arn"),
        StepDone(TICKETS, Action.DELETE, "arn", stays),
        StepDone(MMLU, Action.FORGET, "", "its run stays"),
        StepFailed(
            TUNED, Action.CREATE, refused, "Nothing was created.", "AccessDeniedException"
        ),
        StepSkipped(MMLU, Action.CREATE, TUNED),
        Progress(TUNED, "Training", 3725.0, 0.35),
        Progress(MMLU, "Executing: EvaluateBaseModel, EvaluateCustomModel, Compare", 61.0),
        RunEnded(TUNED, "ready", "", 12_000.0),
        RunEnded(
            MMLU, "failed", "AlgorithmError: the rows of the benchmark could not be read", 9.0
        ),
    )


def summaries() -> tuple[Summary, ...]:
    """How an apply may end."""
    return (
        Summary({"create": 5, "new_version": 2, "rerun": 1}),
        Summary({}),
        Summary({}, failed=(TUNED,), skipped=(MMLU,)),
        Summary({"create": 1}, running=(TUNED, MMLU), undecided=(SUITE,), limited=(MMLU,)),
    )


def diagnostics() -> tuple[Diagnostic, ...]:
    """With and without a place, a line, a hint; longer than a terminal is wide."""
    at = Location("stacks/support/support.toml", 31, 14)
    line = 'base_modle = "nova-textgeneration-lite-v2" # ' + "a long remark " * 6
    return (
        Diagnostic(
            Severity.ERROR, "x", "Unknown field", 'It has no field "base_modle".', at, "", line
        ),
        Diagnostic(
            Severity.WARNING, "x", "Unused variable", "Nothing uses it.", None, "remove it"
        ),
        Diagnostic(
            Severity.ERROR, "x", "Odd text", "an escape \x1b[31m and " + "long words " * 12
        ),
    )


def record() -> Record:
    """A run that succeeded."""
    arn = "arn:aws:sagemaker:us-west-2:000000000000:training-job/support-support-4e1c7e53"
    return Record(
        address=TUNED,
        kind="fine_tune",
        variant="sft",
        nature=Nature.RUN,
        id=arn,
        name="support-support-4e1c7e53",
        digest=HASHES[0],
        status=Status.READY,
        attempt=2,
        inputs={
            "dataset": {"ref": HASHES[1], "output": "arn"},
            "hyperparameters": {"max_steps": 60},
        },
        ran_with={"role": "arn:aws:iam::000000000000:role/train"},
        outputs={"billable_tokens": 63038, "subtasks": ["a", "b"], "mlflow_run": None},
        upstream={"dataset.tickets": "arn:aws:sagemaker:…/1.0.0"},
        started_at="2026-11-21T23:31:59Z",
        ended_at="2026-11-21T23:32:03Z",
    )
