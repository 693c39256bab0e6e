from __future__ import annotations

import base64
import hashlib
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from support.local_aws import REGION, ROLE, Cloud, message_of, refused, running, zipped

Make = Callable[..., Any]
ARN = f"arn:aws:lambda:{REGION}:000000000000:function:f"


def test_a_function_comes_back_as_it_was_created(cloud: Cloud, make: Make) -> None:
    code = zipped(app="x = 1")
    make(cloud, Code={"ZipFile": code}, Environment={"Variables": {"AB": "1"}}, Tags={"t": "1"})
    found = cloud.client("lambda").get_function(FunctionName="f")

    shown = found["Configuration"]
    assert (shown["FunctionArn"], shown["Role"], shown["Handler"]) == (ARN, ROLE, "app.handler")
    assert shown["CodeSha256"] == base64.b64encode(hashlib.sha256(code).digest()).decode()
    assert (shown["CodeSize"], shown["Version"]) == (len(code), "$LATEST")
    assert (shown["Timeout"], shown["MemorySize"]) == (3, 128)
    assert shown["Environment"]["Variables"] == {"AB": "1"}
    assert found["Tags"] == {"t": "1"}


def test_the_code_can_be_fetched(cloud: Cloud, make: Make) -> None:
    code = zipped(app="x = 1")
    make(cloud, Code={"ZipFile": code})
    location = cloud.client("lambda").get_function(FunctionName="f")["Code"]["Location"]

    with urllib.request.urlopen(location) as reply:  # noqa: S310  a URL of our own server
        assert reply.read() == code


@pytest.mark.parametrize(
    "name", ["f", ARN, "function:f", "000000000000:function:f", f"{ARN}:$LATEST"]
)
def test_a_function_has_many_names(cloud: Cloud, make: Make, name: str) -> None:
    make(cloud)

    shown = cloud.client("lambda").get_function_configuration(FunctionName=name)
    assert shown["FunctionName"] == "f"


def test_a_name_can_be_given_once(cloud: Cloud, make: Make) -> None:
    make(cloud)

    assert refused(make, cloud=cloud) == ("ResourceConflictException", 409)


def test_a_function_that_is_not_there_is_refused(cloud: Cloud) -> None:
    client = cloud.client("lambda")

    for call in (client.get_function, client.delete_function, client.invoke):
        assert refused(call, FunctionName="none") == ("ResourceNotFoundException", 404)


def test_a_function_is_pending_before_it_is_active(slow: Cloud, make: Make) -> None:
    client = slow.client("lambda")

    assert make(slow)["State"] == "Pending"
    assert refused(client.invoke, FunctionName="f") == ("ResourceConflictException", 409)
    slow.server.advance(60)
    shown = client.get_function_configuration(FunctionName="f")
    assert (shown["State"], shown["LastUpdateStatus"]) == ("Active", "Successful")


def test_waiters_see_the_function_become_active(cloud: Cloud, make: Make) -> None:
    make(cloud)
    client = cloud.client("lambda")

    client.get_waiter("function_active_v2").wait(FunctionName="f")
    client.get_waiter("function_updated_v2").wait(FunctionName="f")


@pytest.mark.parametrize("data", [b"no zip", b"PK\x03\x04 broken", b"PK\x05\x06"])
def test_bytes_that_are_no_zip_are_refused(cloud: Cloud, make: Make, data: bytes) -> None:
    assert refused(make, cloud=cloud, Code={"ZipFile": data}) == (
        "InvalidParameterValueException",
        400,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"Runtime": "python9.9"},
        {"Runtime": "python3.6"},
        {"Role": "no-arn"},
        {"Role": "arn:aws:iam::000000000000:role/absent"},
        {"Environment": {"Variables": {"A": "one letter"}}},
        {"name": "n" * 65},
        {"Code": {}},
        {"Handler": ""},
    ],
)
def test_what_lambda_would_refuse_is_refused(
    cloud: Cloud, make: Make, change: dict[str, Any]
) -> None:
    assert refused(make, cloud=cloud, **change)[1] == 400
    assert cloud.client("lambda").list_functions()["Functions"] == []


def test_a_role_must_trust_lambda(cloud: Cloud, make: Make) -> None:
    iam = cloud.client("iam")
    trust = '{"Statement": [{"Effect": "Allow", "Principal": {"Service": "%s"}}]}'
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust % "sagemaker.amazonaws.com")
    role = iam.get_role(RoleName="r")["Role"]["Arn"]

    words = "The role defined for the function cannot be assumed by Lambda."
    assert message_of(make, cloud=cloud, Role=role) == words
    iam.update_assume_role_policy(RoleName="r", PolicyDocument=trust % "lambda.amazonaws.com")
    assert make(cloud, Role=role)


def test_a_new_role_can_be_used_after_a_while(make: Make) -> None:
    with running(iam_lag=30.0) as cloud:
        trust = '{"Statement": {"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com"]}}}'
        role = cloud.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust)
        arn = role["Role"]["Arn"]

        assert refused(make, cloud=cloud, Role=arn)[0] == "InvalidParameterValueException"
        cloud.server.advance(30)
        assert make(cloud, Role=arn)


def test_code_can_come_from_s3(cloud: Cloud, make: Make) -> None:
    bucket = f"sagemaker-{REGION}-000000000000"
    code = zipped(app="x = 1")
    cloud.client("s3").put_object(Bucket=bucket, Key="code.zip", Body=code)

    assert make(cloud, Code={"S3Bucket": bucket, "S3Key": "code.zip"})["CodeSize"] == len(code)
    assert refused(make, cloud=cloud, name="g", Code={"S3Bucket": bucket, "S3Key": "none"}) == (
        "InvalidParameterValueException",
        400,
    )


def test_functions_are_listed_in_pages(cloud: Cloud, make: Make) -> None:
    for name in ("c", "a", "d", "b", "e"):
        make(cloud, name=name)
    client = cloud.client("lambda")

    first = client.list_functions(MaxItems=2)
    assert [row["FunctionName"] for row in first["Functions"]] == ["a", "b"]
    make(cloud, name="aa")
    rest = client.list_functions(Marker=first["NextMarker"])
    assert [row["FunctionName"] for row in rest["Functions"]] == ["c", "d", "e"]
    assert "NextMarker" not in rest


def test_a_deleted_function_is_gone_with_its_tags(cloud: Cloud, make: Make) -> None:
    make(cloud, Tags={"t": "1"})
    cloud.client("lambda").delete_function(FunctionName="f")

    found = cloud.client("resourcegroupstaggingapi").get_resources()
    assert found["ResourceTagMappingList"] == []
    assert make(cloud)["FunctionName"] == "f"


def test_reserved_concurrency_is_kept(cloud: Cloud, make: Make) -> None:
    make(cloud)
    client = cloud.client("lambda")

    assert "ReservedConcurrentExecutions" not in client.get_function_concurrency(
        FunctionName="f"
    )
    client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=3)
    assert client.get_function(FunctionName="f")["Concurrency"] == {
        "ReservedConcurrentExecutions": 3
    }
    client.delete_function_concurrency(FunctionName="f")
    assert "Concurrency" not in client.get_function(FunctionName="f")
