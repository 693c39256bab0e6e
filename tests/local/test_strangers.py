"""What clients other than boto3 send, and what they must get back."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from support.local_aws import REGION, Cloud, refused, running
from support.local_clients import raw

V4 = "AWS4-HMAC-SHA256 Credential=000000000000/20260101/eu-west-1/{}/aws4_request"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running() as found:
        s3 = found.client("s3")
        s3.create_bucket(Bucket="box", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket="box", Key="k", Body=b"abc")
        yield found


def exchange(cloud: Cloud, *lines: str) -> str:
    """Everything the server sends after these lines of a request's head."""
    with socket.create_connection(("127.0.0.1", cloud.server.port), timeout=10) as wire:
        wire.sendall("\r\n".join([*lines, "", ""]).encode())
        received = b""
        while data := wire.recv(65536):
            received += data
    return received.decode()


@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("/box/k", "s3.localhost"),
        ("/box/k", "s3.eu-west-1.localhost"),
        ("/k", "box.localhost"),
        ("/k", "box.s3.localhost"),
        ("/k", "box.s3.eu-west-1.localhost"),
    ],
)
def test_a_bucket_stands_in_the_path_or_in_the_host(cloud: Cloud, path: str, host: str) -> None:
    assert raw(cloud.server, "GET", path, Host=host) == (200, b"abc")


def test_a_signature_of_version_2_names_no_region(cloud: Cloud) -> None:
    old = "AWS 000000000000:c2lnbmF0dXJl"
    assert raw(cloud.server, "GET", "/box/k", Authorization=old) == (200, b"abc")
    stranger = "AWS 111111111111:c2lnbmF0dXJl"
    assert raw(cloud.server, "GET", "/box/k", Authorization=stranger)[0] == 403


def test_a_credential_without_a_service_is_taken_for_s3(cloud: Cloud) -> None:
    broken = "AWS4-HMAC-SHA256 Credential=///////, x"
    status, body = raw(cloud.server, "GET", "/nowhere/k", Authorization=broken)
    assert (status, b"<Code>NoSuchBucket</Code>" in body) == (404, True)


def test_a_body_that_cannot_be_read_is_refused_in_the_protocol_of_the_caller(
    cloud: Cloud,
) -> None:
    cut = exchange(
        cloud,
        "PUT /box/k HTTP/1.1",
        "Host: localhost",
        f"Authorization: {V4.format('s3')}",
        "Content-Length: x",
    )
    assert "400 Bad Request" in cut
    assert "<Code>InvalidRequest</Code>" in cut
    cut = exchange(
        cloud,
        "POST / HTTP/1.1",
        "Host: localhost",
        f"Authorization: {V4.format('sagemaker')}",
        "X-Amz-Target: SageMaker.ListHubs",
        "Content-Length: x",
    )
    assert '"__type": "InvalidRequest"' in cut


@pytest.mark.parametrize("size", [(5 << 30) + 1, 10**30])
def test_a_body_over_5_gib_is_refused_before_it_is_sent(cloud: Cloud, size: int) -> None:
    got = exchange(
        cloud,
        "PUT /box/k HTTP/1.1",
        "Host: localhost",
        "Expect: 100-continue",
        f"Content-Length: {size}",
    )
    assert "100 Continue" not in got
    assert "<Code>EntityTooLarge</Code>" in got


def test_an_absolute_target_that_is_no_url_is_answered(cloud: Cloud) -> None:
    got = exchange(cloud, "GET http://[x HTTP/1.1", "Host: localhost", "Connection: close")
    assert got.startswith("HTTP/1.1 200")


def test_an_unknown_action_is_refused_as_the_query_protocol_does(cloud: Cloud) -> None:
    status, body = raw(
        cloud.server,
        "POST",
        "/",
        b"Action=Nope&Version=2011-06-15",
        Authorization=V4.format("sts"),
        Content_Type="application/x-www-form-urlencoded",
    )
    assert (status, b"<Code>InvalidAction</Code>" in body) == (400, True)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/box?list-type=2&max-keys=abc", b"InvalidArgument"),
        ("/?max-buckets=2&continuation-token=rubbish", b"InvalidArgument"),
    ],
)
def test_s3_has_one_code_for_wrong_values(cloud: Cloud, path: str, code: bytes) -> None:
    status, body = raw(cloud.server, "GET", path, Authorization=V4.format("s3"))
    assert (status, b"<Code>" + code + b"</Code>" in body) == (400, True)


@pytest.mark.parametrize(
    ("service", "method", "params", "code"),
    [
        ("iam", "list_roles", {"Marker": "rubbish"}, "ValidationError"),
        ("logs", "describe_log_groups", {"nextToken": "x"}, "InvalidParameterException"),
        ("resourcegroupstaggingapi", "get_resources", {"TagFilters": [{}]},
         "InvalidParameterException"),
    ],
)  # fmt: skip
def test_each_service_has_its_own_code_for_wrong_values(
    cloud: Cloud, service: str, method: str, params: dict[str, Any], code: str
) -> None:
    call = getattr(cloud.client(service), method)
    assert refused(call, **params)[0] == code


def test_a_listing_and_a_head_tell_the_same_moment(cloud: Cloud) -> None:
    s3 = cloud.client("s3")
    listed = s3.list_objects_v2(Bucket="box")["Contents"][0]["LastModified"]
    assert listed == s3.head_object(Bucket="box", Key="k")["LastModified"]


def test_versions_show_their_storage_class(cloud: Cloud) -> None:
    s3 = cloud.client("s3")
    s3.put_object(Bucket="box", Key="cold", StorageClass="GLACIER")
    versions = s3.list_object_versions(Bucket="box", Prefix="cold")["Versions"]
    assert [version["StorageClass"] for version in versions] == ["GLACIER"]
