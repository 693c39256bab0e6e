from __future__ import annotations

from io import BytesIO
from urllib.parse import urlencode

import pytest

from nvx.local.context import AwsError
from nvx.local.identify import Caller, Target, caller_of, protocol_guess, target_of
from nvx.local.model import CBOR, JSON, QUERY, REST_JSON, REST_XML
from nvx.local.wire.message import Request, split_target

FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


def signed(
    service: str, key: str = "123456789012", region: str = "eu-west-1"
) -> dict[str, str]:
    scope = f"{key}/20260101/{region}/{service}/aws4_request"
    return {"authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host"}


def request(
    method: str, target: str, headers: dict[str, str] | None = None, **form: str
) -> Request:
    path, query = split_target(target)
    return Request(method, path, query, dict(headers or {}), BytesIO(urlencode(form).encode()))


@pytest.mark.parametrize(
    ("asked", "caller"),
    [
        (
            request("POST", "/", signed("sagemaker")),
            Caller("123456789012", "eu-west-1", "sagemaker", "123456789012"),
        ),
        (
            request(
                "GET", "/?X-Amz-Credential=AKIA1%2F20260101%2Feu-west-1%2Fs3%2Faws4_request"
            ),
            Caller("000000000000", "eu-west-1", "s3", "AKIA1"),
        ),
        (
            request(
                "GET",
                "/",
                {
                    "authorization": "AWS4-ECDSA Credential=123456789012/20260101/s3/aws4_request",
                    "x-amz-region-set": "eu-west-1,eu-west-2",
                },
            ),
            Caller("123456789012", "eu-west-1", "s3", "123456789012"),
        ),
        (
            request("GET", "/b/k?AWSAccessKeyId=123456789012&Signature=x"),
            Caller("123456789012", "us-east-1", "s3", "123456789012"),
        ),
        (request("GET", "/b/k"), Caller("000000000000", "us-east-1", "s3")),
        (
            request("POST", "/", FORM, Action="AssumeRoleWithSAML", Version="2011-06-15"),
            Caller("000000000000", "us-east-1", "sts"),
        ),
        (
            request("POST", "/", FORM, Action="GetRole", Version="2010-05-08"),
            Caller("000000000000", "us-east-1", "iam"),
        ),
        (
            request("POST", "/", {"authorization": "AWS4-HMAC-SHA256 Credential=/"}),
            Caller("000000000000", "us-east-1", "s3"),
        ),
    ],
)
def test_the_caller_is_read_from_the_signature(asked: Request, caller: Caller) -> None:
    assert caller_of(asked) == caller


def targeted(asked: Request) -> Target:
    return target_of(asked, caller_of(asked))


def test_a_request_is_for_the_operation_it_names() -> None:
    sagemaker = {**signed("sagemaker"), "x-amz-target": "SageMaker.ListHubs"}
    assert targeted(request("POST", "/", sagemaker)) == Target("sagemaker", "ListHubs", JSON)
    iam = {**signed("iam"), **FORM}
    assert targeted(request("POST", "/", iam, Action="GetRole")) == Target(
        "iam", "GetRole", QUERY
    )
    assert targeted(request("GET", "/?Action=GetRole", signed("iam"))).operation == "GetRole"
    tagging = {**signed("tagging"), "smithy-protocol": "rpc-v2-cbor"}
    path = "/service/ResourceGroupsTaggingAPI_20170126/operation/GetResources"
    assert targeted(request("POST", path, tagging)) == Target(
        "resourcegroupstaggingapi", "GetResources", CBOR
    )


@pytest.mark.parametrize(
    ("method", "target", "headers", "operation"),
    [
        ("PUT", "/b/k", {}, "PutObject"),
        ("PUT", "/b/k", {"x-amz-copy-source": "b/other"}, "CopyObject"),
        ("PUT", "/b/k?partNumber=1&uploadId=u", {}, "UploadPart"),
        ("PUT", "/b/k?partNumber=1&uploadId=u", {"x-amz-copy-source": "b/o"}, "UploadPartCopy"),
        ("PUT", "/b/k?tagging", {}, "PutObjectTagging"),
        ("GET", "/", {}, "ListBuckets"),
        ("GET", "/b", {}, "ListObjects"),
        ("GET", "/b/", {}, "ListObjects"),
        ("GET", "/b/?list-type=2&prefix=x", {}, "ListObjectsV2"),
        ("GET", "/b?versions", {}, "ListObjectVersions"),
        ("GET", "/b?lifecycle", {}, "GetBucketLifecycleConfiguration"),
        ("GET", "/b//k", {}, "GetObject"),
        ("GET", "/b/k/", {}, "GetObject"),
        ("GET", "/b/k?uploadId=u", {}, "ListParts"),
        ("HEAD", "/b", {}, "HeadBucket"),
        ("HEAD", "/b/k", {}, "HeadObject"),
        ("POST", "/b?delete", {}, "DeleteObjects"),
        ("POST", "/b/k?uploads", {}, "CreateMultipartUpload"),
        ("POST", "/b/k?uploadId=u", {}, "CompleteMultipartUpload"),
        ("DELETE", "/b/k?uploadId=u", {}, "AbortMultipartUpload"),
        ("DELETE", "/b/k", {}, "DeleteObject"),
    ],
)
def test_s3_requests_are_told_apart(
    method: str, target: str, headers: dict[str, str], operation: str
) -> None:
    found = targeted(request(method, target, {**signed("s3"), **headers}))
    assert (found.service, found.operation, found.protocol) == ("s3", operation, REST_XML)


def test_labels_are_decoded_and_keys_keep_their_slashes() -> None:
    assert targeted(request("GET", "/b//a%2Fb%20c/")).labels == {
        "Bucket": "b",
        "Key": "/a/b c/",
    }
    arn = "arn:aws:bedrock:us-east-1:000000000000:evaluation-job/x"
    path = f"/evaluation-jobs/{arn.replace('/', '%2F')}"
    found = targeted(request("GET", path, signed("bedrock")))
    assert (found.operation, found.labels) == ("GetEvaluationJob", {"jobIdentifier": arn})


def test_services_that_share_a_name_in_the_signature_are_told_apart() -> None:
    invoke = targeted(request("POST", "/model/m/invoke", signed("bedrock")))
    assert (invoke.service, invoke.operation) == ("bedrock-runtime", "InvokeModel")
    endpoint = targeted(request("POST", "/endpoints/e/invocations", signed("sagemaker")))
    assert endpoint.service == "sagemaker-runtime"


@pytest.mark.parametrize(
    "asked",
    [
        request("PATCH", "/b/k"),
        request("GET", "/nothing/here", signed("lambda")),
        request("POST", "/", {**signed("sagemaker"), "x-amz-target": "SageMaker.Nothing"}),
        request("POST", "/", {**signed("iam"), **FORM}),
    ],
)
def test_a_request_for_no_operation_is_refused(asked: Request) -> None:
    with pytest.raises(AwsError) as caught:
        targeted(asked)
    assert (caught.value.code, caught.value.status) == ("UnknownOperationException", 404)


def test_a_service_that_botocore_does_not_know_is_still_named() -> None:
    assert targeted(request("GET", "/x", signed("newest"))) == Target(
        "newest", "GET /x", REST_JSON
    )
    named = {**signed("newest"), "x-amz-target": "Newest.Do"}
    assert targeted(request("POST", "/", named)) == Target("newest", "Do", JSON)


@pytest.mark.parametrize(
    ("asked", "protocol"),
    [
        (request("POST", "/", {**signed("newest"), "smithy-protocol": "rpc-v2-cbor"}), CBOR),
        (request("POST", "/", {**signed("newest"), "x-amz-target": "A.B"}), JSON),
        (request("POST", "/", {**signed("newest"), **FORM}), QUERY),
        (request("GET", "/x", signed("newest")), REST_JSON),
        (request("GET", "/x"), REST_XML),
    ],
)
def test_a_request_for_nothing_is_refused_in_its_own_protocol(
    asked: Request, protocol: str
) -> None:
    assert protocol_guess(asked, caller_of(asked)) == protocol


def test_a_target_may_be_a_whole_url() -> None:
    assert split_target("http://localhost:1/a%20b?c=d%20e&f") == (
        "/a%20b",
        [("c", "d e"), ("f", "")],
    )
    assert split_target("http://localhost") == ("/", [])


def test_an_unknown_action_has_the_code_of_the_query_protocol() -> None:
    with pytest.raises(AwsError) as caught:
        targeted(request("POST", "/", {**signed("iam"), **FORM}, Action="Nothing"))
    assert (caught.value.code, caught.value.status) == ("InvalidAction", 400)
