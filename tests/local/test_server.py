from __future__ import annotations

import io
import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from nvx.local.server import LocalAws
from support.local_clients import client, raw


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
        ("s3", "list_bucket_metrics_configurations", {"Bucket": "b"}),
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


def test_a_port_that_is_taken_is_an_error_and_lets_go_of_the_folder(tmp_path: Path) -> None:
    with LocalAws() as aws:
        with pytest.raises(OSError, match="in use"):
            LocalAws(tmp_path, port=aws.port)
        LocalAws(tmp_path).stop()


def test_a_second_stop_does_nothing() -> None:
    aws = LocalAws()
    aws.stop()
    aws.stop()
