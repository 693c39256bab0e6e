"""Base models, recipes and model packages, whatever the hub's documents hold."""

from __future__ import annotations

import contextlib
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.aws.models import (
    Models,
    Parameter,
    Recipe,
    base_model_in,
    group_arn_of,
    parameters_in,
)
from nvx.core.cloud import NotFound, Rejected
from support.fake_calls import FakeCalls
from support.wire import Script, hub_script

HUB = {"model": "nova-lite", "recipes": [{"Name": "r", "Type": "Evaluation"}]}


def models(**answers: Any) -> tuple[Models, FakeCalls]:
    script = Script({**hub_script(HUB), **answers})
    calls = FakeCalls(script)
    return Models(calls), calls


def reply(document: str) -> dict[str, Any]:
    return {
        "HubContentName": "m",
        "HubContentVersion": "1.0.0",
        "HubContentArn": "arn",
        "HubContentDocument": document,
    }


def test_the_hub_is_asked_once_for_a_model_and_its_parameters() -> None:
    hub, calls = models()
    for _ in range(3):
        base = hub.base_model("nova-lite")
        hub.parameters(base.recipes[0], "000000000000")
    assert base.is_nova
    assert calls.operations == ["sagemaker.DescribeHubContent", "s3.GetObject"]


def test_a_model_that_the_hub_lacks_is_named() -> None:
    hub, _ = models(**{"sagemaker.DescribeHubContent": [NotFound("x")]})
    with pytest.raises(NotFound, match="SageMakerPublicHub has no model nova-x"):
        hub.base_model("nova-x")


@pytest.mark.parametrize(
    ("uri", "bucket", "key"),
    [
        ("s3://cache/{customer_id}/p.json", "cache", "000000000000/p.json"),
        (
            "s3://arn:aws:s3:us-west-2:123456789012:accesspoint/recipes/a/p.json",
            "arn:aws:s3:us-west-2:123456789012:accesspoint/recipes",
            "a/p.json",
        ),
    ],
)
def test_parameters_are_read_from_buckets_and_access_points(
    uri: str, bucket: str, key: str
) -> None:
    hub, calls = models()
    hub.parameters(Recipe("r", "Evaluation", parameters_uri=uri), "000000000000")
    (request,) = calls.requests("s3.GetObject")
    assert (request["Bucket"], request["Key"]) == (bucket, key)


def test_a_recipe_without_parameters_has_none() -> None:
    hub, calls = models()
    assert hub.parameters(Recipe("r", "Evaluation"), "") == {}
    assert calls.sent == []


def test_parameters_that_are_not_json_are_refused() -> None:
    body = [lambda _: {"Body": io.BytesIO(b"<html>"), "ContentLength": 6}]
    hub, _ = models(**{"s3.GetObject": body})
    with pytest.raises(Rejected, match="is not JSON"):
        hub.parameters(Recipe("r", "Evaluation", parameters_uri="s3://bucket/p"), "")


def test_a_package_without_a_base_model_says_nothing_of_it() -> None:
    arn = "arn:aws:sagemaker:us-west-2:000000000000:model-package/g/1"
    said = {"ModelPackageArn": arn, "ModelPackageStatus": "Completed"}
    hub, _ = models(**{"sagemaker.DescribeModelPackage": [said]})
    package = hub.package(arn)
    assert package is not None
    assert (package.base_model, package.group_arn) == ("", group_arn_of(arn))
    assert models()[0].package(arn) is None


def test_only_a_version_of_a_group_has_a_group() -> None:
    root = "arn:aws-us-gov:sagemaker:us-gov-west-1:000000000000"
    assert group_arn_of(f"{root}:model-package/g/1") == f"{root}:model-package-group/g"
    assert group_arn_of(f"{root}:model-package/alone") == ""


def test_what_a_parameter_allows() -> None:
    entry = {"type": "integer", "default": 8, "min": 1, "max": 9, "enum": [8], "category": "x"}
    found = parameters_in(json.dumps({"a": entry, "b": 1}).encode(), "s3://b/k")
    assert found == {"a": Parameter("integer", 8, 1, 9, (8,), True)}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["RecipeCollection", "GatedBucket", "Type", "enum", "min"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=10,
)


@given(json_values)
def test_property_any_document_is_read_or_refused(value: object) -> None:
    text = json.dumps(value)
    try:
        assert base_model_in(reply(text)).gated in (True, False)
        assert isinstance(parameters_in(text.encode(), "x"), dict)
    except Rejected:
        assert not isinstance(value, dict)


@given(st.binary(max_size=60))
def test_property_any_bytes_are_parameters_or_refused(data: bytes) -> None:
    with contextlib.suppress(Rejected):
        parameters_in(data, "x")
