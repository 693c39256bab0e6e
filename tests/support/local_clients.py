"""boto3 clients of a local AWS, with real retries that do not wait long."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from nvx.local.identify import NOBODY
from nvx.local.server import LocalAws


@cache
def _session() -> boto3.session.Session:
    """One for all: it keeps the service models."""
    return boto3.session.Session()


@contextmanager
def client(
    url: str,
    service: str,
    *,
    account: str = NOBODY,
    region: str = "us-east-1",
    session_token: str | None = None,
    config: Config | None = None,
) -> Iterator[Any]:
    """A client of one service; its connections are closed at the end."""
    made = _session().client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key="local",  # noqa: S106  nobody verifies it
        aws_session_token=session_token,
        config=(config or Config()).merge(Config(proxies={})),
    )
    try:
        yield made
    finally:
        made.close()


def no_retries(read_timeout: float = 60.0) -> Config:
    """Send once."""
    return Config(retries={"total_max_attempts": 1}, read_timeout=read_timeout)


def raw(
    aws: LocalAws, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, bytes]:
    """Status and body of a request made by hand; Some_Header is Some-Header."""
    connection = http.client.HTTPConnection("127.0.0.1", aws.port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, path, body=body, headers=named)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()
