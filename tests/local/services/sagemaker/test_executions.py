import pytest

from support.local_aws import message_of, refused, running
from support.sagemaker_requests import (
    MLFLOW,
    NOVA,
    Workshop,
    chain,
    definition,
    evaluation_step,
    token,
)

_BASE = evaluation_step("EvaluateBaseModel")
_FAIL = {"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": "too bad"}}


def test_an_evaluation_ends_with_scores_in_s3(shop: Workshop) -> None:
    group = shop.group()
    tuning = shop.with_data().tuning("tune", ModelPackageConfig={"ModelPackageGroupArn": group})
    shop.sagemaker.create_training_job(**tuning)
    shop.advance()
    package = shop.job("tune")["OutputModelPackageArn"]
    config = {"ModelPackageGroupArn": group, "SourceModelPackageArn": package}
    steps = [
        evaluation_step("EvaluateBaseModel", NOVA),
        evaluation_step("EvaluateCustomModel", NOVA, ModelPackageConfig=config),
    ]
    shop.pipeline("pipe", definition(*steps), PipelineVersionAliases=["nvx-1"])
    arn = shop.start(
        "pipe", PipelineVersionAlias="nvx-1", PipelineExecutionDisplayName="mine-1"
    )
    started = shop.execution(arn)
    assert started["PipelineExecutionStatus"] == "Executing"
    assert started["PipelineExecutionDisplayName"] == "mine-1"
    assert started["PipelineVersionAliases"] == ["nvx-1"]
    assert started["MLflowConfig"] == MLFLOW
    shop.advance()
    assert shop.execution(arn)["PipelineExecutionStatus"] == "Succeeded"
    scores = set()
    for name, step in shop.steps(arn).items():
        assert step["StepStatus"] == "Succeeded"
        job = shop.sagemaker.describe_training_job(
            TrainingJobName=step["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2]
        )
        assert job["TrainingJobName"].startswith(f"pipelines-{arn[-12:]}-{name}-")
        (key,) = shop.keys(f"eval/{job['TrainingJobName']}/")
        scores.add(shop.get_json(key)["results"]["all"]["accuracy"])
    assert len(scores) == 2


def test_the_same_token_starts_one_execution(shop: Workshop) -> None:
    shop.pipeline("pipe", definition(_BASE))
    first = shop.start("pipe", "a")
    assert shop.start("pipe", "a") == first
    assert shop.start("pipe", "b") != first
    listing = shop.sagemaker.list_pipeline_executions(PipelineName="pipe")
    assert len(listing["PipelineExecutionSummaries"]) == 2
    assert len(shop.sagemaker.list_training_jobs()["TrainingJobSummaries"]) == 2


def test_executions_are_listed_by_alias(shop: Workshop) -> None:
    shop.pipeline("pipe", definition(_BASE), PipelineVersionAliases=["one"])
    shop.sagemaker.update_pipeline(
        PipelineName="pipe",
        PipelineDefinition=definition(_FAIL),
        PipelineVersionAliases=["two"],
    )
    first = shop.start("pipe", "a", PipelineVersionAlias="one")
    second = shop.start("pipe", "b", PipelineVersionId=2)
    listing = shop.sagemaker.list_pipeline_executions
    for alias, arn in (("one", first), ("two", second)):
        rows = listing(PipelineName="pipe", PipelineVersionAlias=alias)
        assert [row["PipelineExecutionArn"] for row in rows["PipelineExecutionSummaries"]] == [
            arn
        ]
    unknown = {"PipelineName": "pipe", "PipelineVersionAlias": "none"}
    assert refused(listing, **unknown) == ("ResourceNotFound", 400)
    assert refused(
        shop.sagemaker.start_pipeline_execution, **unknown, ClientRequestToken=token("x")
    ) == ("ResourceNotFound", 400)
    text = shop.sagemaker.describe_pipeline_definition_for_execution(PipelineExecutionArn=first)
    assert text["PipelineDefinition"] == definition(_BASE)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([{"Name": "Other", "Value": "1"}], "Unknown parameter: Other"),
        ([], "Parameter Epochs has no default value"),
        ([{"Name": "Epochs", "Value": "x"}], "must be of type Integer"),
        ([{"Name": "Epochs", "Value": "9"}], "must be one of [1, 2]"),
    ],
)
def test_wrong_parameters_are_refused(
    shop: Workshop, given: list[dict[str, str]], words: str
) -> None:
    parameters = [{"Name": "Epochs", "Type": "Integer", "EnumValues": [1, 2]}]
    shop.pipeline("pipe", definition(_BASE, Parameters=parameters))
    message = message_of(
        shop.sagemaker.start_pipeline_execution,
        PipelineName="pipe",
        ClientRequestToken=token("a"),
        PipelineParameters=given,
    )
    assert words in message


def test_an_outcome_may_end_an_execution_with_partial_failures() -> None:
    outcome = {
        "match": "*/execution/*",
        "status": "CompletedWithFailures",
        "reason": "one of two",
    }
    with running() as cloud:
        cloud.server.settings.update({"outcomes": [outcome]})
        shop = Workshop(cloud)
        shop.pipeline("pipe", definition(_BASE))
        arn = shop.start("pipe")
        shop.advance()
        execution = shop.execution(arn)
        assert execution["PipelineExecutionStatus"] == "CompletedWithFailures"
        assert execution["FailureReason"] == "one of two"


def test_an_execution_is_stopped(shop: Workshop) -> None:
    shop.pipeline("pipe", definition(*chain("A", "B")))
    arn = shop.start("pipe")
    shop.advance(0.5)
    stop = {"PipelineExecutionArn": arn, "ClientRequestToken": token("x")}
    shop.sagemaker.stop_pipeline_execution(**stop)
    assert shop.execution(arn)["PipelineExecutionStatus"] == "Stopping"
    shop.sagemaker.stop_pipeline_execution(**stop)
    shop.advance()
    assert shop.execution(arn)["PipelineExecutionStatus"] == "Stopped"
    steps = shop.steps(arn)
    assert {name: step["StepStatus"] for name, step in steps.items()} == {"A": "Stopped"}
    assert refused(shop.sagemaker.stop_pipeline_execution, **stop) == ("ConflictException", 400)


def test_a_retry_runs_only_what_failed() -> None:
    outcome = {"match": "*-B-*", "status": "Failed", "reason": "AlgorithmError: x", "times": 1}
    with running() as cloud:
        cloud.server.settings.update({"outcomes": [outcome]})
        shop = Workshop(cloud)
        shop.pipeline("pipe", definition(*chain("A", "B", "C")))
        arn = shop.start("pipe")
        retry = {"PipelineExecutionArn": arn, "ClientRequestToken": token("r")}
        assert (
            refused(shop.sagemaker.retry_pipeline_execution, **retry)[0] == "ConflictException"
        )
        shop.advance()
        before = shop.steps(arn)
        assert shop.execution(arn)["PipelineExecutionStatus"] == "Failed"
        shop.sagemaker.retry_pipeline_execution(**retry)
        again = shop.execution(arn)
        assert again["PipelineExecutionStatus"] == "Executing"
        assert "FailureReason" not in again
        shop.advance()
        after = shop.steps(arn)
        assert shop.execution(arn)["PipelineExecutionStatus"] == "Succeeded"
        assert after["A"] == before["A"]
        assert (after["B"]["AttemptCount"], after["B"]["StepStatus"]) == (2, "Succeeded")
        assert after["B"]["Metadata"] != before["B"]["Metadata"]
        assert after["C"]["StepStatus"] == "Succeeded"
        shop.sagemaker.retry_pipeline_execution(**retry)
        assert shop.execution(arn)["PipelineExecutionStatus"] == "Succeeded"


def test_no_more_steps_run_at_once_than_allowed(shop: Workshop) -> None:
    steps = [evaluation_step(name) for name in ("A", "B", "C")]
    limit = {"MaxParallelExecutionSteps": 2}
    shop.pipeline("pipe", definition(*steps), ParallelismConfiguration=limit)
    arn = shop.start("pipe")
    assert set(shop.steps(arn)) == {"A", "B"}
    shop.advance()
    assert set(shop.steps(arn)) == {"A", "B", "C"}


def test_names_of_an_execution_can_be_changed(shop: Workshop) -> None:
    shop.pipeline("pipe", definition(_BASE))
    arn = shop.start("pipe")
    shop.sagemaker.update_pipeline_execution(
        PipelineExecutionArn=arn,
        PipelineExecutionDisplayName="other",
        PipelineExecutionDescription="d",
    )
    (row,) = shop.sagemaker.list_pipeline_executions(PipelineName="pipe")[
        "PipelineExecutionSummaries"
    ]
    assert row["PipelineExecutionDisplayName"] == "other"
    assert row["PipelineExecutionDescription"] == "d"
