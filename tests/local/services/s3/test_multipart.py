from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest

from nvx.local.services.s3 import checksums
from support.local_aws import refused

MIB = 1024**2
FIRST = b"a" * (5 * MIB)
LAST = b"the end"


def md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def begin(s3: Any, **options: Any) -> dict[str, str]:
    made = s3.create_multipart_upload(Bucket="box", Key="k", **options)
    return {"Bucket": "box", "Key": "k", "UploadId": made["UploadId"]}


def fill(
    s3: Any, upload: dict[str, str], *bodies: bytes, **options: str
) -> list[dict[str, Any]]:
    """Upload the bodies as parts 1, 2…; what complete wants to know of them."""
    parts = []
    for number, body in enumerate(bodies, start=1):
        part = s3.upload_part(**upload, PartNumber=number, Body=body, **options)
        sums = {name: part[name] for name in part if name.startswith("Checksum")}
        parts.append({"PartNumber": number, "ETag": part["ETag"], **sums})
    return parts


def complete(
    s3: Any, upload: dict[str, str], parts: list[dict[str, Any]], **options: Any
) -> Any:
    return s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}, **options)


def test_parts_become_an_object(s3: Any) -> None:
    upload = begin(s3, ContentType="text/plain", Metadata={"a": "b"})
    done = complete(s3, upload, fill(s3, upload, FIRST, LAST))

    etag = f'"{hashlib.md5(md5(FIRST) + md5(LAST), usedforsecurity=False).hexdigest()}-2"'
    found = s3.get_object(Bucket="box", Key="k")
    assert found["ETag"] == done["ETag"] == etag
    assert found["Body"].read() == FIRST + LAST
    assert (found["ContentType"], found["Metadata"]) == ("text/plain", {"a": "b"})
    assert refused(s3.list_parts, **upload) == ("NoSuchUpload", 404)


def test_a_range_may_span_parts(s3: Any) -> None:
    upload = begin(s3)
    complete(s3, upload, fill(s3, upload, FIRST, LAST))
    at = len(FIRST) - 2

    found = s3.get_object(Bucket="box", Key="k", Range=f"bytes={at}-{at + 4}")
    assert found["Body"].read() == b"aathe"


def test_a_part_can_be_read_by_its_number(s3: Any) -> None:
    upload = begin(s3)
    complete(s3, upload, fill(s3, upload, FIRST, LAST))

    found = s3.get_object(Bucket="box", Key="k", PartNumber=2)
    assert (found["Body"].read(), found["PartsCount"]) == (LAST, 2)
    assert refused(s3.get_object, Bucket="box", Key="k", PartNumber=3)[1] == 416


def test_parts_and_uploads_are_listed_until_the_upload_is_given_up(s3: Any) -> None:
    upload = begin(s3)
    fill(s3, upload, b"1", b"22", b"333")

    page = s3.list_parts(**upload, MaxParts=2)
    assert [part["Size"] for part in page["Parts"]] == [1, 2]
    assert (page["IsTruncated"], page["NextPartNumberMarker"]) == (True, 2)
    rest = s3.list_parts(**upload, PartNumberMarker=2)
    assert [part["PartNumber"] for part in rest["Parts"]] == [3]
    assert [u["UploadId"] for u in s3.list_multipart_uploads(Bucket="box")["Uploads"]] == [
        upload["UploadId"]
    ]
    s3.abort_multipart_upload(**upload)
    assert refused(s3.abort_multipart_upload, **upload) == ("NoSuchUpload", 404)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="box")


def test_uploads_are_listed_in_pages(s3: Any) -> None:
    wanted = [begin(s3)["UploadId"] for _ in range(5)]
    pages = s3.get_paginator("list_multipart_uploads").paginate(
        Bucket="box", PaginationConfig={"PageSize": 2}
    )

    assert [u["UploadId"] for page in pages for u in page["Uploads"]] == wanted


def test_a_part_put_again_replaces_the_first(s3: Any) -> None:
    upload = begin(s3)
    fill(s3, upload, b"old")
    complete(s3, upload, fill(s3, upload, b"new"))

    assert s3.get_object(Bucket="box", Key="k")["Body"].read() == b"new"


def test_a_small_inner_part_is_refused(s3: Any) -> None:
    upload = begin(s3)
    parts = fill(s3, upload, b"small", LAST)

    wanted = {**upload, "MultipartUpload": {"Parts": parts}}
    assert refused(s3.complete_multipart_upload, **wanted) == ("EntityTooSmall", 400)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda parts: parts[::-1], "InvalidPartOrder"),
        (lambda parts: [parts[0] | {"ETag": '"0"'}], "InvalidPart"),
        (lambda parts: [*parts, parts[1] | {"PartNumber": 3}], "InvalidPart"),
        (lambda parts: [], "MalformedXML"),
    ],
)
def test_a_list_of_other_parts_is_refused(s3: Any, change: Any, code: str) -> None:
    upload = begin(s3)
    parts = change(fill(s3, upload, FIRST, LAST))

    wanted = {**upload, "MultipartUpload": {"Parts": parts}}
    assert refused(s3.complete_multipart_upload, **wanted) == (code, 400)
    assert refused(s3.head_object, Bucket="box", Key="k") == ("404", 404)


def test_completing_can_insist_on_being_the_first(s3: Any) -> None:
    upload = begin(s3)
    parts = fill(s3, upload, LAST)
    s3.put_object(Bucket="box", Key="k", Body=b"there")

    wanted = {**upload, "MultipartUpload": {"Parts": parts}, "IfNoneMatch": "*"}
    assert refused(s3.complete_multipart_upload, **wanted) == ("PreconditionFailed", 412)
    s3.delete_object(Bucket="box", Key="k")
    assert s3.complete_multipart_upload(**wanted)["Key"] == "k"


def test_a_whole_checksum_is_made_of_those_of_the_parts(s3: Any) -> None:
    upload = begin(s3, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    parts = fill(s3, upload, FIRST, LAST, ChecksumAlgorithm="CRC32")
    whole = checksums.start("CRC32")
    whole.update(FIRST + LAST)
    expected = checksums.text(whole.digest())

    done = complete(s3, upload, parts, ChecksumType="FULL_OBJECT", ChecksumCRC32=expected)
    assert (done["ChecksumCRC32"], done["ChecksumType"]) == (expected, "FULL_OBJECT")


def test_a_composite_checksum_counts_its_parts(s3: Any) -> None:
    upload = begin(s3, ChecksumAlgorithm="SHA256")
    parts = fill(s3, upload, FIRST, LAST, ChecksumAlgorithm="SHA256")
    done = complete(s3, upload, parts)

    sums = hashlib.sha256(FIRST).digest() + hashlib.sha256(LAST).digest()
    assert done["ChecksumSHA256"] == f"{checksums.text(hashlib.sha256(sums).digest())}-2"
    assert done["ChecksumType"] == "COMPOSITE"
    attributes = s3.get_object_attributes(
        Bucket="box", Key="k", ObjectAttributes=["ObjectParts", "Checksum"]
    )
    assert [part["Size"] for part in attributes["ObjectParts"]["Parts"]] == [5 * MIB, 7]


def test_a_wrong_checksum_or_size_of_the_whole_is_refused(s3: Any) -> None:
    upload = begin(s3, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    parts = fill(s3, upload, LAST, ChecksumAlgorithm="CRC32")
    wanted = {**upload, "MultipartUpload": {"Parts": parts}}

    assert refused(s3.complete_multipart_upload, **wanted, ChecksumCRC32="AAAAAA==") == (
        "BadDigest",
        400,
    )
    assert refused(s3.complete_multipart_upload, **wanted, MpuObjectSize=1)[1] == 400
    assert refused(s3.complete_multipart_upload, **wanted, ChecksumType="COMPOSITE") == (
        "BadDigest",
        400,
    )
    assert complete(s3, upload, parts, MpuObjectSize=len(LAST))


def test_a_pair_of_algorithm_and_type_that_does_not_exist_is_refused(s3: Any) -> None:
    wanted = {"Bucket": "box", "Key": "k", "ChecksumType": "FULL_OBJECT"}

    assert refused(s3.create_multipart_upload, **wanted, ChecksumAlgorithm="SHA256") == (
        "InvalidRequest",
        400,
    )


def test_parts_can_be_copied(s3: Any) -> None:
    s3.put_object(Bucket="box", Key="source", Body=FIRST + LAST)
    upload = begin(s3)
    source = {"CopySource": {"Bucket": "box", "Key": "source"}}
    one = s3.upload_part_copy(
        **upload, **source, PartNumber=1, CopySourceRange=f"bytes=0-{len(FIRST) - 1}"
    )
    two = s3.upload_part_copy(
        **upload, **source, PartNumber=2, CopySourceRange=f"bytes={len(FIRST)}-{len(FIRST) + 6}"
    )
    parts = [
        {"PartNumber": number, "ETag": part["CopyPartResult"]["ETag"]}
        for number, part in ((1, one), (2, two))
    ]
    complete(s3, upload, parts)

    assert s3.get_object(Bucket="box", Key="k")["Body"].read() == FIRST + LAST


def test_the_transfer_manager_moves_twenty_megabytes_both_ways(s3: Any) -> None:
    data = bytes(range(256)) * (20 * MIB // 256)
    back = io.BytesIO()
    s3.upload_fileobj(io.BytesIO(data), "box", "big")
    s3.download_fileobj("box", "big", back)

    assert hashlib.sha256(back.getvalue()).digest() == hashlib.sha256(data).digest()
    assert s3.head_object(Bucket="box", Key="big")["ETag"].endswith('-3"')
