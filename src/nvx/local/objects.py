"""Looking into the buckets of a local AWS, whose bodies are nameless blobs on disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

from nvx.local.identify import DEFAULT_REGION, NOBODY

_SCHEME = "s3://"
_PIECE = 1 << 16


class ObjectError(Exception):
    """A bucket or an object cannot be shown; the message says why."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a listing: an object, or a folder (whose size is None)."""

    uri: str
    size: int | None = None
    changed: datetime | None = None


def ls(url: str, uri: str = _SCHEME, *, region: str = DEFAULT_REGION) -> Iterator[Listed]:
    """The buckets (`s3://`), or what lies directly below `s3://bucket/prefix`."""
    bucket, prefix = _split(uri)
    with _client(url, region) as client:
        if not bucket:
            for found in client.list_buckets()["Buckets"]:
                yield Listed(f"{_SCHEME}{found['Name']}/")
            return
        pages = client.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=prefix, Delimiter="/"
        )
        for page in pages:
            for folder in page.get("CommonPrefixes", ()):
                yield Listed(f"{_SCHEME}{bucket}/{folder['Prefix']}")
            for item in page.get("Contents", ()):
                address = f"{_SCHEME}{bucket}/{item['Key']}"
                yield Listed(address, item["Size"], item["LastModified"])


def cat(url: str, uri: str, *, region: str = DEFAULT_REGION) -> Iterator[bytes]:
    """The body of an object, piece by piece."""
    bucket, key = _split(uri)
    if not bucket or not key:
        raise ObjectError(f"{uri} names no object; say s3://bucket/key")
    with _client(url, region) as client:
        body = client.get_object(Bucket=bucket, Key=key)["Body"]
        with body:
            yield from body.iter_chunks(_PIECE)


def _split(uri: str) -> tuple[str, str]:
    if not uri.startswith(_SCHEME):
        raise ObjectError(f"{uri} is no address of S3; say s3://bucket/prefix")
    bucket, _, key = uri.removeprefix(_SCHEME).partition("/")
    return bucket, key


@contextmanager
def _client(url: str, region: str) -> Iterator[Any]:
    client = botocore.session.get_session().create_client(
        "s3",
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=NOBODY,
        aws_secret_access_key="local",  # noqa: S106  nobody verifies it
        config=Config(proxies={}, s3={"addressing_style": "path"}),
    )
    try:
        yield client
    except ClientError as error:
        raise ObjectError(error.response["Error"]["Message"]) from error
    finally:
        client.close()
