from __future__ import annotations

import threading

import pytest
from botocore.exceptions import ClientError

from nvx.local import context
from nvx.local.server import LocalAws
from support.local_clients import client, no_retries


def test_the_account_is_the_access_key_and_nobody_otherwise() -> None:
    with LocalAws() as aws:
        for key, account in (
            ("123456789012", "123456789012"),
            ("AKIA123456789012", "123456789012"),
            ("AKIAIOSFODNN7EXAMPLE", "000000000000"),
        ):
            with client(aws.url, "sts", account=key) as sts:
                assert sts.get_caller_identity()["Account"] == account


def test_a_session_of_a_role_is_the_role() -> None:
    with LocalAws() as aws, client(aws.url, "sts", account="123456789012") as sts:
        role = "arn:aws:iam::210987654321:role/train"
        given = sts.assume_role(RoleArn=role, RoleSessionName="me")
        key, token = given["Credentials"]["AccessKeyId"], given["Credentials"]["SessionToken"]
        with client(aws.url, "sts", account=key, session_token=token) as assumed:
            found = assumed.get_caller_identity()
        assert found["Arn"] == "arn:aws:sts::210987654321:assumed-role/train/me"
        assert found["Account"] == "210987654321"
        assert sts.get_session_token()["Credentials"]["AccessKeyId"] == "ASIA123456789012"
        assert aws.bad_output == []


def test_constraints_are_refused_in_the_words_of_aws() -> None:
    with LocalAws() as aws, client(aws.url, "sagemaker") as sagemaker:
        with pytest.raises(ClientError) as caught:
            sagemaker.create_model_package_group(
                ModelPackageGroupName="x!", ModelPackageGroupDescription="d" * 1025
            )
        assert caught.value.response["Error"]["Code"] == "ValidationException"
        text = caught.value.response["Error"]["Message"]
        assert text.startswith(
            "2 validation errors detected: Value 'x!' at 'modelPackageGroupName'"
        )
        assert "Member must satisfy regular expression pattern: [a-zA-Z0-9]" in text
        assert text.endswith("Member must have length less than or equal to 1024")


def test_a_throttled_operation_is_refused_until_its_bucket_fills_again() -> None:
    with LocalAws() as aws, client(aws.url, "sagemaker", config=no_retries()) as sagemaker:
        aws.settings.update({"throttle": {"sagemaker:List*": [0.0001, 2]}})
        sagemaker.list_hubs()
        sagemaker.list_hubs()
        with pytest.raises(ClientError, match="Rate exceeded") as caught:
            sagemaker.list_hubs()
        assert caught.value.response["Error"]["Code"] == "ThrottlingException"
        with client(aws.url, "sagemaker", account="123456789012") as other:
            other.list_hubs()
        assert [call.code for call in aws.calls] == ["", "", "ThrottlingException", ""]


def test_a_handler_that_breaks_answers_500_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(ctx: context.Context, _params: context.Params) -> context.Params:
        ctx.table("t").put("half", {})
        raise KeyError("oops")

    monkeypatch.setitem(context._HANDLERS, ("sts", "GetCallerIdentity"), broken)
    with LocalAws() as aws, client(aws.url, "sts", config=no_retries()) as sts:
        with pytest.raises(ClientError, match="InternalFailure"):
            sts.get_caller_identity()
        assert len(aws.store.table("t", "000000000000", "us-east-1")) == 0
        assert "KeyError: 'oops'" in aws.bad_output[0]


def test_a_reply_that_breaks_its_model_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        context._HANDLERS,
        ("sagemaker", "DescribeHub"),
        lambda _ctx, _params: {"Hub": 1, "HubArn": 2},
    )
    with LocalAws() as aws, client(aws.url, "sagemaker") as sagemaker:
        sagemaker.describe_hub(HubName="h")
        found = "\n".join(aws.bad_output)
        assert "reply.Hub: not a member of DescribeHubResponse" in found
        assert "reply.HubArn: int is no string" in found
        assert "reply.HubStatus: required by DescribeHubResponse, but absent" in found


def test_a_slow_handler_may_let_others_in_and_keeps_what_it_did(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entered, go = threading.Event(), threading.Event()

    def slow(ctx: context.Context, _params: context.Params) -> context.Params:
        ctx.table("t").put("before", {})
        with ctx.unlocked():
            entered.set()
            go.wait(10)
        raise context.AwsError("TooLate", "but what was done stays")

    def refused() -> None:
        with pytest.raises(ClientError, match="TooLate"):
            sts.get_session_token()

    monkeypatch.setitem(context._HANDLERS, ("sts", "GetSessionToken"), slow)
    with LocalAws() as aws, client(aws.url, "sts") as sts, client(aws.url, "sts") as other:
        thread = threading.Thread(target=refused)
        thread.start()
        assert entered.wait(10)
        other.get_caller_identity()
        go.set()
        thread.join()
        assert "before" in aws.store.table("t", "000000000000", "us-east-1")
        assert sorted(call.operation for call in aws.calls) == [
            "GetCallerIdentity",
            "GetSessionToken",
        ]


def test_a_stream_of_pieces_is_sent_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    def pieces(_ctx: context.Context, _params: context.Params) -> context.Params:
        return {"Body": iter([b"da", b"", b"ta"]), "Metadata": {"a": "b\r\nc"}}

    monkeypatch.setitem(context._HANDLERS, ("s3", "GetObject"), pieces)
    with LocalAws() as aws, client(aws.url, "s3") as s3:
        for _ in range(2):
            found = s3.get_object(Bucket="b", Key="k")
            assert found["Body"].read() == b"data"
            assert found["Metadata"] == {"a": "b  c"}
        aws.faults.add("op=GetObject do=truncate at=3")
        assert s3.get_object(Bucket="b", Key="k")["Body"].read() == b"dat"
