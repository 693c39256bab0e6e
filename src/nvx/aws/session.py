"""AWS as one process sees it: one client for each service, retries, rates, the caller."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nvx.aws.call import Reply, call
from nvx.aws.rates import Rates
from nvx.aws.reads import is_read
from nvx.core.cloud import Rejected
from nvx.core.diagnostics import NvxError
from nvx.core.ports import Clock

_CONNECT_TIMEOUT_S = 5
_READ_TIMEOUT_S = 25
_CONNECTIONS = 32


_NO_CONFIGURATION: Mapping[str, Any] = {
    name: (None, None, None, None) for name in ("profile", "config_file", "credentials_file")
}
"""The local AWS needs no configuration, so what is wrong with somebody's does not matter there."""


class NotARead(NvxError):
    """A command that only reads tried to change something: a mistake in nvx, and nothing was sent."""


@dataclass(frozen=True, slots=True)
class AwsSettings:
    """How AWS is reached. Empty text leaves a choice to the environment.

    `attempts` counts the first try. `local`: it is the local AWS, which knows any credentials and has
    no rates. `read_only`: refuse every call that may change something.
    """

    region: str = ""
    profile: str = ""
    endpoint_url: str = ""
    attempts: int = 8
    local: bool = False
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """Who the credentials belong to, and where they work."""

    account: str
    arn: str
    partition: str
    region: str


class Aws:
    """The door to AWS. Safe from many threads; nothing is loaded before the first call."""

    def __init__(self, settings: AwsSettings, clock: Clock) -> None:
        self.settings = settings
        self._rates = None if settings.local else Rates(clock)
        self._clients: dict[str, Any] = {}
        self._lock = threading.RLock()

    def call(self, service: str, operation: str, params: Mapping[str, Any]) -> Reply:
        """The reply to one call. Raises CloudError."""
        client = self.client(service)
        if self._rates is not None:
            self._rates.wait(service, operation)
        return call(client, operation, params)

    def client(self, service: str) -> Any:
        """The botocore client of a service, made when it is first asked for."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._made(service)
            return self._clients[service]

    def identity(self) -> Caller:
        """Who is calling, asked once. Raises CloudError."""
        with self._lock:
            return self._identity

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    @property
    def region(self) -> str:
        """The region of the settings, else of the profile or the environment; "" where none is set."""
        return self.settings.region or str(self._session.get_config_variable("region") or "")

    @cached_property
    def _identity(self) -> Caller:
        said = self.call("sts", "GetCallerIdentity", {})
        arn = str(said["Arn"])
        return Caller(str(said["Account"]), arn, arn.split(":")[1], self.region)

    @cached_property
    def _session(self) -> Any:
        from importlib.metadata import version

        from botocore.exceptions import BotoCoreError
        from botocore.session import Session

        if self.settings.local:
            session = Session(session_vars=_NO_CONFIGURATION)
            session.set_credentials("local", "local")
        else:
            session = Session(profile=self.settings.profile or None)
        session.user_agent_extra = f"nvx/{version('nvx')}"
        try:
            session.get_scoped_config()
        except BotoCoreError as error:
            raise Rejected(str(error), operation="aws.profile") from error
        return session

    @cached_property
    def _boto3(self) -> Any:
        from boto3.session import Session

        return Session(botocore_session=self._session)

    def _made(self, service: str) -> Any:
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError

        # A job that many start at once is throttled often: adaptive halves the noise there.
        mode = "adaptive" if service == "sagemaker" else "standard"
        config = Config(
            retries={"mode": mode, "total_max_attempts": self.settings.attempts},
            connect_timeout=_CONNECT_TIMEOUT_S,
            read_timeout=_READ_TIMEOUT_S,
            max_pool_connections=_CONNECTIONS,
            s3={"addressing_style": "path"} if self.settings.local else None,
            proxies={} if self.settings.local else None,
        )
        try:
            client = self._boto3.client(
                service,
                region_name=self.region or None,
                endpoint_url=self.settings.endpoint_url or None,
                config=config,
            )
        except (BotoCoreError, ValueError) as error:
            raise Rejected(str(error), operation=f"{service}.client") from error
        if self.settings.read_only:
            client.meta.events.register_first("before-call", _refuse_changes)
        return client


def _refuse_changes(model: Any, **_: Any) -> None:
    service, operation = model.service_model.service_name, model.name
    if not is_read(service, operation):
        raise NotARead(f"{service}.{operation} is not among the calls that a plan may send")
