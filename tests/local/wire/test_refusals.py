from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from botocore.model import OperationModel, ServiceModel
from hypothesis import given
from hypothesis import strategies as st

from nvx.local.context import AwsError
from nvx.local.model import CBOR, JSON, QUERY, REST_JSON, REST_XML, operation_model
from nvx.local.wire.message import Reply, Request
from nvx.local.wire.protocol import parse, render
from nvx.local.wire.scalars import read_time, to_text, write_time

CASES = [
    (JSON, "sagemaker", "CreateTrainingJob"),
    (QUERY, "iam", "CreateRole"),
    (REST_JSON, "lambda", "CreateFunction"),
    (REST_XML, "s3", "PutBucketLifecycleConfiguration"),
    (REST_XML, "s3", "PutObjectTagging"),
    (CBOR, "resourcegroupstaggingapi", "TagResources"),
]


def operation(service: str, name: str) -> OperationModel:
    found = operation_model(service, name)
    assert found is not None
    return found


def whole(reply: Reply) -> bytes:
    assert isinstance(reply.body, bytes)
    return reply.body


def parsed(
    protocol: str, service: str, name: str, body: bytes, **headers: str
) -> dict[str, Any]:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    request = Request("POST", "/", [], named, BytesIO(body))
    return parse(protocol, operation(service, name), request, {"Bucket": "b", "Key": "k"})


@pytest.mark.parametrize(("protocol", "service", "name"), CASES)
@given(body=st.binary(max_size=80) | st.text(max_size=40).map(str.encode))
def test_any_bytes_as_body_are_parsed_or_refused(
    protocol: str, service: str, name: str, body: bytes
) -> None:
    try:
        parsed(protocol, service, name, body)
    except AwsError as error:
        refused = error.code
    else:
        refused = ""
    assert refused in ("", "SerializationException", "MalformedXML")


@pytest.mark.parametrize(
    ("protocol", "service", "name", "body"),
    [
        (JSON, "sagemaker", "CreateTrainingJob", b'{"TrainingJobName": 7}'),
        (JSON, "sagemaker", "CreateTrainingJob", b'{"HyperParameters": []}'),
        (JSON, "sagemaker", "CreateTrainingJob", b'{"Tags": {}}'),
        (JSON, "sagemaker", "CreateTrainingJob", b'{"EnableNetworkIsolation": "yes"}'),
        (JSON, "sagemaker", "CreateTrainingJob", b'{"StoppingCondition": 7}'),
        (
            JSON,
            "sagemaker",
            "CreateTrainingJob",
            b'{"StoppingCondition": {"MaxRuntimeInSeconds": 1.5}}',
        ),
        (
            JSON,
            "sagemaker",
            "CreateTrainingJob",
            b'{"StoppingCondition": {"MaxRuntimeInSeconds": 1e999}}',
        ),
        (JSON, "sagemaker", "ListTrainingJobs", b'{"CreationTimeAfter": true}'),
        (JSON, "sagemaker", "ListTrainingJobs", b'{"CreationTimeAfter": "soon"}'),
        (JSON, "sagemaker", "ListTrainingJobs", b'{"CreationTimeAfter": 1e300}'),
        (JSON, "sagemaker", "ListTrainingJobs", b'{"CreationTimeAfter": NaN}'),
        (REST_JSON, "lambda", "CreateFunction", b'{"Code": {"ZipFile": "no base64"}}'),
        (REST_JSON, "lambda", "CreateFunction", b'{"Timeout": "7"}'),
        (QUERY, "iam", "CreateRole", b"MaxSessionDuration=long"),
        (REST_XML, "s3", "PutObjectTagging", b"<!DOCTYPE x><Tagging/>"),
        (REST_XML, "s3", "PutObjectTagging", b"<Tagging>"),
        (
            REST_XML,
            "s3",
            "PutBucketLifecycleConfiguration",
            b"<L><Rule><Expiration><Days>x</Days></Expiration></Rule></L>",
        ),
        (CBOR, "resourcegroupstaggingapi", "TagResources", b"\xff"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(
    protocol: str, service: str, name: str, body: bytes
) -> None:
    with pytest.raises(AwsError) as caught:
        parsed(protocol, service, name, body)
    codes = {QUERY: "ValidationError", REST_XML: "MalformedXML"}
    assert caught.value.code == codes.get(protocol, "SerializationException")


def test_nulls_and_unknown_members_are_dropped() -> None:
    body = b'{"TrainingJobName": "j", "Tags": null, "Colour": "red", "Tags2": [null]}'
    assert parsed(JSON, "sagemaker", "CreateTrainingJob", body) == {"TrainingJobName": "j"}


def test_an_empty_body_is_an_empty_request() -> None:
    for protocol, service, name in CASES:
        found = parsed(protocol, service, name, b"")
        assert set(found) <= {"Bucket", "Key"}


def test_lists_in_headers_may_hold_quoted_items() -> None:
    found = parsed(
        REST_XML,
        "s3",
        "GetObjectAttributes",
        b"",
        x_amz_object_attributes='ETag, "a,\\"b" ,, Size',
    )
    assert found["ObjectAttributes"] == ["ETag", 'a,"b', "Size"]


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (1767225600, "unixtimestamp"),
        (1767225600.0, "iso8601"),
        ("1767225600", "iso8601"),
        ("2026-01-01T00:00:00Z", "unixtimestamp"),
        ("2026-01-01T01:00:00+01:00", "iso8601"),
        ("2026-01-01", "iso8601"),
        ("Thu, 01 Jan 2026 00:00:00 GMT", "rfc822"),
        ("2026-01-01T00:00:00Z", "rfc822"),
        (datetime(2026, 1, 1, tzinfo=UTC), "rfc822"),
    ],
)
def test_a_timestamp_is_read_in_any_form(value: object, form: str) -> None:
    assert read_time(value, form) == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_timestamp_is_written_in_each_form() -> None:
    moment = datetime(2026, 1, 1, 0, 0, 0, 250_000, tzinfo=UTC)
    assert write_time(moment, "rfc822") == "Thu, 01 Jan 2026 00:00:00 GMT"
    assert write_time(moment, "unixtimestamp") == 1767225600.25
    assert write_time(moment, "iso8601") == "2026-01-01T00:00:00.250000Z"
    assert (
        write_time(moment.replace(tzinfo=None, microsecond=0), "iso8601")
        == "2026-01-01T00:00:00Z"
    )
    assert write_time(1767225600, "iso8601") == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.5, "1.5"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        (float("nan"), "NaN"),
    ],
)
def test_floats_have_names_where_they_have_no_number(value: float, text: str) -> None:
    shape = ServiceModel({"metadata": {}, "shapes": {"D": {"type": "double"}}}).shape_for("D")
    assert to_text(shape, value, "iso8601") == text


@pytest.mark.parametrize("protocol", [JSON, REST_JSON, QUERY, REST_XML, CBOR])
def test_an_operation_without_output_has_an_empty_reply(protocol: str) -> None:
    service, name = {
        JSON: ("sagemaker", "DeleteModelPackageGroup"),
        CBOR: ("sagemaker", "DeleteModelPackageGroup"),
        REST_JSON: ("lambda", "DeleteAlias"),
        QUERY: ("iam", "DeleteRole"),
        REST_XML: ("s3", "DeleteBucket"),
    }[protocol]
    reply = render(protocol, operation(service, name), {}, "r-1")
    assert reply.status in (200, 204)
    assert (b"<RequestId>r-1" in whole(reply)) is (protocol == QUERY)


@pytest.mark.parametrize(
    ("region", "text"), [(None, b"/>"), ("eu-west-1", b">eu-west-1</LocationConstraint>")]
)
def test_the_location_of_a_bucket_is_the_root_element(region: str | None, text: bytes) -> None:
    value = {} if region is None else {"LocationConstraint": region}
    located = render(REST_XML, operation("s3", "GetBucketLocation"), value, "r-1")
    assert whole(located).endswith(text)


def test_other_sdks_find_the_root_elements_of_s3() -> None:
    listed = render(REST_XML, operation("s3", "ListObjectsV2"), {"Name": "b"}, "r-1")
    assert b"<ListBucketResult xmlns=" in whole(listed)
    policy = render(REST_XML, operation("s3", "GetBucketPolicy"), {"Policy": "{}"}, "r-1")
    assert policy.body == b"{}"
