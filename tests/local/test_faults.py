from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from nvx.local.faults import Fault
from nvx.local.server import LocalAws
from support.local_clients import client

GROUP = "CreateModelPackageGroup"


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    with LocalAws() as server:
        yield server
        assert server.bad_output == []


@pytest.fixture
def sagemaker(aws: LocalAws) -> Iterator[Any]:
    with client(aws.url, "sagemaker") as made:
        yield made


def sends(aws: LocalAws, operation: str) -> list[tuple[int, str]]:
    return [(call.attempt, call.effect) for call in aws.calls if call.operation == operation]


def create_group(sagemaker: Any) -> Any:
    return sagemaker.create_model_package_group(ModelPackageGroupName="g")


@pytest.mark.parametrize("do", ["error", "drop", "reset"])
def test_what_fails_before_it_is_done_succeeds_at_the_second_send(
    aws: LocalAws, sagemaker: Any, do: str
) -> None:
    aws.faults.add(f"op={GROUP} do={do} times=1")
    made = create_group(sagemaker)
    assert made["ModelPackageGroupArn"].endswith("model-package-group/g")
    assert made["ResponseMetadata"]["RetryAttempts"] == 1
    assert sends(aws, GROUP) == [(1, do), (2, "")]


@pytest.mark.parametrize(
    "rule",
    [
        "do=error_after",
        "do=error_after status=503 code=ServiceUnavailable",
        "do=drop_after",
        "do=garbage status=503",
    ],
)
def test_what_is_done_and_whose_reply_is_lost_comes_back_as_taken(
    aws: LocalAws, sagemaker: Any, rule: str
) -> None:
    aws.faults.add(f"op={GROUP} times=1 {rule}")
    told_as_taken(aws, sagemaker)


def test_a_reply_later_than_the_client_waits_comes_back_as_taken(aws: LocalAws) -> None:
    aws.faults.add(f"op={GROUP} times=1 do=hang_after")
    with client(aws.url, "sagemaker", config=Config(read_timeout=2)) as hasty:
        told_as_taken(aws, hasty)


def told_as_taken(aws: LocalAws, sagemaker: Any) -> None:
    with pytest.raises(ClientError) as caught:
        create_group(sagemaker)
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 1
    assert "exist" in caught.value.response["Error"]["Message"]
    assert [attempt for attempt, _ in sends(aws, GROUP)] == [1, 2]


@pytest.mark.parametrize("rule", ["do=garbage", "do=truncate at=0"])
def test_a_success_with_rubbish_in_it_is_a_success_without_members_to_botocore(
    aws: LocalAws, sagemaker: Any, rule: str
) -> None:
    aws.faults.add(f"op={GROUP} {rule}")
    assert "ModelPackageGroupArn" not in create_group(sagemaker)
    assert len(sends(aws, GROUP)) == 1


def test_a_reply_cut_in_half_is_done(aws: LocalAws, sagemaker: Any) -> None:
    aws.faults.add(f"op={GROUP} do=truncate times=1")
    assert "ModelPackageGroupArn" not in create_group(sagemaker)
    sagemaker.describe_model_package_group(ModelPackageGroupName="g")


def test_throttling_is_retried_three_times_and_an_expired_token_never(
    aws: LocalAws, sagemaker: Any
) -> None:
    aws.faults.add("op=ListHubs do=error code=ThrottlingException status=400 retry_after_ms=1")
    with pytest.raises(ClientError, match="ThrottlingException"):
        sagemaker.list_hubs()
    assert [attempt for attempt, _ in sends(aws, "ListHubs")] == [1, 2, 3]
    aws.faults.clear()
    aws.faults.add("op=ListHubs do=error code=ExpiredTokenException status=400")
    with pytest.raises(ClientError, match="ExpiredTokenException"):
        sagemaker.list_hubs()
    assert sends(aws, "ListHubs")[3:] == [(1, "error")]


def test_a_conditional_put_whose_reply_is_lost_fails_on_its_own_success(aws: LocalAws) -> None:
    with client(aws.url, "s3") as s3:
        s3.create_bucket(Bucket="lake")
        aws.faults.add("service=s3 op=PutObject do=drop_after times=2 attempt=1")
        with pytest.raises(ClientError, match="PreconditionFailed"):
            s3.put_object(Bucket="lake", Key="lock", Body=b"mine", IfNoneMatch="*")
        assert s3.get_object(Bucket="lake", Key="lock")["Body"].read() == b"mine"
        etag = s3.put_object(Bucket="lake", Key="state", Body=b"1")["ETag"]
        assert len(sends(aws, "PutObject")) == 4
        aws.faults.clear()
        aws.faults.add("service=s3 op=PutObject do=drop_after times=1")
        with pytest.raises(ClientError, match="PreconditionFailed"):
            s3.put_object(Bucket="lake", Key="state", Body=b"2", IfMatch=etag)


def test_a_token_makes_a_lost_reply_harmless(aws: LocalAws, sagemaker: Any) -> None:
    aws.faults.add("op=CreatePipeline do=drop_after times=1")
    role = "arn:aws:iam::000000000000:role/nvx-local-execution"
    step = {"Name": "stop", "Type": "Fail", "Arguments": {"ErrorMessage": "on purpose"}}
    definition = json.dumps({"Version": "2020-12-01", "Steps": [step]})
    made = sagemaker.create_pipeline(
        PipelineName="p",
        RoleArn=role,
        ClientRequestToken="t" * 32,
        PipelineDefinition=definition,
    )
    assert made["ResponseMetadata"]["RetryAttempts"] == 1
    assert len(sagemaker.list_pipelines()["PipelineSummaries"]) == 1


def test_a_reply_can_come_late(aws: LocalAws) -> None:
    aws.faults.add("op=ListHubs do=delay seconds=0.2 times=1")
    once = Config(retries={"total_max_attempts": 1}, read_timeout=0.05)
    with (
        client(aws.url, "sagemaker", config=once) as sagemaker,
        pytest.raises(ReadTimeoutError),
    ):
        sagemaker.list_hubs()


def test_a_cut_connection_is_seen_as_one(aws: LocalAws) -> None:
    aws.faults.add("op=ListHubs do=drop")
    once = Config(retries={"total_max_attempts": 1})
    with (
        client(aws.url, "sagemaker", config=once) as sagemaker,
        pytest.raises(ConnectionClosedError),
    ):
        sagemaker.list_hubs()
    assert [call.status for call in aws.calls] == [0]


def test_a_hanging_reply_does_not_keep_the_server_from_stopping() -> None:
    once = Config(retries={"total_max_attempts": 1}, read_timeout=0.05)
    with LocalAws() as aws, client(aws.url, "sagemaker", config=once) as sagemaker:
        aws.faults.add("op=ListHubs do=hang")
        with pytest.raises(ReadTimeoutError):
            sagemaker.list_hubs()


def test_the_rates_of_the_settings_lose_requests_and_replies(aws: LocalAws) -> None:
    def codes(**rates: float) -> set[tuple[str, str]]:
        aws.settings.update({"error_rate": 0.0, "lost_reply_rate": 0.0, **rates})
        aws.clear_calls()
        once = Config(retries={"total_max_attempts": 1})
        lost = pytest.raises((ClientError, ConnectionClosedError))
        with client(aws.url, "sts", config=once) as sts, lost:
            sts.get_caller_identity()
        return {(call.code, call.effect) for call in aws.calls}

    assert codes(error_rate=1.0) == {("InternalFailure", "error")}
    assert codes(lost_reply_rate=1.0) == {("", "drop_after")}


def test_the_call_log_tells_sends_of_one_call_by_their_invocation(
    aws: LocalAws, sagemaker: Any
) -> None:
    aws.faults.add(Fault("drop", op="ListHubs", times=1))
    sagemaker.list_hubs(NameContains="x")
    sagemaker.list_hubs()
    ids = [call.invocation_id for call in aws.calls]
    assert ids[0] == ids[1] != ids[2]
    assert [call.index for call in aws.calls] == [1, 2, 3]
    assert aws.calls[0].params == {"NameContains": "x"}


COUNTS: list[tuple[str, Callable[[Any], Any]]] = [
    ("CreateHub", lambda sm: sm.create_hub(HubName="h", HubDescription="d")),
    (GROUP, create_group),
]


@pytest.mark.parametrize(("operation", "create"), COUNTS)
def test_a_refused_send_leaves_nothing(
    aws: LocalAws, sagemaker: Any, operation: str, create: Callable[[Any], Any]
) -> None:
    aws.faults.add(f"op={operation} do=error code=ValidationException status=400")
    with pytest.raises(ClientError):
        create(sagemaker)
    aws.faults.clear()
    create(sagemaker)
