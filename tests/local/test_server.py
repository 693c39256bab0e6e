from __future__ import annotations

import io
import json
import socket
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from nvx.local import context
from nvx.local.server import LocalAws
from support.local_clients import client, no_retries, raw


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


def test_two_servers_of_one_process_share_nothing() -> None:
    with LocalAws() as one, LocalAws() as two:
        with client(one.url, "s3") as here, client(two.url, "s3") as there:
            here.create_bucket(Bucket="mine")
            names = [
                [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
                for s3 in (here, there)
            ]
        assert "mine" in names[0]
        assert "mine" not in names[1]
        assert [call.operation for call in two.calls] == ["ListBuckets"]


@pytest.mark.parametrize(
    ("service", "method", "params"),
    [
        ("sts", "get_federation_token", {"Name": "somebody"}),
        ("s3", "get_bucket_website", {"Bucket": "b"}),
        ("sagemaker", "list_apps", {}),
        ("lambda", "list_layers", {}),
        ("bedrock", "list_guardrails", {}),
        ("ec2", "describe_vpcs", {}),
        ("dynamodb", "list_tables", {}),
        ("resourcegroupstaggingapi", "get_compliance_summary", {}),
    ],
)
def test_an_operation_without_handler_is_refused_by_name_and_not_retried(
    service: str, method: str, params: dict[str, Any]
) -> None:
    with LocalAws() as aws, client(aws.url, service) as caller:
        with pytest.raises(ClientError) as caught:
            getattr(caller, method)(**params)
        operation = caller.meta.method_to_api_mapping[method]
        error = caught.value.response
        assert error["Error"]["Code"] == "NotImplementedByLocalAws"
        assert operation in error["Error"]["Message"]
        assert error["ResponseMetadata"]["HTTPStatusCode"] == 501
        assert [call.operation for call in aws.calls] == [operation]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[bad", ""])
def test_a_host_that_is_not_loopback_is_refused(host: str) -> None:
    with LocalAws() as aws:
        assert raw(aws, "GET", "/_nvx/health", Host=host)[0] == 403
        assert aws.calls == []


def test_a_foreign_web_page_is_refused() -> None:
    with LocalAws() as aws:
        assert raw(aws, "GET", "/_nvx/health", Origin="https://evil.example")[0] == 403
        assert raw(aws, "GET", "/_nvx/health", Origin="http://localhost:3000")[0] == 200


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:4566", "127.0.0.1:1", "[::1]:80"])
def test_a_host_of_loopback_is_served(host: str) -> None:
    with LocalAws() as aws:
        assert raw(aws, "GET", "/_nvx/health", Host=host)[0] == 200


@pytest.mark.parametrize(
    "host", ["lake.localhost", "lake.s3.localhost", "lake.s3.eu-west-1.localhost"]
)
def test_a_bucket_may_stand_in_the_host(host: str) -> None:
    with LocalAws() as aws, client(aws.url, "s3") as s3:
        s3.create_bucket(Bucket="lake")
        s3.put_object(Bucket="lake", Key="a/b", Body=b"data")
        assert raw(aws, "GET", "/a/b", Host=f"{host}:{aws.port}") == (200, b"data")


def test_a_presigned_url_needs_no_header() -> None:
    with LocalAws() as aws, client(aws.url, "s3", account="123456789012") as s3:
        s3.create_bucket(Bucket="lake")
        s3.put_object(Bucket="lake", Key="a b/ü", Body=b"data")
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "lake", "Key": "a b/ü"})
        parts = urlsplit(url)
        assert raw(aws, "GET", f"{parts.path}?{parts.query}") == (200, b"data")
        assert aws.calls[-1].account == "123456789012"


def test_big_bodies_travel_both_ways() -> None:
    body = bytes(range(256)) * (40 << 10)
    with LocalAws() as aws, client(aws.url, "s3") as s3:
        s3.create_bucket(Bucket="lake")
        s3.upload_fileobj(io.BytesIO(body), "lake", "big")
        taken = io.BytesIO()
        s3.download_fileobj("lake", "big", taken)
        assert taken.getvalue() == body


def test_a_request_is_told_to_continue_before_its_body_is_sent() -> None:
    with (
        LocalAws() as aws,
        socket.create_connection(("127.0.0.1", aws.port), timeout=10) as wire,
    ):
        head = b"PUT /lake/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
        wire.sendall(head + b"Expect: 100-continue\r\n\r\n")
        assert wire.recv(1024).startswith(b"HTTP/1.1 100 Continue")
        wire.sendall(b"data")
        assert b"NoSuchBucket" in wire.recv(65536)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\xff\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: abc\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
    ],
)
def test_rubbish_on_the_wire_is_refused_cleanly(sent: bytes) -> None:
    with LocalAws() as aws:
        with socket.create_connection(("127.0.0.1", aws.port), timeout=10) as wire:
            wire.sendall(sent)
            assert b"400" in wire.recv(65536)
        assert aws.bad_output == []


@pytest.mark.parametrize(
    ("target", "kind", "body", "code"),
    [
        ("SageMaker.ListHubs", "application/x-amz-json-1.1", b"{", "SerializationException"),
        (
            "SageMaker.ListHubs",
            "application/x-amz-json-1.1",
            b"[" * 99999,
            "SerializationException",
        ),
        ("SageMaker.ListHubs", "application/x-amz-json-1.1", b"[]", "SerializationException"),
        (
            "SageMaker.ListHubs",
            "application/x-amz-json-1.1",
            b'{"MaxResults": "x"}',
            "SerializationException",
        ),
        (
            "SageMaker.ListHubs",
            "application/x-amz-json-1.1",
            b'{"MaxResults": 0}',
            "ValidationException",
        ),
        ("SageMaker.Nothing", "application/x-amz-json-1.1", b"{}", "UnknownOperationException"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_with_a_code(
    target: str, kind: str, body: bytes, code: str
) -> None:
    scope = "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/sagemaker/aws4_request"
    with LocalAws() as aws:
        status, answer = raw(
            aws, "POST", "/", body, Authorization=scope, X_Amz_Target=target, Content_Type=kind
        )
        assert status in (400, 404)
        assert json.loads(answer)["__type"] == code
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


def test_a_port_that_is_taken_is_an_error_and_lets_go_of_the_folder(tmp_path: Path) -> None:
    with LocalAws() as aws:
        with pytest.raises(OSError, match="in use"):
            LocalAws(tmp_path, port=aws.port)
        LocalAws(tmp_path).stop()


def test_a_second_stop_does_nothing() -> None:
    aws = LocalAws()
    aws.stop()
    aws.stop()
