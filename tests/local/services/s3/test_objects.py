from __future__ import annotations

import urllib.request
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.local.context import AwsError
from nvx.local.services.s3.bodies import cut
from support.local_aws import refused


def read(reply: Any) -> bytes:
    with reply["Body"] as body:
        data: bytes = body.read()
    return data


def test_an_object_comes_back_as_it_was_put(s3: Any) -> None:
    s3.put_object(
        Bucket="box",
        Key="dir/ü +%?.txt",
        Body=b"hello",
        ContentType="text/plain",
        CacheControl="no-cache",
        Metadata={"Colour": "blue"},
        Tagging="a=1&b=x%20y",
    )

    found = s3.get_object(Bucket="box", Key="dir/ü +%?.txt")
    assert read(found) == b"hello"
    assert (found["ContentType"], found["CacheControl"]) == ("text/plain", "no-cache")
    assert found["Metadata"] == {"colour": "blue"}
    assert (found["ContentLength"], found["TagCount"]) == (5, 2)
    assert found["ETag"] == '"5d41402abc4b2a76b9719d911017c592"'
    assert "VersionId" not in found


def test_head_tells_what_get_tells(s3: Any) -> None:
    s3.put_object(Bucket="box", Key="k", Body=b"hello")
    head, got = s3.head_object(Bucket="box", Key="k"), s3.get_object(Bucket="box", Key="k")
    read(got)

    for name in ("ETag", "ContentLength", "LastModified", "ContentType", "Metadata"):
        assert head[name] == got[name]
    assert head["ContentType"] == "binary/octet-stream"


def test_a_key_that_is_not_there_is_refused(s3: Any) -> None:
    assert refused(s3.get_object, Bucket="box", Key="none") == ("NoSuchKey", 404)
    assert refused(s3.head_object, Bucket="box", Key="none") == ("404", 404)


def test_a_long_key_is_refused(s3: Any) -> None:
    assert refused(s3.put_object, Bucket="box", Key="k" * 1025, Body=b"")[1] == 400
    assert s3.put_object(Bucket="box", Key="k" * 1024, Body=b"")


@pytest.mark.parametrize(
    ("asked", "data", "shown"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=8-", b"89", "bytes 8-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=5-99", b"56789", "bytes 5-9/10"),
    ],
)
def test_a_range_is_cut_out(s3: Any, asked: str, data: bytes, shown: str) -> None:
    s3.put_object(Bucket="box", Key="k", Body=b"0123456789")

    found = s3.get_object(Bucket="box", Key="k", Range=asked)
    assert (read(found), found["ContentRange"]) == (data, shown)
    assert found["ResponseMetadata"]["HTTPStatusCode"] == 206


def test_a_range_behind_the_end_is_refused(s3: Any) -> None:
    s3.put_object(Bucket="box", Key="k", Body=b"0123456789")

    assert refused(s3.get_object, Bucket="box", Key="k", Range="bytes=10-") == (
        "InvalidRange",
        416,
    )


@given(data=st.binary(max_size=50), first=st.integers(0, 60), last=st.integers(0, 60))
def test_a_range_gives_what_a_slice_gives(data: bytes, first: int, last: int) -> None:
    try:
        window = cut(f"bytes={first}-{last}", len(data))
    except AwsError:
        assert first >= len(data)
        return
    start, stop = window or (0, len(data))
    assert data[start:stop] == (data[first : last + 1] if first <= last else data)


@given(st.text(max_size=20))
def test_any_range_header_gives_a_window_inside_or_a_refusal(header: str) -> None:
    try:
        window = cut(header, 10)
    except AwsError:
        return
    assert window is None or 0 <= window[0] < window[1] <= 10


def test_a_response_can_be_relabelled(s3: Any) -> None:
    s3.put_object(Bucket="box", Key="k", Body=b"{}")
    found = s3.head_object(Bucket="box", Key="k", ResponseContentType="application/json")

    assert found["ContentType"] == "application/json"


def test_a_presigned_url_needs_no_client(s3: Any) -> None:
    s3.put_object(Bucket="box", Key="a b", Body=b"hello")
    url = s3.generate_presigned_url("get_object", {"Bucket": "box", "Key": "a b"})

    with urllib.request.urlopen(url) as reply:  # noqa: S310  a URL of our own server
        assert reply.read() == b"hello"


def test_unchanged_objects_are_not_sent_again(s3: Any) -> None:
    etag = s3.put_object(Bucket="box", Key="k", Body=b"hello")["ETag"]
    later = s3.head_object(Bucket="box", Key="k")["LastModified"] + timedelta(hours=1)

    assert refused(s3.get_object, Bucket="box", Key="k", IfNoneMatch=etag) == ("304", 304)
    assert refused(s3.head_object, Bucket="box", Key="k", IfModifiedSince=later) == ("304", 304)
    assert read(s3.get_object(Bucket="box", Key="k", IfNoneMatch='"other"')) == b"hello"


def test_another_object_than_expected_is_not_sent(s3: Any) -> None:
    etag = s3.put_object(Bucket="box", Key="k", Body=b"hello")["ETag"]
    earlier = s3.head_object(Bucket="box", Key="k")["LastModified"] - timedelta(hours=1)

    assert refused(s3.get_object, Bucket="box", Key="k", IfMatch='"x"')[1] == 412
    assert refused(s3.head_object, Bucket="box", Key="k", IfUnmodifiedSince=earlier)[1] == 412
    assert read(s3.get_object(Bucket="box", Key="k", IfMatch=etag)) == b"hello"


def test_tags_of_an_object_are_replaced_as_a_whole(s3: Any) -> None:
    s3.put_object(Bucket="box", Key="k", Body=b"", Tagging="a=1")
    s3.put_object_tagging(
        Bucket="box", Key="k", Tagging={"TagSet": [{"Key": "b", "Value": "2"}]}
    )

    assert s3.get_object_tagging(Bucket="box", Key="k")["TagSet"] == [
        {"Key": "b", "Value": "2"}
    ]
    s3.delete_object_tagging(Bucket="box", Key="k")
    assert s3.get_object_tagging(Bucket="box", Key="k")["TagSet"] == []


@pytest.mark.parametrize("tagging", ["a=1&a=2", "&".join(f"t{n}=x" for n in range(11))])
def test_bad_tags_are_refused(s3: Any, tagging: str) -> None:
    assert refused(s3.put_object, Bucket="box", Key="k", Body=b"", Tagging=tagging)[1] == 400
    assert refused(s3.head_object, Bucket="box", Key="k") == ("404", 404)


def test_attributes_are_those_asked_for(s3: Any) -> None:
    s3.put_object(Bucket="box", Key="k", Body=b"hello", ChecksumAlgorithm="SHA256")
    found = s3.get_object_attributes(
        Bucket="box", Key="k", ObjectAttributes=["ETag", "Checksum", "ObjectSize"]
    )

    assert found["ETag"] == "5d41402abc4b2a76b9719d911017c592"
    assert (found["ObjectSize"], found["Checksum"]["ChecksumType"]) == (5, "FULL_OBJECT")
    assert "StorageClass" not in found
