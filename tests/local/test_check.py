from __future__ import annotations

from typing import Any

import pytest

from nvx.local.check import check_request, reply_findings, request_findings
from nvx.local.context import AwsError
from nvx.local.model import operation_model, service_model
from nvx.local.patterns import compiled_pattern, matches
from nvx.local.quirks import refusal_code
from support.shapes import ShapeValues

ROLE = "arn:aws:iam::000000000000:role/r"
STATES_NOTHING = {
    ".*",
    "[\\s\\S]*",
    ".*(?:[ \\r\\n\\t].*)*",
}


def refusal(service: str, operation: str, params: dict[str, Any]) -> str:
    model = operation_model(service, operation)
    assert model is not None
    with pytest.raises(AwsError) as caught:
        check_request(service, model, params)
    assert caught.value.code == refusal_code(service)
    return caught.value.message


def training_job(**changes: Any) -> dict[str, Any]:
    job = {
        "TrainingJobName": "job",
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
    }
    return {name: value for name, value in {**job, **changes}.items() if value is not None}


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        (
            {"TrainingJobName": "x!"},
            "Value 'x!' at 'trainingJobName' failed to satisfy constraint: Member must satisfy "
            "regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
        ),
        (
            {"OutputDataConfig": None},
            "Value null at 'outputDataConfig' failed to satisfy constraint: Member must not be null",
        ),
        (
            {"OutputDataConfig": {}},
            "Value null at 'outputDataConfig.s3OutputPath' failed to satisfy constraint: Member "
            "must not be null",
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 0}},
            "Value '0' at 'stoppingCondition.maxRuntimeInSeconds' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1",
        ),
        (
            {"Tags": [{"Key": "k" * 129, "Value": "v"}]},
            f"Value '{'k' * 129}' at 'tags.1.member.key' failed to satisfy constraint: Member must "
            "have length less than or equal to 128",
        ),
        (
            {"ServerlessJobConfig": {"JobType": "Magic", "BaseModelArn": "x"}},
            "Value 'Magic' at 'serverlessJobConfig.jobType' failed to satisfy constraint: Member "
            "must satisfy enum value set: [",
        ),
        (
            {"HyperParameters": {"k" * 257: "v"}},
            "at 'hyperParameters' failed to satisfy constraint: Map keys must satisfy constraint: "
            "[Member must have length less than or equal to 256]",
        ),
    ],
)
def test_a_broken_rule_is_told_in_the_words_of_aws(
    changes: dict[str, Any], finding: str
) -> None:
    assert finding in refusal("sagemaker", "CreateTrainingJob", training_job(**changes))


def test_all_findings_are_told_at_once_and_counted() -> None:
    text = refusal(
        "sagemaker", "CreateTrainingJob", training_job(TrainingJobName="x!", RoleArn="r")
    )
    assert text.startswith("3 validation errors detected: ")
    assert text.count("; Value ") == 2


def test_a_union_has_exactly_one_member() -> None:
    model: dict[str, Any] = {"evaluationConfig": {"automated": {}, "human": {}}}
    assert "exactly one of its members" in refusal("bedrock", "CreateEvaluationJob", model)


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("iam", "GetRole", "ValidationError"),
        ("sts", "AssumeRole", "ValidationError"),
        ("s3", "GetObject", "InvalidArgument"),
        ("logs", "CreateLogGroup", "InvalidParameterException"),
        ("lambda", "GetFunction", "ValidationException"),
        ("resourcegroupstaggingapi", "TagResources", "InvalidParameterException"),
    ],
)
def test_each_service_refuses_with_its_own_code(
    service: str, operation: str, code: str
) -> None:
    assert refusal_code(service) == code
    assert "Member must not be null" in refusal(service, operation, {})


def test_what_the_service_is_known_to_take_is_not_refused() -> None:
    model = service_model("bedrock")
    assert model is not None
    task = model.shape_for("EvaluationTaskType")
    assert list(request_findings("bedrock", task, "General")) == []


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("[a-z]+", "abc", True),
        ("[a-z]+", "abc\n", False),
        ("^[a-z]+$", "abc\n", False),
        ("[a-z]+", "abcD", False),
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", "Straße 7", True),
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", "a;b", False),
        (r"\p{Alnum}+", "aZ9", True),
        (r"\p{Alnum}+", "a_", False),
        (r"\pL+", "abc", True),
        (r"[^\p{Alnum}]", "a", False),
        (r"\p{Unheard}+", "anything", True),
        ("(", "anything", True),
        (".*", "any\nthing", True),
        (".*(?:[ \\r\\n\\t].*)*", "x\n" * 5000 + "\x85", True),
    ],
)
def test_a_pattern_means_the_whole_text_and_an_impossible_one_nothing(
    pattern: str, text: str, fits: bool
) -> None:
    assert matches(pattern, text) is fits


@pytest.mark.parametrize("service", ["sagemaker", "bedrock", "lambda", "iam", "sts", "logs"])
def test_few_patterns_of_a_service_cannot_be_judged(service: str) -> None:
    model = service_model(service)
    assert model is not None
    patterns = {model.shape_for(name).metadata.get("pattern") for name in model.shape_names} - {
        None
    }
    skipped = {pattern for pattern in patterns if compiled_pattern(pattern) is None}
    assert len(skipped) <= max(8, len(patterns) // 20), sorted(skipped)


def test_a_value_drawn_from_the_model_is_of_the_type_of_its_shape() -> None:
    model = service_model("sagemaker")
    assert model is not None
    for name in list(model.operation_names)[::20]:
        shape = model.operation_model(name).output_shape
        if shape is not None:
            value = ShapeValues(name).structure(shape)
            assert list(reply_findings("sagemaker", shape, value)) == []


@pytest.mark.parametrize("value", [3, "text", [1], {"HubName": 3, "Unknown": None}, None])
def test_whatever_a_handler_gives_is_judged_without_failing(value: Any) -> None:
    model = operation_model("sagemaker", "DescribeHub")
    assert model is not None
    assert list(reply_findings("sagemaker", model.output_shape, value))
