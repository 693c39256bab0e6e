"""Executions of pipelines as observations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.core.address import Address
from nvx.core.names import display_name
from nvx.core.state import Status
from nvx.kinds.common.marks import Marks
from nvx.kinds.evaluation.executions import (
    Attempt,
    attempt_of,
    execution_observation,
    failure_of,
)

ARN = "arn:aws:sagemaker:us-west-2:111122223333"
JOB = f"{ARN}:training-job/pipelines-abc-EvaluateCustomModel-x"
FAILED = {
    "StepName": "EvaluateCustomModel",
    "StepStatus": "Failed",
    "FailureReason": "ClientError",
    "Metadata": {"TrainingJob": {"Arn": JOB}},
}
RUNNING = {"StepName": "EvaluateBaseModel", "StepStatus": "Executing"}


def execution(status: str, **members: Any) -> dict[str, Any]:
    return {
        "PipelineExecutionArn": f"{ARN}:pipeline/p/execution/abcdefghijkl",
        "PipelineArn": f"{ARN}:pipeline/p",
        "PipelineExecutionStatus": status,
        "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
        "LastModifiedTime": datetime(2026, 1, 1, 1, tzinfo=UTC),
        **members,
    }


def test_a_running_execution_names_its_steps() -> None:
    seen = execution_observation(execution("Executing"), [RUNNING], "p", Marks())
    assert (seen.status, seen.stage) == (Status.PENDING, "Executing: EvaluateBaseModel")
    assert seen.ended_at == ""


def test_a_failure_names_the_step_its_reason_and_the_log() -> None:
    text = failure_of(
        execution("Failed", FailureReason="Step failure"), [RUNNING, FAILED], "no GPU"
    )
    assert text == (
        "Step failure; EvaluateCustomModel: no GPU; log: /aws/sagemaker/TrainingJobs, "
        "pipelines-abc-EvaluateCustomModel-x/"
    )


def test_one_of_two_models_is_partly_failed() -> None:
    seen = execution_observation(execution("CompletedWithFailures"), [FAILED], "p", Marks())
    assert seen.status is Status.PARTIAL
    assert "ClientError" in seen.detail
    assert seen.outputs["jobs"] == {"EvaluateCustomModel": JOB}


def test_a_stop_without_words_says_stopped() -> None:
    assert failure_of(execution("Stopped"), []) == "Stopped"


@pytest.mark.parametrize("name", ["", "by-hand", "exam-0123456789ab", "exam-0123456789ab-r0"])
def test_executions_of_others_are_no_attempts(name: str) -> None:
    assert attempt_of(name) is None


@given(
    name=st.from_regex(r"[a-z][a-z0-9_-]{0,39}", fullmatch=True),
    key=st.none() | st.text(max_size=90),
    digest=st.text("0123456789abcdef", min_size=64, max_size=64),
    attempt=st.integers(1, 10_000),
)
def test_property_a_display_name_gives_back_digest_and_attempt(
    name: str, key: str | None, digest: str, attempt: int
) -> None:
    text = display_name(Address("evaluation", name, key), digest, attempt)
    assert len(text) <= 82
    assert attempt_of(text) == Attempt(digest[:12], attempt)
