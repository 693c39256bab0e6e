from typing import Any

import pytest

from support.local_aws import message_of
from support.sagemaker_requests import Workshop, definition, evaluation_step


@pytest.fixture
def jobs(shop: Workshop) -> Workshop:
    shop.with_data()
    for number, team in enumerate(("a", "b", "a")):
        tags = [{"Key": "team", "Value": team}, {"Key": "nvx:stack", "Value": "s"}]
        parameters = {"max_epochs": str(number + 1)}
        request = shop.tuning(f"job-{number}", Tags=tags, HyperParameters=parameters)
        shop.sagemaker.create_training_job(**request)
    return shop


def _names(shop: Workshop, **members: Any) -> list[str]:
    found = shop.sagemaker.search(Resource="TrainingJob", **members)["Results"]
    return [record["TrainingJob"]["TrainingJobName"] for record in found]


def _filtered(name: str, operator: str, value: str | None = None) -> dict[str, Any]:
    one = {"Name": name, "Operator": operator}
    return one if value is None else {**one, "Value": value}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([_filtered("Tags.team", "Equals", "a")], {"job-0", "job-2"}),
        ([_filtered("Tags.team", "NotEquals", "a")], {"job-1"}),
        ([_filtered("Tags.nvx:stack", "Exists")], {"job-0", "job-1", "job-2"}),
        ([_filtered("Tags.none", "Exists")], set()),
        ([_filtered("Tags.none", "NotExists")], {"job-0", "job-1", "job-2"}),
        ([_filtered("TrainingJobName", "Contains", "-1")], {"job-1"}),
        ([_filtered("TrainingJobName", "In", "job-0, job-2")], {"job-0", "job-2"}),
        ([_filtered("HyperParameters.max_epochs", "GreaterThan", "1")], {"job-1", "job-2"}),
        (
            [_filtered("HyperParameters.max_epochs", "LessThanOrEqualTo", "2")],
            {"job-0", "job-1"},
        ),
        ([_filtered("TrainingJobStatus", "Equals", "Completed")], set()),
        ([_filtered("CreationTime", "LessThan", "2001-01-01T00:00:00Z")], set()),
        (
            [_filtered("CreationTime", "GreaterThanOrEqualTo", "2001-01-01")],
            {"job-0", "job-1", "job-2"},
        ),
        (
            [_filtered("InputDataConfig.ChannelName", "Equals", "train")],
            {"job-0", "job-1", "job-2"},
        ),
        ([_filtered("InputDataConfig.ChannelName", "NotEquals", "train")], set()),
        ([_filtered("RoleArn.Deeper", "Exists")], set()),
        (
            [
                _filtered("Tags.team", "Equals", "a"),
                _filtered("TrainingJobName", "Contains", "0"),
            ],
            {"job-0"},
        ),
    ],
)
def test_filters_choose_records(
    jobs: Workshop, filters: list[dict[str, str]], expected: set[str]
) -> None:
    assert set(_names(jobs, SearchExpression={"Filters": filters})) == expected


def test_expressions_combine(jobs: Workshop) -> None:
    parts = [
        {"Filters": [_filtered("TrainingJobName", "Equals", name)]}
        for name in ("job-0", "job-2")
    ]
    either = {"SubExpressions": parts, "Operator": "Or"}
    assert set(_names(jobs, SearchExpression=either)) == {"job-0", "job-2"}
    both = {"SubExpressions": parts, "Operator": "And"}
    assert _names(jobs, SearchExpression=both) == []
    nested = {
        "NestedPropertyName": "InputDataConfig",
        "Filters": [_filtered("InputDataConfig.ChannelName", "Equals", "train")],
    }
    assert len(_names(jobs, SearchExpression={"NestedFilters": [nested]})) == 3


def test_results_are_sorted_and_paged(jobs: Workshop) -> None:
    order = {"SortBy": "TrainingJobName", "SortOrder": "Ascending", "MaxResults": 2}
    first = jobs.sagemaker.search(Resource="TrainingJob", **order)
    rest = jobs.sagemaker.search(Resource="TrainingJob", NextToken=first["NextToken"], **order)
    names = [r["TrainingJob"]["TrainingJobName"] for r in (*first["Results"], *rest["Results"])]
    assert names == ["job-0", "job-1", "job-2"]
    assert first["TotalHits"] == {"Value": 3, "Relation": "EqualTo"}
    assert "NextToken" not in rest


def test_the_record_of_a_job_lacks_its_serverless_settings(jobs: Workshop) -> None:
    record = jobs.sagemaker.search(Resource="TrainingJob", MaxResults=1)["Results"][0][
        "TrainingJob"
    ]
    assert {"Tags", "HyperParameters", "InputDataConfig"} <= set(record)
    assert not {"ServerlessJobConfig", "MlflowConfig", "ProgressInfo"} & set(record)


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ([_filtered("TrainingJobName", "Equals")], "requires a Value"),
        ([_filtered("CreationTime", "LessThan", "soon")], "soon is not a time"),
        ([_filtered("TrainingJobName", "Exists")] * 21, "validation error"),
    ],
)
def test_wrong_filters_are_refused(
    jobs: Workshop, filters: list[dict[str, str]], words: str
) -> None:
    expression = {"Filters": filters}
    message = message_of(
        jobs.sagemaker.search, Resource="TrainingJob", SearchExpression=expression
    )
    assert words in message


def test_the_other_resources_are_found_by_tag(shop: Workshop) -> None:
    tags = [{"Key": "nvx:stack", "Value": "s"}]
    shop.hub()
    shop.import_dataset("rows", Tags=tags)
    shop.group("models", Tags=tags)
    shop.sagemaker.create_model_package(ModelPackageName="single", Tags=tags)
    shop.pipeline("pipe", definition(evaluation_step("A")), Tags=tags)
    shop.start("pipe")
    expression = {"Filters": [_filtered("Tags.nvx:stack", "Equals", "s")]}
    for resource in ("HubContent", "ModelPackageGroup", "ModelPackage", "Pipeline"):
        found = shop.sagemaker.search(Resource=resource, SearchExpression=expression)["Results"]
        (record,) = found
        assert record[resource]["Tags"] == tags
    (execution,) = shop.sagemaker.search(Resource="PipelineExecution")["Results"]
    assert execution["PipelineExecution"]["PipelineExecutionStatus"] == "Executing"
    assert shop.sagemaker.search(Resource="Endpoint")["Results"] == []
