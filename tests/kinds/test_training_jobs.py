"""Training jobs as observations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from nvx.core.state import Status
from nvx.kinds.common.marks import Marks
from nvx.kinds.common.training_jobs import STATUSES, job_observation, progress_of, status_of
from nvx.kinds.evaluation import executions
from support.fake_calls import model_of

JOB: dict[str, Any] = {
    "TrainingJobArn": "arn:aws:sagemaker:us-west-2:000000000000:training-job/x",
    "TrainingJobName": "x",
    "TrainingJobStatus": "InProgress",
    "SecondaryStatus": "Training",
    "ModelArtifacts": {"S3ModelArtifacts": "s3://b/x"},
    "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
    "OutputModelPackageArn": "arn:model",
}


def observed(**members: Any) -> Any:
    return job_observation({**JOB, **members}, Marks(digest="d"), ours=True)


@pytest.mark.parametrize(
    ("shape", "statuses"),
    [("TrainingJobStatus", STATUSES), ("PipelineExecutionStatus", executions.STATUSES)],
)
def test_every_status_of_the_service_model_has_a_status(shape: str, statuses: Any) -> None:
    assert set(model_of("sagemaker").shape_for(shape).enum) == set(statuses)


def test_a_status_newer_than_the_model_counts_as_running() -> None:
    assert status_of("Dreaming", STATUSES) is Status.PENDING


def test_outputs_of_the_end_are_not_shown_before_it() -> None:
    assert "model_arn" not in observed().outputs
    done = observed(TrainingJobStatus="Completed", BillableTokenCount=5)
    assert (done.outputs["model_arn"], done.outputs["billable_tokens"]) == ("arn:model", 5)


def test_a_failure_is_told_in_the_services_own_words() -> None:
    failed = observed(TrainingJobStatus="Failed", FailureReason="ClientError: no rows")
    assert (failed.status, failed.detail) == (Status.FAILED, "ClientError: no rows")


def test_a_job_that_ran_out_of_time_is_stopped_not_done() -> None:
    late = observed(TrainingJobStatus="Stopped", SecondaryStatus="MaxRuntimeExceeded")
    assert (late.status, late.detail) == (Status.STOPPED, "MaxRuntimeExceeded")


def test_the_version_of_the_base_model_is_the_one_that_the_service_took() -> None:
    arn = "arn:aws:sagemaker:us-west-2:aws:hub-content/SageMakerPublicHub/Model/nova-x/1.4.0"
    seen = observed(ServerlessJobConfig={"BaseModelArn": arn})
    assert seen.outputs["base_model"] == "nova-x"
    assert seen.outputs["base_model_version"] == "1.4.0"


@pytest.mark.parametrize(
    ("info", "share"),
    [
        ({}, None),
        ({"TotalStepCountPerEpoch": 0, "MaxEpoch": 2}, None),
        ({"TotalStepCountPerEpoch": 10, "MaxEpoch": 2}, 0.0),
        (
            {"TotalStepCountPerEpoch": 10, "MaxEpoch": 2, "CurrentEpoch": 1, "CurrentStep": 5},
            0.75,
        ),
        (
            {"TotalStepCountPerEpoch": 10, "MaxEpoch": 2, "CurrentEpoch": 2, "CurrentStep": 10},
            1.0,
        ),
    ],
)
def test_progress_is_the_share_of_all_steps(info: dict[str, int], share: float | None) -> None:
    assert progress_of(info) == share
