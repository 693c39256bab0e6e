from __future__ import annotations

from typing import Any

import pytest
from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser

from nvx.local.context import AwsError
from nvx.local.model import CBOR, JSON, QUERY, REST_JSON, REST_XML
from nvx.local.wire.errors import error_reply, error_shape

CASES = [
    (JSON, "sagemaker", "ResourceInUse", {}),
    (JSON, "sagemaker", "ValidationException", {}),
    (REST_JSON, "lambda", "ResourceConflictException", {"Type": "User"}),
    (REST_JSON, "bedrock", "TooManyTagsException", {"resourceName": "arn:x"}),
    (QUERY, "iam", "NoSuchEntity", {}),
    (REST_XML, "s3", "NoSuchKey", {"Key": "a<b"}),
    (CBOR, "resourcegroupstaggingapi", "InvalidParameterException", {}),
]


@pytest.mark.parametrize(("protocol", "service", "code", "members"), CASES)
def test_botocore_reads_code_message_and_members_of_a_refusal(
    protocol: str, service: str, code: str, members: dict[str, Any]
) -> None:
    error = AwsError(code, "Größe <1>", 409, members=members, headers={"x-more": "1"})
    reply = error_reply(protocol, service, error, "r-1")
    response = {
        "status_code": reply.status,
        "headers": HeadersDict(reply.headers),
        "body": reply.body,
    }
    parsed = create_parser(protocol).parse(response, None)
    assert parsed["Error"]["Code"] == code
    assert parsed["Error"]["Message"] == "Größe <1>"
    assert reply.headers["x-more"] == "1"
    shape = error_shape(service, code)
    if shape is not None and members:
        modelled = {**parsed["Error"], **create_parser(protocol).parse(response, shape)}
        assert {name: modelled[name] for name in members} == members


@pytest.mark.parametrize(("protocol", "service", "code", "members"), CASES)
def test_a_refusal_of_a_head_request_has_no_body(
    protocol: str, service: str, code: str, members: dict[str, Any]
) -> None:
    error = AwsError(code, "no", 404, members=members)
    reply = error_reply(protocol, service, error, "r-1", head=True)
    assert (reply.status, reply.body) == (404, b"")


@pytest.mark.parametrize("protocol", [JSON, REST_JSON, QUERY, REST_XML, CBOR])
def test_a_service_nobody_knows_can_be_refused_too(protocol: str) -> None:
    error = AwsError("NotImplementedByLocalAws", "no", 501, members={"a": "b"})
    assert error_reply(protocol, "nothing", error, "r-1").status == 501
