"""What a service would refuse, found before it is sent."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.aws.patterns import fits
from nvx.aws.requests import doubts_of, problems_of
from support.fake_calls import model_of

TOKEN = {"ModelPackageGroupName": "g"}


@pytest.mark.parametrize(
    ("operation", "params", "words"),
    [
        ("DescribeHub", {"HubName": "under_score"}, "does not match"),
        ("DescribeHub", {}, "HubName is missing"),
        ("DescribeHub", {"HubName": "a", "Extra": 1}, "Extra is not a member"),
        ("DescribeHub", {"HubName": 3}, "is a int and has to be a string"),
        ("CreateModelPackageGroup", {"ModelPackageGroupName": "a" * 64}, "the maximum is 63"),
        ("CreateModelPackageGroup", {"ModelPackageGroupName": ""}, "the minimum is 1"),
        ("ListHubContents", {"HubName": "a", "HubContentType": "DataSet", "MaxResults": 101},
         "the maximum is 100"),
        ("ListTags", {"ResourceArn": "arn:x", "MaxResults": 49}, "the minimum is 50"),
        ("ListTags", {"ResourceArn": "arn:x", "MaxResults": True}, "has to be a integer"),
        ("CreateModelPackageGroup", TOKEN | {"Tags": [{"Key": "", "Value": ""}]}, "Tags[0].Key"),
        ("CreateModelPackageGroup", TOKEN | {"Tags": [{"Key": "a!", "Value": ""}]}, "Tags[0].Key"),
        ("CreateModelPackageGroup", TOKEN | {"Tags": [{"Key": str(i), "Value": ""} for i in
         range(51)]}, "51 items"),
        ("CreateModelPackageGroup", TOKEN | {"Tags": "text"}, "has to be a list"),
    ],
)  # fmt: skip
def test_problem_is_named(operation: str, params: dict[str, object], words: str) -> None:
    found = problems_of(model_of("sagemaker"), operation, params)
    assert any(words in problem for problem in found), found


def test_sound_request_has_no_problems() -> None:
    tags = [{"Key": "nvx:stack", "Value": "Ünïcode 1 + 1 = 2"}]
    assert (
        problems_of(model_of("sagemaker"), "CreateModelPackageGroup", TOKEN | {"Tags": tags})
        == []
    )


def test_map_is_checked_by_key_and_value() -> None:
    params = {"FunctionName": "f", "Environment": {"Variables": {"9": "x"}}}
    found = problems_of(model_of("lambda"), "UpdateFunctionConfiguration", params)
    assert any("key '9'" in problem for problem in found)


def test_value_that_the_model_does_not_list_is_a_doubt_only() -> None:
    params = {"HubName": "a", "HubContentType": "Novelty"}
    assert problems_of(model_of("sagemaker"), "ListHubContents", params) == []
    assert "Novelty" in doubts_of(model_of("sagemaker"), "ListHubContents", params)[0]


def test_operation_without_input_takes_nothing() -> None:
    assert problems_of(model_of("sts"), "GetCallerIdentity", {}) == []


ALL_PATTERNS = sorted(
    {
        str(shape.metadata["pattern"])
        for service in ("sagemaker", "lambda", "bedrock", "s3", "iam", "sts")
        for model in [model_of(service)]
        for shape in map(model.shape_for, model.shape_names)
        if "pattern" in shape.metadata
    }
)


@pytest.mark.parametrize("text", ["-" * 64 + "!", "a" * 256, "a-" * 128, " " * 256, "a." * 128])
def test_no_pattern_takes_long_on_hostile_text(text: str) -> None:
    assert all(fits(pattern, text) in (True, False) for pattern in ALL_PATTERNS)


@given(st.text(string.ascii_letters + string.digits, min_size=1, max_size=63))
def test_letters_and_digits_are_always_a_resource_name(name: str) -> None:
    params = {"ModelPackageGroupName": name}
    assert problems_of(model_of("sagemaker"), "CreateModelPackageGroup", params) == []


@given(st.text(max_size=300), st.sampled_from(ALL_PATTERNS))
def test_any_text_is_judged_without_an_error(text: str, pattern: str) -> None:
    assert fits(pattern, text) in (True, False)
