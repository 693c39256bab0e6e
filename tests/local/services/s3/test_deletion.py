from __future__ import annotations

from typing import Any

from support.local_aws import refused


def test_deleting_what_is_not_there_is_no_error(s3: Any) -> None:
    done = s3.delete_object(Bucket="box", Key="none")

    assert done["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert "DeleteMarker" not in done


def test_many_objects_are_deleted_at_once(s3: Any) -> None:
    for key in ("a", "b", "c"):
        s3.put_object(Bucket="box", Key=key, Body=b"")
    done = s3.delete_objects(
        Bucket="box", Delete={"Objects": [{"Key": "a"}, {"Key": "b"}, {"Key": "none"}]}
    )

    assert [entry["Key"] for entry in done["Deleted"]] == ["a", "b", "none"]
    assert [row["Key"] for row in s3.list_objects_v2(Bucket="box")["Contents"]] == ["c"]


def test_a_quiet_delete_names_only_what_it_could_not_do(s3: Any) -> None:
    s3.put_object(Bucket="box", Key="a", Body=b"")
    wanted = [{"Key": "a", "ETag": '"stale"'}, {"Key": "b"}]
    done = s3.delete_objects(Bucket="box", Delete={"Objects": wanted, "Quiet": True})

    assert "Deleted" not in done
    assert [(entry["Key"], entry["Code"]) for entry in done["Errors"]] == [
        ("a", "PreconditionFailed")
    ]


def test_too_many_objects_at_once_are_refused(s3: Any) -> None:
    wanted = [{"Key": str(number)} for number in range(1001)]

    assert refused(s3.delete_objects, Bucket="box", Delete={"Objects": wanted})[1] == 400


def test_markers_are_told(s3: Any) -> None:
    s3.put_bucket_versioning(Bucket="box", VersioningConfiguration={"Status": "Enabled"})
    done = s3.delete_objects(Bucket="box", Delete={"Objects": [{"Key": "a"}]})

    assert done["Deleted"][0]["DeleteMarker"] is True
    assert done["Deleted"][0]["DeleteMarkerVersionId"]
