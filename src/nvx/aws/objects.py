"""Objects in S3: their identity, reading, copying. Uploads are in `uploads`."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nvx.aws.call import Calls
from nvx.core.cloud import AlreadyExists, CloudError, NotFound, NotOurs, Rejected, SourceChanged
from nvx.core.digest import sha256_of
from nvx.core.ports import Source

META_STACK = "nvx-stack"
META_SHA256 = "nvx-sha256"
MANY = 1000
"""A prefix with more objects than this is no source."""

_URI = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(.*)", re.DOTALL)
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an object is, or the prefix of many."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def is_prefix(self) -> bool:
        """Whether it means everything below it."""
        return not self.key or self.key.endswith("/")

    @classmethod
    def parse(cls, uri: str) -> Place:
        """The place that an `s3://` URI names. Raises ValueError for anything else."""
        match = _URI.fullmatch(uri)
        if match is None:
            raise ValueError(f'"{uri}" is no S3 URI; write s3://bucket/key')
        return cls(match[1], match[2])


@dataclass(frozen=True, slots=True)
class Owner:
    """How nvx keeps objects of its own: whose bucket it has to be, for which stack, which key."""

    account: str
    stack: str
    kms_key: str = ""

    def put(self, place: Place, sha256: str) -> dict[str, Any]:
        """What every call that makes an object has in common."""
        marks = {META_STACK: self.stack} | ({META_SHA256: sha256} if sha256 else {})
        params: dict[str, Any] = {**self.at(place), "Metadata": marks}
        if self.kms_key:
            params |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.kms_key}
        return params

    def at(self, place: Place) -> dict[str, Any]:
        """Which object, in whose bucket."""
        where = {"Bucket": place.bucket, "Key": place.key}
        return {**where, "ExpectedBucketOwner": self.account} if self.account else where


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of an object without reading it. `sha256` is "" where nothing proves it."""

    etag: str
    size: int
    sha256: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def source(self) -> Source:
        """Its identity."""
        return Source(self.sha256, self.size, self.etag)


class Objects:
    """Calls about objects. Raises CloudError."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def head(self, place: Place) -> Head | None:
        """What is known of an object; None where there is none."""
        params = {"Bucket": place.bucket, "Key": place.key, "ChecksumMode": "ENABLED"}
        try:
            said = self._calls.call("s3", "HeadObject", params)
        except NotFound:
            return None
        metadata = {str(k).lower(): str(v) for k, v in (said.get("Metadata") or {}).items()}
        return Head(
            etag=str(said["ETag"]),
            size=int(said["ContentLength"]),
            sha256=_sha256(said, metadata),
            metadata=metadata,
        )

    def identity(self, place: Place) -> Source:
        """The identity of an object or prefix. Raises NotFound, and Rejected for too many objects."""
        if place.is_prefix:
            return self._identity_of_prefix(place)
        head = self.head(place)
        if head is None:
            raise NotFound(f"there is no object {place}", operation="s3.HeadObject")
        return head.source

    def listed(self, place: Place) -> Iterator[Mapping[str, Any]]:
        """The rows of the listing below a prefix, in order of key."""
        token: dict[str, str] = {}
        while True:
            params = {"Bucket": place.bucket, "Prefix": place.key, **token}
            reply = self._calls.call("s3", "ListObjectsV2", params)
            yield from reply.get("Contents") or ()
            if not reply.get("IsTruncated"):
                return
            token = {"ContinuationToken": reply["NextContinuationToken"]}

    def read(self, place: Place, limit: int = 8 * 1024**2) -> bytes | None:
        """The bytes of a small object, None where there is none. Raises Rejected above the limit."""
        try:
            said = self._calls.call(
                "s3", "GetObject", {"Bucket": place.bucket, "Key": place.key}
            )
        except NotFound:
            return None
        return _all_of(said["Body"], place, limit)

    def copy(self, source: Place, to: Place, planned: Mapping[str, Any], owner: Owner) -> None:
        """Copy an object to its content-addressed place, if it still is what was planned.

        `planned` is its identity by `Source.identity`. Raises SourceChanged, naming the object.
        """
        if self._holds(to, planned):
            return
        head = self.head(source)
        if head is None or head.source.identity != planned:
            raise changed(source)
        try:
            self._calls.call("s3", "CopyObject", _copying(source, to, head, owner))
        except (AlreadyExists, NotFound) as error:  # 412: the source's ETag is another one now
            raise changed(source) from error

    def delete(self, place: Place, owner: Owner) -> None:
        """Delete an object. Absence is success."""
        self._calls.call("s3", "DeleteObject", owner.at(place))

    def _holds(self, place: Place, planned: Mapping[str, Any]) -> bool:
        """Whether a content-addressed place is filled. Without a SHA-256 its size has to do."""
        head = self.head(place)
        if head is None:
            return False
        if "sha256" in planned:
            return bool(head.sha256 == planned["sha256"])
        return META_STACK in head.metadata and bool(head.size == planned["size"])

    def _identity_of_prefix(self, place: Place) -> Source:
        rows: list[Mapping[str, Any]] = []
        for row in self.listed(place):
            rows.append(row)
            if len(rows) > MANY:
                raise Rejected(f"{place} holds more than {MANY:,} objects")
        if not rows:
            raise NotFound(f"there is no object below {place}", operation="s3.ListObjectsV2")
        parts = [[row["Key"][len(place.key) :], self._part(place, row)] for row in rows]
        return Source(sha256_of(sorted(parts)), sum(int(row["Size"]) for row in rows))

    def _part(self, place: Place, row: Mapping[str, Any]) -> dict[str, Any]:
        """The identity of one object below a prefix; asked for only where a SHA-256 may be known."""
        if "SHA256" in (row.get("ChecksumAlgorithm") or ()):
            head = self.head(Place(place.bucket, row["Key"]))
            if head is not None:
                return dict(head.source.identity)
        return {"etag": row["ETag"], "size": row["Size"]}


def changed(source: object) -> SourceChanged:
    """The error for a source that is not what was planned."""
    return SourceChanged(
        f"{source} changed after it was planned; plan again", code="SourceChanged"
    )


def same_object(head: Head | None, sha256: str) -> bool:
    """Whether an object is there and holds these bytes."""
    return head is not None and head.sha256 == sha256


def taken(place: Place) -> NotOurs:
    """The error for a content-addressed place that holds something else."""
    return NotOurs(f"{place} exists and does not hold what its key says")


def checksum(sha256: str) -> str:
    """A SHA-256 in hex as S3 writes it."""
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def _copying(source: Place, to: Place, head: Head, owner: Owner) -> dict[str, Any]:
    return {
        **owner.put(to, head.sha256),
        "CopySource": f"{source.bucket}/{source.key}",
        "CopySourceIfMatch": head.etag,
        "MetadataDirective": "REPLACE",
        "ChecksumAlgorithm": "SHA256",
    }


def _sha256(said: Mapping[str, Any], metadata: Mapping[str, str]) -> str:
    """The proven SHA-256 of a whole object, else our own word for it; "" without either."""
    value = said.get("ChecksumSHA256")
    if value and said.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT":
        try:
            return base64.b64decode(value, validate=True).hex()
        except binascii.Error:
            return ""
    ours = metadata.get(META_SHA256, "")
    return ours if _HEX.fullmatch(ours) else ""


def _all_of(body: Any, place: Place, limit: int) -> bytes:
    from botocore.exceptions import BotoCoreError, HTTPClientError

    try:
        found = bytes(body.read(limit + 1))
    except (BotoCoreError, HTTPClientError, OSError) as error:
        raise CloudError(f"{place}: {error}", operation="s3.GetObject") from error
    finally:
        body.close()
    if len(found) > limit:
        raise Rejected(f"{place} is larger than {limit:,} bytes")
    return found
