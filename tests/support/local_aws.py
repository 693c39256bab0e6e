"""A local AWS in this process, and boto3 clients that talk to it and nothing else."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from nvx.local.blobs import Blobs
from nvx.local.clock import Clock
from nvx.local.context import Context
from nvx.local.server import LocalAws
from nvx.local.services import load_all
from nvx.local.settings import Settings
from nvx.local.store import Store

REGION = "eu-west-1"
ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/nvx-local-execution"

_SESSION = boto3.Session()


class Cloud:
    """A running local AWS with clients on demand; every call is sent once."""

    def __init__(self, server: LocalAws) -> None:
        self.server = server
        self._clients: list[Any] = []

    def client(
        self, service: str, *, region: str = REGION, account: str = ACCOUNT, attempts: int = 1
    ) -> Any:
        """A client of a service in a region, for an account."""
        made = _SESSION.client(
            service,
            endpoint_url=self.server.url,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="secret",  # noqa: S106  nobody checks it
            config=Config(retries={"total_max_attempts": attempts}, max_pool_connections=20),
        )
        self._clients.append(made)
        return made

    def close(self) -> None:
        """Close every client."""
        for made in self._clients:
            made.close()


@contextmanager
def running(**settings: Any) -> Iterator[Cloud]:
    """A cloud on an empty store in memory; afterwards its own replies must have been sound."""
    with LocalAws(settings=Settings(**settings)) as server:
        cloud = Cloud(server)
        try:
            yield cloud
        finally:
            cloud.close()
        assert not server.bad_output, server.bad_output


def refused(call: Callable[..., Any], **params: Any) -> tuple[str, int]:
    """The code and HTTP status that a call is refused with."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    response: Any = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def message_of(call: Callable[..., Any], **params: Any) -> str:
    """The words that a call is refused with."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    return str(caught.value.response["Error"]["Message"])


def zipped(**files: str) -> bytes:
    """A zip of Python modules: name → source."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, source in files.items():
            archive.writestr(f"{name}.py", source)
    return buffer.getvalue()


def context(service: str, **settings: Any) -> Context:
    """A request's context on an empty store in memory: `context("s3").call("s3", "PutObject", …)`."""
    load_all()
    store, chosen = Store(None), Settings(**settings)
    return Context(
        service=service,
        operation="",
        account=ACCOUNT,
        region=REGION,
        request_id="request",
        endpoint="http://127.0.0.1:1",
        store=store,
        blobs=Blobs(None),
        clock=Clock(store, chosen),
        settings=chosen,
    )
