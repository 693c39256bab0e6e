from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from support.local_aws import refused

SOURCE = {"Bucket": "box", "Key": "a b+ü"}


@pytest.fixture
def etag(s3: Any) -> str:
    stored = s3.put_object(
        **SOURCE, Body=b"hello", Metadata={"m": "1"}, Tagging="t=1", ContentType="text/plain"
    )
    return str(stored["ETag"])


def test_a_copy_is_the_same_object(s3: Any, etag: str) -> None:
    done = s3.copy_object(Bucket="box", Key="copy", CopySource=SOURCE)

    found = s3.head_object(Bucket="box", Key="copy", ChecksumMode="ENABLED")
    assert done["CopyObjectResult"]["ETag"] == found["ETag"] == etag
    assert (found["Metadata"], found["TagCount"]) == ({"m": "1"}, 1)
    assert found["ContentType"] == "text/plain"
    assert found["ChecksumType"] == "FULL_OBJECT"


def test_a_copy_can_replace_metadata_and_tags(s3: Any, etag: str) -> None:
    s3.copy_object(
        Bucket="box",
        Key="copy",
        CopySource=SOURCE,
        MetadataDirective="REPLACE",
        Metadata={"n": "2"},
        TaggingDirective="REPLACE",
        Tagging="u=2",
    )

    found = s3.head_object(Bucket="box", Key="copy")
    assert (found["Metadata"], found["ContentType"]) == ({"n": "2"}, "binary/octet-stream")
    tags = s3.get_object_tagging(Bucket="box", Key="copy")["TagSet"]
    assert tags == [{"Key": "u", "Value": "2"}]
    assert found["ETag"] == etag


def test_a_copy_can_have_another_checksum(s3: Any, etag: str) -> None:
    done = s3.copy_object(
        Bucket="box", Key="copy", CopySource=SOURCE, ChecksumAlgorithm="SHA256"
    )

    assert done["CopyObjectResult"]["ChecksumSHA256"]
    assert done["CopyObjectResult"]["ETag"] == etag


def test_conditions_on_the_source_are_checked(s3: Any, etag: str) -> None:
    copy = {"Bucket": "box", "Key": "copy", "CopySource": SOURCE}
    earlier = s3.head_object(**SOURCE)["LastModified"] - timedelta(hours=1)

    for condition in (
        {"CopySourceIfMatch": '"stale"'},
        {"CopySourceIfNoneMatch": etag},
        {"CopySourceIfUnmodifiedSince": earlier},
    ):
        assert refused(s3.copy_object, **copy, **condition) == ("PreconditionFailed", 412)
    assert s3.copy_object(**copy, CopySourceIfMatch=etag)


def test_conditions_on_the_target_are_checked(s3: Any, etag: str) -> None:
    copy = {"Bucket": "box", "Key": "copy", "CopySource": SOURCE}
    s3.copy_object(**copy, IfNoneMatch="*")

    assert refused(s3.copy_object, **copy, IfNoneMatch="*") == ("PreconditionFailed", 412)


def test_a_source_that_is_not_there_is_refused(s3: Any) -> None:
    copy = {"Bucket": "box", "Key": "copy"}

    assert refused(s3.copy_object, **copy, CopySource="box/none") == ("NoSuchKey", 404)
    assert refused(s3.copy_object, **copy, CopySource="none/none") == ("NoSuchBucket", 404)
    assert refused(s3.copy_object, **copy, CopySource="nonsense") == ("InvalidArgument", 400)


def test_a_copy_onto_itself_must_change_something(s3: Any, etag: str) -> None:
    copy = SOURCE | {"CopySource": SOURCE}

    assert refused(s3.copy_object, **copy) == ("InvalidRequest", 400)
    assert (
        s3.copy_object(**copy, MetadataDirective="REPLACE")["CopyObjectResult"]["ETag"] == etag
    )


def test_a_copy_of_many_parts_is_one_piece(s3: Any) -> None:
    data = b"x" * (5 * 1024**2)
    upload = s3.create_multipart_upload(Bucket="box", Key="big")["UploadId"]
    part = s3.upload_part(Bucket="box", Key="big", UploadId=upload, PartNumber=1, Body=data)
    s3.complete_multipart_upload(
        Bucket="box",
        Key="big",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    done = s3.copy_object(Bucket="box", Key="copy", CopySource={"Bucket": "box", "Key": "big"})

    whole = hashlib.md5(data, usedforsecurity=False).hexdigest()
    assert done["CopyObjectResult"]["ETag"] == f'"{whole}"'
