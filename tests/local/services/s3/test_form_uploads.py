from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from support.local_aws import Cloud
from support.local_clients import raw

LATER = "2999-01-01T00:00:00Z"


def post(
    cloud: Cloud, fields: dict[str, str], content: bytes = b"hello", path: str = "/box"
) -> tuple[int, str]:
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
        for name, value in fields.items()
    ]
    head = b'Content-Disposition: form-data; name="file"; filename="a b.txt"\r\n\r\n'
    joined = b"".join(b"--XX\r\n" + part + b"\r\n" for part in [*parts, head + content])
    kind = "multipart/form-data; boundary=XX"
    status, body = raw(cloud.server, "POST", path, joined + b"--XX--\r\n", Content_Type=kind)
    return status, body.decode()


def signed(s3: Any, **given: Any) -> dict[str, str]:
    fields: dict[str, str] = s3.generate_presigned_post("box", "in/${filename}", **given)[
        "fields"
    ]
    return fields


def unsigned(*conditions: Any, expiration: str = LATER, **fields: str) -> dict[str, str]:
    policy = json.dumps({"expiration": expiration, "conditions": list(conditions)})
    return {"policy": base64.b64encode(policy.encode()).decode(), **fields}


def test_a_presigned_form_stores_its_file(cloud: Cloud, s3: Any) -> None:
    fields = signed(
        s3,
        Fields={"x-amz-meta-a": "b", "Content-Type": "text/x", "success_action_status": "201"},
        Conditions=[
            {"x-amz-meta-a": "b"},
            ["starts-with", "$Content-Type", "text/"],
            {"success_action_status": "201"},
            ["content-length-range", 1, 10],
        ],
    )
    status, body = post(cloud, fields)
    assert status == 201
    assert "<Key>in/a b.txt</Key>" in body
    found = s3.get_object(Bucket="box", Key="in/a b.txt")
    assert found["Body"].read() == b"hello"
    assert (found["Metadata"], found["ContentType"]) == ({"a": "b"}, "text/x")


def test_a_form_gets_no_content_or_the_redirect_it_asks_for(cloud: Cloud, s3: Any) -> None:
    assert post(cloud, {"key": "k", "success_action_status": "418"}) == (204, "")
    status, _ = post(cloud, {"key": "k", "success_action_redirect": "http://localhost/?done"})
    assert status == 303
    assert s3.get_object(Bucket="box", Key="k")["Body"].read() == b"hello"


def test_a_form_may_tag_its_object(cloud: Cloud, s3: Any) -> None:
    tag = "<Tag><Key>a</Key><Value>b&amp;c</Value></Tag>"
    fields = {"key": "k", "tagging": f"<Tagging><TagSet>{tag}</TagSet></Tagging>"}
    assert post(cloud, fields)[0] == 204
    found = s3.get_object_tagging(Bucket="box", Key="k")["TagSet"]
    assert found == [{"Key": "a", "Value": "b&c"}]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        (
            unsigned({"key": "k"}, key="k", expiration="2000-01-01T00:00:00Z"),
            403,
            "AccessDenied",
        ),
        (unsigned({"key": "other"}, key="k"), 403, "AccessDenied"),
        (unsigned(["starts-with", "$key", "in/"], key="k"), 403, "AccessDenied"),
        (unsigned({"bucket": "other"}, {"key": "k"}, key="k"), 403, "AccessDenied"),
        (unsigned({"key": "k"}, key="k", acl="private"), 403, "AccessDenied"),
        (
            unsigned({"key": "k"}, ["content-length-range", 9, 10], key="k"),
            400,
            "EntityTooSmall",
        ),
        (
            unsigned({"key": "k"}, ["content-length-range", 0, 4], key="k"),
            400,
            "EntityTooLarge",
        ),
        (unsigned(["content-length-range", "x", 4], key="k"), 400, "InvalidPolicyDocument"),
        (unsigned("x", key="k"), 400, "InvalidPolicyDocument"),
        (unsigned({"key": "k"}, key="k", expiration="x"), 400, "InvalidPolicyDocument"),
        ({"policy": "W10=", "key": "k"}, 400, "InvalidPolicyDocument"),
        ({"policy": "!", "key": "k"}, 400, "InvalidPolicyDocument"),
        ({"tagging": "<Tag><Key>a</Key></Tag>", "key": "k"}, 400, "MalformedXML"),
        ({}, 400, "InvalidArgument"),
    ],
)
def test_a_form_that_breaks_its_policy_stores_nothing(
    cloud: Cloud, s3: Any, fields: dict[str, str], status: int, code: str
) -> None:
    found, body = post(cloud, fields)
    assert (found, f"<Code>{code}</Code>" in body) == (status, True)
    assert "Contents" not in s3.list_objects_v2(Bucket="box")


def test_a_form_for_no_bucket_or_without_file_is_refused(cloud: Cloud, s3: Any) -> None:
    assert post(cloud, {"key": "k"}, path="/nowhere")[0] == 404
    kind = "multipart/form-data; boundary=XX"
    assert raw(cloud.server, "POST", "/box", b"--XX--", Content_Type=kind)[0] == 400
    assert (
        raw(cloud.server, "POST", "/box", b"\xff", Content_Type="multipart/form-data")[0] == 400
    )
