"""What a client sees whose own success got lost: botocore sends again, the service says no."""

from __future__ import annotations

from typing import Any

import pytest

from support.local_aws import Cloud, refused

BODY = {"Bucket": "box", "Key": "k", "Body": b"mine"}


@pytest.fixture
def retrying(cloud: Cloud, s3: Any) -> Any:
    return cloud.client("s3", attempts=3)


def lose(cloud: Cloud, operation: str) -> None:
    cloud.server.faults.extend([{"op": operation, "do": "drop_after", "times": 1}])


def test_a_lock_that_was_taken_looks_taken_by_another(cloud: Cloud, retrying: Any) -> None:
    lose(cloud, "PutObject")

    assert refused(retrying.put_object, **BODY, IfNoneMatch="*") == ("PreconditionFailed", 412)
    assert retrying.get_object(Bucket="box", Key="k")["Body"].read() == b"mine"


def test_a_state_that_was_saved_looks_stale(cloud: Cloud, retrying: Any) -> None:
    etag = retrying.put_object(Bucket="box", Key="k", Body=b"old")["ETag"]
    lose(cloud, "PutObject")

    assert refused(retrying.put_object, **BODY, IfMatch=etag) == ("PreconditionFailed", 412)
    assert retrying.get_object(Bucket="box", Key="k")["Body"].read() == b"mine"


def test_an_upload_that_was_completed_looks_unknown(cloud: Cloud, retrying: Any) -> None:
    made = retrying.create_multipart_upload(Bucket="box", Key="k")
    upload = {"Bucket": "box", "Key": "k", "UploadId": made["UploadId"]}
    part = retrying.upload_part(**upload, PartNumber=1, Body=b"mine")
    lose(cloud, "CompleteMultipartUpload")

    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    assert refused(retrying.complete_multipart_upload, **upload, MultipartUpload=parts) == (
        "NoSuchUpload",
        404,
    )
    assert retrying.get_object(Bucket="box", Key="k")["Body"].read() == b"mine"


def test_a_plain_put_can_be_sent_twice(cloud: Cloud, retrying: Any) -> None:
    lose(cloud, "PutObject")

    assert retrying.put_object(**BODY)["ETag"]
    assert [call.effect for call in cloud.server.calls if call.operation == "PutObject"] == [
        "drop_after",
        "",
    ]


def test_a_refused_put_leaves_nothing(cloud: Cloud, retrying: Any) -> None:
    cloud.server.faults.extend(
        [{"op": "PutObject", "do": "error", "code": "SlowDown", "status": 503}]
    )

    assert refused(retrying.put_object, **BODY) == ("SlowDown", 503)
    assert refused(retrying.head_object, Bucket="box", Key="k") == ("404", 404)
