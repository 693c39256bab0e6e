"""One call: checked before, its reply checked after."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from nvx.aws.call import call, pages
from nvx.core.cloud import CloudError, Rejected, Uncertain
from nvx.core.diagnostics import NvxError
from support.fake_calls import FakeCalls, model_of


class Client:
    """A botocore client with one answer."""

    def __init__(self, service: str, answer: Mapping[str, Any] | Exception) -> None:
        self.meta = SimpleNamespace(service_model=model_of(service))
        self.sent = 0
        self._answer = answer

    def __getattr__(self, name: str) -> Any:
        def method(**params: Any) -> Mapping[str, Any]:
            self.sent += 1
            if isinstance(self._answer, Exception):
                raise self._answer
            return self._answer

        return method


ARN = "arn:aws:sagemaker:us-west-2:123456789012:model-package-group/g"
GROUP = {"ModelPackageGroupName": "g"}


def test_reply_comes_without_its_metadata() -> None:
    client = Client("sagemaker", {"ModelPackageGroupArn": "arn", "ResponseMetadata": {}})
    assert call(client, "CreateModelPackageGroup", GROUP) == {"ModelPackageGroupArn": "arn"}


def test_broken_request_is_never_sent() -> None:
    client = Client("sagemaker", {})
    with pytest.raises(Rejected, match="the maximum is 63") as caught:
        call(client, "CreateModelPackageGroup", {"ModelPackageGroupName": "a" * 64})
    assert client.sent == 0
    assert caught.value.operation == "sagemaker.CreateModelPackageGroup"


def test_unlisted_value_is_sent_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    client = Client("sagemaker", {"HubContentSummaries": []})
    with caplog.at_level(logging.WARNING, "nvx.aws"):
        call(client, "ListHubContents", {"HubName": "h", "HubContentType": "Novelty"})
    assert client.sent == 1
    assert "Novelty" in caplog.text


@pytest.mark.parametrize(
    ("service", "operation", "params", "expected"),
    [
        ("sagemaker", "CreateModelPackageGroup", GROUP, Uncertain),
        ("sagemaker", "DescribeModelPackageGroup", GROUP, CloudError),
        ("lambda", "GetFunction", {"FunctionName": "f"}, CloudError),
        ("s3", "HeadObject", {"Bucket": "b", "Key": "k"}, CloudError),
        ("sts", "GetCallerIdentity", {}, CloudError),
    ],
)
def test_reply_without_its_required_members_is_no_success(
    service: str, operation: str, params: Mapping[str, Any], expected: type[CloudError]
) -> None:
    with pytest.raises(CloudError, match="the reply lacks") as caught:
        call(Client(service, {}), operation, params)
    assert type(caught.value) is expected


@pytest.mark.parametrize(
    "error", [ReadTimeoutError(endpoint_url="x"), ValueError("no JSON"), KeyError("x")]
)
def test_call_without_a_usable_answer_is_uncertain(error: Exception) -> None:
    with pytest.raises(Uncertain):
        call(Client("sagemaker", error), "CreateModelPackageGroup", GROUP)


def test_errors_of_nvx_pass_unchanged() -> None:
    with pytest.raises(NvxError, match="mine"):
        call(Client("sagemaker", NvxError("mine")), "CreateModelPackageGroup", GROUP)


def test_pages_follow_the_token_through_empty_pages() -> None:
    calls = FakeCalls(
        {
            "sagemaker.ListTags": [
                {"Tags": [1], "NextToken": "a"},
                {"Tags": [], "NextToken": "b"},
                {"Tags": [2], "NextToken": ""},
            ]
        }
    )
    found = list(pages(calls, "sagemaker", "ListTags", {"ResourceArn": ARN}))
    assert [reply["Tags"] for reply in found] == [[1], [], [2]]
    assert [params.get("NextToken") for _, params in calls.sent] == [None, "a", "b"]
