"""The refusals of SageMaker: its codes have no "Exception" at the end, except where they have."""

from __future__ import annotations

from nvx.local.context import AwsError


def invalid(message: str) -> AwsError:
    """A request that the service does not accept as it is."""
    return AwsError("ValidationException", message)


def not_found(message: str) -> AwsError:
    """A hub, hub content, pipeline, execution or lineage entity that does not exist."""
    return AwsError("ResourceNotFound", message)


def in_use(message: str) -> AwsError:
    """A name that is taken, or a resource that is busy."""
    return AwsError("ResourceInUse", message)


def conflict(message: str) -> AwsError:
    """A change that the present state of the resource forbids."""
    return AwsError("ConflictException", message)


def limit_exceeded(message: str) -> AwsError:
    """A quota that is used up."""
    return AwsError("ResourceLimitExceeded", message)


def denied(message: str) -> AwsError:
    """A thing that the caller may not do, whatever its policies say."""
    return AwsError("AccessDeniedException", message)
