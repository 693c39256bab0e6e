"""Jobs, pipelines and logs: pages, absence, endings."""

from __future__ import annotations

from typing import Any

import pytest

from nvx.aws.jobs import TrainingJobs
from nvx.aws.logs import Logs
from nvx.aws.pipelines import Pipelines, PipelineText, pipeline_of
from nvx.core.cloud import NotFound, Rejected, Uncertain
from support.fake_calls import FakeCalls
from support.wire import Script

EXECUTION = "arn:aws:sagemaker:us-west-2:000000000000:pipeline/shop-exam/execution/abcdefghijkl"
TEXT = PipelineText("shop-exam", "{}", "nvx-0", "arn:aws:iam::000000000000:role/eval")


def calls(**answers: Any) -> FakeCalls:
    return FakeCalls(Script({f"sagemaker.{name}": found for name, found in answers.items()}))


def test_absence_is_an_answer() -> None:
    jobs, pipelines = TrainingJobs(calls()), Pipelines(calls())
    assert jobs.describe("x") is None
    jobs.stop("x")
    assert pipelines.describe("x") is None
    assert pipelines.execution(EXECUTION) is None
    assert list(pipelines.executions("x")) == []
    assert pipelines.steps(EXECUTION) == ()
    pipelines.stop(EXECUTION)


def test_listings_follow_empty_pages() -> None:
    pages: list[Any] = [
        {"TrainingJobSummaries": [], "NextToken": "1"},
        {"TrainingJobSummaries": [{"TrainingJobName": "a"}]},
    ]
    found = list(TrainingJobs(calls(ListTrainingJobs=pages)).listed("shop-"))
    assert found == [{"TrainingJobName": "a"}]


def test_a_job_that_has_ended_counts_as_stopped_and_other_refusals_do_not() -> None:
    ended = Rejected(
        "The request was rejected because the training job is in status Completed."
    )
    TrainingJobs(calls(StopTrainingJob=[ended])).stop("x")
    with pytest.raises(Rejected):
        TrainingJobs(calls(StopTrainingJob=[Rejected("not authorized")])).stop("x")


@pytest.mark.parametrize(("status", "raises"), [("Succeeded", False), ("Executing", True)])
def test_a_refused_stop_counts_only_while_the_execution_runs(status: str, raises: bool) -> None:
    pipelines = Pipelines(
        calls(
            StopPipelineExecution=[Rejected("conflict")],
            DescribePipelineExecution=[{"PipelineExecutionStatus": status}],
        )
    )
    if raises:
        with pytest.raises(Rejected):
            pipelines.stop(EXECUTION)
    else:
        pipelines.stop(EXECUTION)


def test_a_start_without_an_arn_in_its_reply_is_uncertain() -> None:
    pipelines = Pipelines(calls(StartPipelineExecution=[{}], CreatePipeline=[{}]))
    with pytest.raises(Uncertain, match="PipelineExecutionArn"):
        pipelines.start("shop-exam", "nvx-0", "exam-r1", "t" * 64)
    with pytest.raises(Uncertain, match="PipelineArn"):
        pipelines.create(TEXT, "t" * 64)


def test_one_artifact_serves_a_model_for_ever() -> None:
    package = "arn:aws:sagemaker:us-west-2:000000000000:model-package/g/1"
    there = calls(ListArtifacts=[{"ArtifactSummaries": [{"ArtifactArn": "arn:old"}]}])
    assert Pipelines(there).model_artifact(package) == "arn:old"
    absent = calls(ListArtifacts=[{}], CreateArtifact=[{"ArtifactArn": "arn:new"}])
    assert Pipelines(absent).model_artifact(package) == "arn:new"


def test_the_name_of_the_pipeline_is_in_the_execution() -> None:
    assert pipeline_of(EXECUTION) == "shop-exam"


def test_the_last_lines_of_all_streams_of_a_job() -> None:
    fake = FakeCalls(
        Script(
            {
                "logs.DescribeLogStreams": [
                    {"logStreams": [{"logStreamName": "job/b"}, {"logStreamName": "job/a"}]}
                ],
                "logs.GetLogEvents": [
                    {"events": [{"message": "one\n"}, {"message": "two"}]},
                    NotFound("rotated away"),
                ],
            }
        )
    )
    assert Logs(fake).last_lines("job/", limit=5) == ["one", "two"]
    assert [r["logStreamName"] for r in fake.requests("logs.GetLogEvents")] == [
        "job/a",
        "job/b",
    ]
    assert Logs(FakeCalls(Script())).last_lines("job/") == ()
