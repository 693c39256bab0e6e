"""Errors of botocore and of the services, sorted into the classes of `core.cloud`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nvx.core.cloud import (
    AlreadyExists,
    CloudError,
    Limited,
    NotFound,
    Rejected,
    Throttled,
    Uncertain,
)

_ANY = ""
_TAKEN = r"cannot create already existing|already exists|must be unique within an aws account"
_ABSENT = r"not found|does not exist|could not find"


@dataclass(frozen=True, slots=True)
class Row:
    """What an error means: its service ("" = any), its code, words in its message ("" = any)."""

    error: type[CloudError]
    service: str
    codes: tuple[str, ...]
    words: str = ""

    def matches(self, service: str, code: str, message: str) -> bool:
        """Whether the row speaks of this error."""
        if self.service not in (_ANY, service) or code not in self.codes:
            return False
        return not self.words or re.search(self.words, message, re.IGNORECASE) is not None


TABLE: Sequence[Row] = (
    Row(
        Throttled,
        _ANY,
        (
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "TooManyRequestsException",
            "RequestLimitExceeded",
            "RequestThrottled",
            "SlowDown",
        ),
    ),
    Row(
        Limited,
        _ANY,
        (
            "ResourceLimitExceeded",
            "ServiceQuotaExceededException",
            "CodeStorageExceededException",
            "CapacityError",
            "LimitExceededException",
            "LimitExceeded",
        ),
    ),
    Row(AlreadyExists, "sagemaker", ("ResourceInUse", "ValidationException"), _TAKEN),
    Row(AlreadyExists, "sagemaker", ("ResourceInUse",)),
    Row(AlreadyExists, "bedrock", ("ConflictException",)),
    Row(Uncertain, "lambda", ("ResourceConflictException",), "update is in progress|pending"),
    Row(AlreadyExists, "lambda", ("ResourceConflictException",)),
    Row(AlreadyExists, "s3", ("PreconditionFailed", "412", "ConditionalRequestConflict")),
    Row(NotFound, "sagemaker", ("ValidationException",), _ABSENT),
    Row(
        NotFound,
        _ANY,
        (
            "ResourceNotFound",
            "ResourceNotFoundException",
            "NoSuchKey",
            "NoSuchBucket",
            "NoSuchEntity",
            "NoSuchUpload",
            "NotFound",
            "404",
        ),
    ),
    Row(Rejected, _ANY, ("NotImplementedByLocalAws",)),
)
"""Read top down, first match wins. What is not here is decided by its HTTP status."""

_EXPIRED = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
)
_REFUSED_CREDENTIALS = frozenset(
    {"UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException"}
    | {"InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthFailure"}
)


def class_of(service: str, code: str, message: str, status: int) -> type[CloudError]:
    """The class of an error that a service answered with."""
    for row in TABLE:
        if row.matches(service, code, message):
            return row.error
    if status == 429:
        return Throttled
    return Uncertain if status >= 500 or status == 0 else Rejected


def cloud_error(
    error: Exception, service: str, operation: str, *, reads: bool = False
) -> CloudError:
    """The error of `core.cloud` that an exception of botocore stands for.

    A read that got no answer is a plain CloudError: nothing can have happened.
    """
    from botocore.exceptions import ClientError

    name = f"{service}.{operation}"
    if isinstance(error, ClientError):
        return _answered(error.response, service, name)
    if _never_sent(error):
        return Rejected(f"{error}{_hint(type(error).__name__)}", operation=name)
    kind = CloudError if reads else Uncertain
    return kind(f"no answer: {error}", operation=name, code=type(error).__name__)


def _answered(response: Any, service: str, operation: str) -> CloudError:
    said, meta = response.get("Error", {}), response.get("ResponseMetadata", {})
    code, message = str(said.get("Code", "")), str(said.get("Message", ""))
    kind = class_of(service, code, message, int(meta.get("HTTPStatusCode") or 0))
    return kind(
        f"{message or 'no message'}{_hint(code)}",
        operation=operation,
        code=code,
        attempts=int(meta.get("RetryAttempts") or 0) + 1,
    )


def _never_sent(error: Exception) -> bool:
    """Whether botocore gave up before anything left this machine."""
    from botocore import exceptions as e

    # A failed refresh of credentials is not among them: it may follow an attempt that was sent.
    return isinstance(
        error,
        e.ParamValidationError
        | e.NoCredentialsError
        | e.PartialCredentialsError
        | e.ProfileNotFound
        | e.NoRegionError
        | e.InvalidRegionError
        | e.UnknownServiceError
        | e.EndpointProviderError
        | e.ConfigParseError,
    )


def _hint(code: str) -> str:
    if code in _EXPIRED or code in ("TokenRetrievalError", "SSOError"):
        return " (the credentials have expired: sign in again, then repeat the command)"
    if code in _REFUSED_CREDENTIALS:
        return " (AWS does not know these credentials)"
    if code == "NoCredentialsError":
        return " (set AWS_PROFILE or the AWS_* variables, or work with --local)"
    if code == "NotImplementedByLocalAws":
        return " (the local AWS does not have this)"
    return ""
