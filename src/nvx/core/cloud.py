"""What can go wrong in the cloud, sorted by what is safe to do next."""

from __future__ import annotations

from nvx.core.diagnostics import NvxError


class CloudError(NvxError):
    """A call that did not succeed.

    CloudError
    ├─ Rejected          a clear no: nothing changed (validation, access)
    │  ├─ AlreadyExists  the name is taken; after a retry perhaps by ourselves
    │  ├─ NotOurs        it exists and is not marked as ours
    │  └─ SourceChanged  a file or object is not what was planned         exit 5
    ├─ Limited           quota or capacity: nothing was created; later it may be
    ├─ NotFound          only inside aws/ and kinds/; kinds turn it into None
    ├─ Throttled         too many requests, after all retries: nothing was created
    └─ Uncertain         no answer: it may or may not have happened; keep the intent

    `operation` is "service.Operation", `code` and `message` are the service's own.
    """

    def __init__(
        self, message: str, *, operation: str = "", code: str = "", attempts: int = 1
    ) -> None:
        super().__init__(message)
        self.message = message
        self.operation = operation
        self.code = code
        self.attempts = attempts

    def __str__(self) -> str:
        head = ": ".join(part for part in (self.operation, self.code) if part)
        return f"{head}: {self.message}" if head else self.message


class Rejected(CloudError):
    """The cloud refused; nothing changed."""


class AlreadyExists(Rejected):
    """The name is taken."""


class Limited(CloudError):
    """A quota or the capacity is used up; nothing was created."""


class NotFound(CloudError):
    """It does not exist."""


class Throttled(CloudError):
    """Too many requests; nothing was created."""


class Uncertain(CloudError):
    """No answer: it may or may not have happened."""


class NotOurs(Rejected):
    """It exists and is not marked as ours."""


class SourceChanged(Rejected):
    """A file or object is not what was planned; nothing was made from it."""
