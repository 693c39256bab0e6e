"""Every row of the error tables of the services, and what nvx takes it for."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from nvx.aws.errors import class_of, cloud_error
from nvx.core.cloud import (
    AlreadyExists,
    CloudError,
    Limited,
    NotFound,
    Rejected,
    Throttled,
    Uncertain,
)

ROWS = [
    ("sagemaker", "ThrottlingException", "Rate exceeded", 400, Throttled),
    ("bedrock", "ThrottlingException", "Too many requests", 429, Throttled),
    ("lambda", "TooManyRequestsException", "Rate exceeded", 429, Throttled),
    ("s3", "SlowDown", "Please reduce your request rate.", 503, Throttled),
    ("sts", "Throttling", "Rate exceeded", 400, Throttled),
    ("resourcegroupstaggingapi", "ThrottledException", "Rate exceeded", 400, Throttled),
    ("bedrock", "Unheard", "slow down", 429, Throttled),
    ("sagemaker", "ResourceLimitExceeded", "The account-level service limit", 400, Limited),
    ("bedrock", "ServiceQuotaExceededException", "", 400, Limited),
    ("lambda", "CodeStorageExceededException", "", 400, Limited),
    ("sagemaker", "ResourceInUse", "Hub content already exists", 400, AlreadyExists),
    ("sagemaker", "ResourceInUse", "", 400, AlreadyExists),
    (
        "sagemaker",
        "ValidationException",
        "Model package group already exists",
        400,
        AlreadyExists,
    ),
    (
        "sagemaker",
        "ValidationException",
        "Pipeline names must be unique within an AWS account and region",
        400,
        AlreadyExists,
    ),
    (
        "sagemaker",
        "ValidationException",
        "Cannot create already existing x",
        400,
        AlreadyExists,
    ),
    ("bedrock", "ConflictException", "", 400, AlreadyExists),
    ("lambda", "ResourceConflictException", "Function already exist: x", 409, AlreadyExists),
    (
        "lambda",
        "ResourceConflictException",
        "The operation cannot be performed at this time. An update is in progress",
        409,
        Uncertain,
    ),
    ("s3", "PreconditionFailed", "", 412, AlreadyExists),
    ("s3", "ConditionalRequestConflict", "", 409, AlreadyExists),
    ("sagemaker", "ResourceNotFound", "", 400, NotFound),
    ("sagemaker", "ValidationException", "Requested resource not found.", 400, NotFound),
    ("sagemaker", "ValidationException", "Group x does not exist.", 400, NotFound),
    ("lambda", "ResourceNotFoundException", "", 404, NotFound),
    ("bedrock", "ResourceNotFoundException", "", 404, NotFound),
    ("s3", "404", "Not Found", 404, NotFound),
    ("s3", "NoSuchKey", "", 404, NotFound),
    ("s3", "NoSuchBucket", "", 404, NotFound),
    ("iam", "NoSuchEntity", "", 404, NotFound),
    ("sagemaker", "ValidationException", "1 validation error detected", 400, Rejected),
    ("sagemaker", "ConflictException", "group is not empty", 400, Rejected),
    ("sagemaker", "AccessDeniedException", "not authorized", 400, Rejected),
    ("s3", "AccessDenied", "", 403, Rejected),
    ("s3", "403", "Forbidden", 403, Rejected),
    ("sagemaker", "ExpiredTokenException", "", 400, Rejected),
    ("lambda", "InvalidParameterValueException", "cannot be assumed by Lambda", 400, Rejected),
    ("bedrock", "InternalServerException", "", 500, Uncertain),
    ("sagemaker", "InternalFailure", "", 500, Uncertain),
    ("sagemaker", "ServiceUnavailable", "", 503, Uncertain),
    ("s3", "503", "Service Unavailable", 503, Uncertain),
    ("sagemaker", "NotImplementedByLocalAws", "", 501, Rejected),
]


@pytest.mark.parametrize(("service", "code", "message", "status", "expected"), ROWS)
def test_class_of_an_answer(
    service: str, code: str, message: str, status: int, expected: type[CloudError]
) -> None:
    assert class_of(service, code, message, status) is expected


def _answer(code: str, status: int = 400, retries: int = 0) -> ClientError:
    meta = {"HTTPStatusCode": status, "RetryAttempts": retries}
    return ClientError(
        {"Error": {"Code": code, "Message": "said"}, "ResponseMetadata": meta},
        "CreateHub",
    )


def test_error_carries_operation_code_and_attempts() -> None:
    error = cloud_error(_answer("ResourceInUse", retries=2), "sagemaker", "CreateHub")
    assert (error.operation, error.code, error.attempts) == (
        "sagemaker.CreateHub",
        "ResourceInUse",
        3,
    )


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ExpiredTokenException", "sign in again"),
        ("ExpiredToken", "sign in again"),
        ("UnrecognizedClientException", "does not know these credentials"),
        ("NotImplementedByLocalAws", "local AWS does not have this"),
    ],
)
def test_message_says_what_to_do(code: str, words: str) -> None:
    assert words in str(cloud_error(_answer(code), "sagemaker", "DescribeHub"))


NO_ANSWER = [
    ReadTimeoutError(endpoint_url="x"),
    EndpointConnectionError(endpoint_url="x"),
    ConnectionClosedError(endpoint_url="x"),
    ResponseStreamingError(error="cut"),
]


@pytest.mark.parametrize("error", NO_ANSWER, ids=lambda e: type(e).__name__)
def test_no_answer_is_uncertain_only_where_something_may_have_happened(
    error: Exception,
) -> None:
    assert type(cloud_error(error, "sagemaker", "CreateHub")) is Uncertain
    assert type(cloud_error(error, "sagemaker", "DescribeHub", reads=True)) is CloudError


@pytest.mark.parametrize("error", [NoCredentialsError(), ParamValidationError(report="bad")])
def test_what_was_never_sent_is_rejected(error: Exception) -> None:
    assert type(cloud_error(error, "sagemaker", "CreateHub")) is Rejected


def test_answer_without_members_is_still_an_error() -> None:
    empty = ClientError({}, "CreateHub")
    assert type(cloud_error(empty, "sagemaker", "CreateHub")) is Uncertain
