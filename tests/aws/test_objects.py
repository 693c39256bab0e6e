"""S3 objects against the local AWS: identity, copying, reading, uploads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import nvx.aws.uploads
from nvx.aws.objects import Head, Objects, Owner, Place
from nvx.aws.session import Aws, AwsSettings
from nvx.aws.uploads import Upload, Uploads
from nvx.core.cloud import NotFound, NotOurs, Rejected, SourceChanged, Uncertain
from nvx.local.server import LocalAws
from support.clock import FakeClock

OWNER = Owner("000000000000", "demo")
DATA = b"one\ntwo\n"
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with LocalAws() as server:
        settings = AwsSettings(
            region="us-east-1", endpoint_url=server.url, local=True, attempts=1
        )
        door = Aws(settings, FakeClock())
        yield door
        door.close()


@pytest.fixture
def bucket(aws: Aws, request: pytest.FixtureRequest) -> str:
    name = "b-" + hashlib.sha256(request.node.name.encode()).hexdigest()[:12]
    aws.call("s3", "CreateBucket", {"Bucket": name})
    return name


def _put(aws: Aws, place: Place, data: bytes, **params: Any) -> None:
    aws.call(
        "s3", "PutObject", {"Bucket": place.bucket, "Key": place.key, "Body": data, **params}
    )


class Counting:
    """A call port that passes everything on, and remembers what."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.operations: list[str] = []
        self.fail_after: dict[str, Exception] = {}

    def call(
        self, service: str, operation: str, params: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        self.operations.append(operation)
        reply = self.aws.call(service, operation, params)
        if operation in self.fail_after:
            raise self.fail_after[operation]
        return reply


@pytest.mark.parametrize(
    ("uri", "bucket", "key"),
    [
        ("s3://abc/k", "abc", "k"),
        ("s3://abc/", "abc", ""),
        ("s3://abc/a/b c/", "abc", "a/b c/"),
    ],
)
def test_uri_is_a_place(uri: str, bucket: str, key: str) -> None:
    place = Place.parse(uri)
    assert (place.bucket, place.key, str(place)) == (bucket, key, uri)


@pytest.mark.parametrize(
    "text", ["", "s3://", "s3://a/k", "s3://UPPER/k", "https://abc/k", "s3://abc"]
)
def test_other_text_is_no_place(text: str) -> None:
    with pytest.raises(ValueError, match="no S3 URI"):
        Place.parse(text)


def test_upload_is_sent_once_and_marked(aws: Aws, bucket: str, tmp_path: Path) -> None:
    file = tmp_path / "rows"
    file.write_bytes(DATA)
    calls = Counting(aws)
    upload = Upload(file, Place(bucket, "k"), SHA, OWNER)
    sent: list[tuple[int, int]] = []
    Uploads(calls).send(upload, lambda done, size: sent.append((done, size)))
    Uploads(calls).send(upload)
    assert calls.operations == ["HeadObject", "PutObject", "HeadObject"]
    assert sent == [(len(DATA), len(DATA))]
    head = Objects(aws).head(upload.to)
    assert head is not None
    assert (head.sha256, head.size) == (SHA, len(DATA))
    assert head.metadata == {"nvx-stack": "demo", "nvx-sha256": SHA}


def test_upload_of_other_bytes_than_planned_is_refused(
    aws: Aws, bucket: str, tmp_path: Path
) -> None:
    file = tmp_path / "rows"
    file.write_bytes(b"changed since")
    with pytest.raises(SourceChanged):
        Uploads(aws).send(Upload(file, Place(bucket, "k"), SHA, OWNER))
    assert Objects(aws).head(Place(bucket, "k")) is None


def test_upload_never_replaces_something_else(aws: Aws, bucket: str, tmp_path: Path) -> None:
    file = tmp_path / "rows"
    file.write_bytes(DATA)
    _put(aws, Place(bucket, "k"), b"foreign")
    with pytest.raises(NotOurs):
        Uploads(aws).send(Upload(file, Place(bucket, "k"), SHA, OWNER))
    assert Objects(aws).read(Place(bucket, "k")) == b"foreign"


def test_upload_whose_reply_is_lost_is_found(aws: Aws, bucket: str, tmp_path: Path) -> None:
    file = tmp_path / "rows"
    file.write_bytes(DATA)
    calls = Counting(aws)
    calls.fail_after = {"PutObject": Uncertain("cut")}
    Uploads(calls).send(Upload(file, Place(bucket, "k"), SHA, OWNER))
    assert calls.operations == ["HeadObject", "PutObject", "HeadObject"]


def test_upload_without_a_file(aws: Aws, bucket: str, tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="No such file"):
        Uploads(aws).send(Upload(tmp_path / "none", Place(bucket, "k"), SHA, OWNER))


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> bytes:
    size = 5 * 1024**2  # the smallest part that S3 takes
    monkeypatch.setattr(nvx.aws.uploads, "MULTIPART_ABOVE", size)
    monkeypatch.setattr(nvx.aws.uploads, "PART", size)
    return b"x" * size + b"tail"


def test_large_file_goes_in_parts(
    aws: Aws, bucket: str, tmp_path: Path, small_parts: bytes
) -> None:
    file = tmp_path / "rows"
    file.write_bytes(small_parts)
    sha = hashlib.sha256(small_parts).hexdigest()
    upload, sent = Upload(file, Place(bucket, "k"), sha, OWNER), []
    calls = Counting(aws)
    Uploads(calls).send(upload, lambda done, _: sent.append(done))
    Uploads(calls).send(upload)
    assert calls.operations.count("UploadPart") == 2
    assert calls.operations.count("CompleteMultipartUpload") == 1
    assert sent == [len(small_parts) - 4, len(small_parts)]
    head = Objects(aws).head(upload.to)
    assert head is not None
    assert (head.sha256, head.size) == (sha, len(small_parts))


def test_large_file_that_changed_leaves_nothing(
    aws: Aws, bucket: str, tmp_path: Path, small_parts: bytes
) -> None:
    file = tmp_path / "rows"
    file.write_bytes(small_parts)
    with pytest.raises(SourceChanged):
        Uploads(aws).send(Upload(file, Place(bucket, "k"), SHA, OWNER))
    assert Objects(aws).head(Place(bucket, "k")) is None
    open_uploads = aws.call("s3", "ListMultipartUploads", {"Bucket": bucket})
    assert not open_uploads.get("Uploads")


def test_identity_is_the_proven_hash_else_etag_and_size(aws: Aws, bucket: str) -> None:
    hashed, plain = Place(bucket, "hashed"), Place(bucket, "plain")
    _put(aws, hashed, DATA, ChecksumAlgorithm="SHA256")
    _put(aws, plain, DATA)
    assert Objects(aws).identity(hashed).identity == {"sha256": SHA}
    identity = Objects(aws).identity(plain).identity
    etag = hashlib.md5(DATA, usedforsecurity=False).hexdigest()
    assert identity == {"etag": f'"{etag}"', "size": len(DATA)}


def test_identity_of_what_is_not_there(aws: Aws, bucket: str) -> None:
    for key in ("none", "none/"):
        with pytest.raises(NotFound):
            Objects(aws).identity(Place(bucket, key))


def test_identity_of_a_prefix_is_that_of_its_names_and_bytes(aws: Aws, bucket: str) -> None:
    objects = Objects(aws)
    for folder in ("a/", "b/"):
        _put(aws, Place(bucket, folder + "one"), DATA, ChecksumAlgorithm="SHA256")
        _put(aws, Place(bucket, folder + "two"), b"2")
    first = objects.identity(Place(bucket, "a/"))
    assert first.identity == objects.identity(Place(bucket, "b/")).identity
    assert first.size == len(DATA) + 1
    _put(aws, Place(bucket, "b/two"), b"3")
    assert first.identity != objects.identity(Place(bucket, "b/")).identity


def test_copy_goes_once_and_keeps_the_hash(aws: Aws, bucket: str) -> None:
    source, to = Place(bucket, "in/r ö?w.jsonl"), Place(bucket, "out")
    _put(aws, source, DATA, ChecksumAlgorithm="SHA256")
    calls = Counting(aws)
    Objects(calls).copy(source, to, {"sha256": SHA}, OWNER)
    Objects(calls).copy(source, to, {"sha256": SHA}, OWNER)
    assert calls.operations.count("CopyObject") == 1
    head = Objects(aws).head(to)
    assert head is not None
    assert (head.sha256, head.metadata["nvx-stack"]) == (SHA, "demo")


def test_copy_of_a_replaced_object_is_refused(aws: Aws, bucket: str) -> None:
    source = Place(bucket, "in")
    _put(aws, source, b"new", ChecksumAlgorithm="SHA256")
    with pytest.raises(SourceChanged, match=str(source)):
        Objects(aws).copy(source, Place(bucket, "out"), {"sha256": SHA}, OWNER)
    with pytest.raises(SourceChanged):
        Objects(aws).copy(Place(bucket, "no"), Place(bucket, "out"), {"sha256": SHA}, OWNER)


def test_reading_has_a_limit(aws: Aws, bucket: str) -> None:
    _put(aws, Place(bucket, "k"), DATA)
    objects = Objects(aws)
    assert objects.read(Place(bucket, "k")) == DATA
    assert objects.read(Place(bucket, "none")) is None
    with pytest.raises(Rejected, match="larger than 3 bytes"):
        objects.read(Place(bucket, "k"), limit=3)


def test_delete_may_be_repeated(aws: Aws, bucket: str) -> None:
    _put(aws, Place(bucket, "k"), DATA)
    objects = Objects(aws)
    objects.delete(Place(bucket, "k"), OWNER)
    objects.delete(Place(bucket, "k"), OWNER)
    assert objects.head(Place(bucket, "k")) is None


def test_listing_follows_its_pages(aws: Aws, bucket: str) -> None:
    for number in range(5):
        _put(aws, Place(bucket, f"p/{number}"), b"")

    class TwoAtATime:
        def call(self, service: str, operation: str, params: Mapping[str, Any]) -> Any:
            return aws.call(service, operation, {**params, "MaxKeys": 2})

    rows = list(Objects(TwoAtATime()).listed(Place(bucket, "p/")))
    assert [row["Key"] for row in rows] == [f"p/{number}" for number in range(5)]


def test_key_of_kms_is_asked_for() -> None:
    put = Owner("000000000000", "demo", "arn:key").put(Place("abc", "k"), "")
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == ("aws:kms", "arn:key")
    assert put["Metadata"] == {"nvx-stack": "demo"}


def test_head_is_a_source() -> None:
    assert Head("e", 3).source.identity == {"etag": "e", "size": 3}
