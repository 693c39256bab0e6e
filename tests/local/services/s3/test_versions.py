from __future__ import annotations

from typing import Any

import pytest

from support.local_aws import refused


@pytest.fixture
def versioned(s3: Any) -> Any:
    s3.put_bucket_versioning(Bucket="box", VersioningConfiguration={"Status": "Enabled"})
    return s3


def put(s3: Any, body: bytes) -> str:
    return str(s3.put_object(Bucket="box", Key="k", Body=body)["VersionId"])


def read(s3: Any, **options: str) -> bytes:
    data: bytes = s3.get_object(Bucket="box", Key="k", **options)["Body"].read()
    return data


def test_every_put_is_a_version(versioned: Any) -> None:
    first, second = put(versioned, b"one"), put(versioned, b"two")

    assert first != second
    assert read(versioned) == b"two"
    assert read(versioned, VersionId=first) == b"one"


def test_a_delete_puts_a_marker_on_top(versioned: Any) -> None:
    first = put(versioned, b"one")
    gone = versioned.delete_object(Bucket="box", Key="k")

    assert gone["DeleteMarker"] is True
    assert refused(versioned.get_object, Bucket="box", Key="k") == ("NoSuchKey", 404)
    assert read(versioned, VersionId=first) == b"one"
    marker = {"Bucket": "box", "Key": "k", "VersionId": gone["VersionId"]}
    assert refused(versioned.get_object, **marker) == ("MethodNotAllowed", 405)
    assert versioned.delete_object(**marker)["DeleteMarker"] is True
    assert read(versioned) == b"one"


def test_a_version_can_be_deleted_for_good(versioned: Any) -> None:
    first, second = put(versioned, b"one"), put(versioned, b"two")
    versioned.delete_object(Bucket="box", Key="k", VersionId=second)

    assert read(versioned) == b"one"
    gone = {"Bucket": "box", "Key": "k", "VersionId": second}
    assert refused(versioned.get_object, **gone) == ("NoSuchVersion", 404)
    versioned.delete_object(Bucket="box", Key="k", VersionId=first)
    assert refused(versioned.get_object, Bucket="box", Key="k") == ("NoSuchKey", 404)


def test_objects_older_than_versioning_have_the_null_version(s3: Any) -> None:
    s3.put_object(Bucket="box", Key="k", Body=b"old")
    s3.put_bucket_versioning(Bucket="box", VersioningConfiguration={"Status": "Enabled"})
    put(s3, b"new")

    assert read(s3, VersionId="null") == b"old"


def test_suspended_versioning_replaces_the_null_version_only(versioned: Any) -> None:
    kept = put(versioned, b"kept")
    versioned.put_bucket_versioning(
        Bucket="box", VersioningConfiguration={"Status": "Suspended"}
    )
    assert [put(versioned, b"one"), put(versioned, b"two")] == ["null", "null"]

    versions = versioned.list_object_versions(Bucket="box")["Versions"]
    assert [entry["VersionId"] for entry in versions] == ["null", kept]
    assert versioned.delete_object(Bucket="box", Key="k")["VersionId"] == "null"
    assert read(versioned, VersionId=kept) == b"kept"


def test_versions_and_markers_are_listed_newest_first(versioned: Any) -> None:
    first, second = put(versioned, b"one"), put(versioned, b"two")
    marker = versioned.delete_object(Bucket="box", Key="k")["VersionId"]
    found = versioned.list_object_versions(Bucket="box")

    assert [entry["VersionId"] for entry in found["Versions"]] == [second, first]
    assert [entry["IsLatest"] for entry in found["Versions"]] == [False, False]
    assert [entry["VersionId"] for entry in found["DeleteMarkers"]] == [marker]
    assert found["DeleteMarkers"][0]["IsLatest"] is True


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_versions_are_listed_in_pages(versioned: Any, size: int) -> None:
    wanted = []
    for key in ("a", "ab", "b/1", "c"):
        made = [
            versioned.put_object(Bucket="box", Key=key, Body=b"")["VersionId"] for _ in range(3)
        ]
        wanted += [(key, version) for version in reversed(made)]
    pages = versioned.get_paginator("list_object_versions").paginate(
        Bucket="box", PaginationConfig={"PageSize": size}
    )

    found = [(e["Key"], e["VersionId"]) for page in pages for e in page.get("Versions", [])]
    assert found == wanted


def test_a_version_can_be_copied_from(versioned: Any) -> None:
    first = put(versioned, b"one")
    put(versioned, b"two")
    source = {"Bucket": "box", "Key": "k", "VersionId": first}
    done = versioned.copy_object(Bucket="box", Key="k", CopySource=source)

    assert done["CopySourceVersionId"] == first
    assert read(versioned) == b"one"
