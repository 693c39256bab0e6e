"""The refusals of Bedrock, with the HTTP status of each."""

from __future__ import annotations

from nvx.local.context import AwsError
from nvx.local.dispatch import NOT_IMPLEMENTED


def invalid(message: str) -> AwsError:
    """A request that the service does not accept as it is."""
    return AwsError("ValidationException", message)


def not_found(message: str) -> AwsError:
    """A job, a model or a profile that does not exist."""
    return AwsError("ResourceNotFoundException", message, 404)


def conflict(message: str) -> AwsError:
    """A name that is taken, a token used for something else, a status that forbids it."""
    return AwsError("ConflictException", message)


def quota_exceeded(message: str) -> AwsError:
    """A quota that is used up."""
    return AwsError("ServiceQuotaExceededException", message)


def unknown_here(message: str) -> AwsError:
    """Something that Bedrock has and the local AWS has not."""
    return AwsError(NOT_IMPLEMENTED, message, 501)
