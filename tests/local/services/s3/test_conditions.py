from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from support.local_aws import refused

WRITERS = 16
ROUNDS = 5


def put(s3: Any, key: str, body: bytes = b"", **conditions: str) -> str:
    return str(s3.put_object(Bucket="box", Key=key, Body=body, **conditions)["ETag"])


def test_a_write_can_insist_on_being_the_first(s3: Any) -> None:
    put(s3, "k", b"one", IfNoneMatch="*")

    assert refused(s3.put_object, Bucket="box", Key="k", Body=b"two", IfNoneMatch="*") == (
        "PreconditionFailed",
        412,
    )
    assert s3.head_object(Bucket="box", Key="k")["ContentLength"] == 3


def test_a_write_can_insist_on_the_object_it_knows(s3: Any) -> None:
    first = put(s3, "k", b"one")
    put(s3, "k", b"two", IfMatch=first)

    stale = {"Bucket": "box", "Key": "k", "Body": b"three", "IfMatch": first}
    assert refused(s3.put_object, **stale) == ("PreconditionFailed", 412)
    absent = stale | {"Key": "none"}
    assert refused(s3.put_object, **absent) == ("NoSuchKey", 404)


def test_other_conditions_are_not_implemented_on_aws_either(s3: Any) -> None:
    assert refused(s3.put_object, Bucket="box", Key="k", Body=b"", IfNoneMatch='"x"') == (
        "NotImplemented",
        501,
    )


def test_a_delete_can_insist_on_the_object_it_knows(s3: Any) -> None:
    etag = put(s3, "k", b"one")

    assert refused(s3.delete_object, Bucket="box", Key="k", IfMatch='"stale"')[1] == 412
    done = s3.delete_object(Bucket="box", Key="k", IfMatch=etag)
    assert done["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refused(s3.head_object, Bucket="box", Key="k") == ("404", 404)


def test_a_new_object_may_stand_over_a_delete_marker(s3: Any) -> None:
    s3.put_bucket_versioning(Bucket="box", VersioningConfiguration={"Status": "Enabled"})
    etag = put(s3, "k", b"one")
    s3.delete_object(Bucket="box", Key="k")

    stale = {"Bucket": "box", "Key": "k", "Body": b"", "IfMatch": etag}
    assert refused(s3.put_object, **stale) == ("NoSuchKey", 404)
    assert put(s3, "k", b"two", IfNoneMatch="*")


def _winners(s3: Any, key: str, **conditions: str) -> int:
    def write(number: int) -> bool:
        try:
            put(s3, key, f"writer {number}".encode(), **conditions)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "PreconditionFailed"  # noqa: PT017
            return False
        return True

    with ThreadPoolExecutor(WRITERS) as pool:
        return sum(pool.map(write, range(WRITERS)))


@pytest.mark.parametrize("number", range(ROUNDS))
def test_one_of_many_first_writers_wins(s3: Any, number: int) -> None:
    assert _winners(s3, f"lock-{number}", IfNoneMatch="*") == 1


@pytest.mark.parametrize("number", range(ROUNDS))
def test_one_of_many_knowing_writers_wins(s3: Any, number: int) -> None:
    etag = put(s3, f"state-{number}", b"start")

    assert _winners(s3, f"state-{number}", IfMatch=etag) == 1
