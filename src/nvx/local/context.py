"""What a handler of the local AWS receives, and how it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime
    from threading import Lock

    from nvx.local.blobs import Blobs
    from nvx.local.clock import Clock
    from nvx.local.settings import Settings
    from nvx.local.store import Store, Table

Params = dict[str, Any]
"""A request or reply, in the member names and Python types that botocore uses."""

Handler = Callable[["Context", Params], Params]


class AwsError(Exception):
    """A refusal, rendered in the protocol of the service.

    `code` is the exact wire code ("ResourceInUse", "ValidationException", "NoSuchKey"), `status`
    the HTTP status, `members` the other members of the error shape, `headers` HTTP headers of the
    reply.
    """

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 400,
        *,
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = dict(members or {})
        self.headers = dict(headers or {})


@dataclass(slots=True)
class Context:
    """One request: who calls, when, and what the handler may touch."""

    service: str
    operation: str
    account: str
    region: str
    request_id: str
    endpoint: str
    """Base URL of this server, such as http://127.0.0.1:4566, without a slash at the end."""
    store: Store
    blobs: Blobs
    clock: Clock
    settings: Settings
    headers: Mapping[str, str] = field(default_factory=dict)
    """HTTP headers of the request, keys in lower case."""
    reply_headers: dict[str, str] = field(default_factory=dict)
    """Extra HTTP headers for the reply."""
    reply_status: int | None = None
    """HTTP status of the reply where it is not the modelled one (304, 206…)."""
    partition: str = "aws"
    lock: Lock | None = None
    """The server's lock, held while a handler runs."""

    @property
    def now(self) -> datetime:
        """The time of this request: aware, UTC, moved by the clock's offset."""
        return self.clock.now()

    def table(
        self, name: str, *, account: str | None = None, region: str | None = None
    ) -> Table:
        """A table of the caller's account and region, or of those given ("" means global)."""
        return self.store.table(
            name,
            self.account if account is None else account,
            self.region if region is None else region,
        )

    def arn(self, service: str, resource: str, *, account: str | None = None) -> str:
        """An ARN in the caller's region."""
        owner = self.account if account is None else account
        return f"arn:{self.partition}:{service}:{self.region}:{owner}:{resource}"

    def call(self, service: str, operation: str, params: Params) -> Params:
        """Another operation, as the service would call it: validated, same account and region."""
        from nvx.local.dispatch import (
            call_inside,
        )  # a cycle otherwise: dispatch builds contexts

        return call_inside(self, service, operation, params)

    @contextmanager
    def unlocked(self) -> Iterator[None]:
        """Let other requests in while something slow runs; commits what was done so far.

        Documents read before must be read again afterwards.
        """
        self.store.commit()
        if self.lock is None:
            yield
            return
        self.lock.release()
        try:
            yield
        finally:
            self.lock.acquire()


_HANDLERS: dict[tuple[str, str], Handler] = {}


def operation(service: str, name: str) -> Callable[[Handler], Handler]:
    """Register the decorated function as the handler of an operation.

    `service` is botocore's service name ("sagemaker", "s3", "lambda", "iam", "sts", "logs",
    "resourcegroupstaggingapi"), `name` the operation's ("CreateTrainingJob").
    """

    def register(handler: Handler) -> Handler:
        _HANDLERS[service, name] = handler
        return handler

    return register


def handler_of(service: str, name: str) -> Handler | None:
    """The handler of an operation, or None where the local AWS does not know it."""
    return _HANDLERS.get((service, name))


def known_operations() -> tuple[tuple[str, str], ...]:
    """Every operation with a handler, sorted."""
    return tuple(sorted(_HANDLERS))
