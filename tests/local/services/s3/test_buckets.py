from __future__ import annotations

from typing import Any

import pytest

from support.local_aws import REGION, Cloud, message_of, refused

OTHER = "123456789012"


def test_an_account_finds_the_bucket_that_sagemaker_assumes(cloud: Cloud) -> None:
    buckets = cloud.client("s3").list_buckets()["Buckets"]

    assert [bucket["Name"] for bucket in buckets] == [f"sagemaker-{REGION}-000000000000"]


def test_a_created_bucket_can_be_found(s3: Any) -> None:
    assert s3.head_bucket(Bucket="box")["BucketRegion"] == REGION
    assert s3.get_bucket_location(Bucket="box")["LocationConstraint"] == REGION
    assert [b["Name"] for b in s3.list_buckets(Prefix="bo")["Buckets"]] == ["box"]


def test_a_bucket_of_us_east_1_has_no_location(cloud: Cloud) -> None:
    s3 = cloud.client("s3", region="us-east-1")
    s3.create_bucket(Bucket="home")

    assert s3.get_bucket_location(Bucket="home").get("LocationConstraint") is None


def test_a_bucket_that_is_not_there_is_refused(s3: Any) -> None:
    assert refused(s3.get_object, Bucket="none", Key="k") == ("NoSuchBucket", 404)
    assert refused(s3.list_objects_v2, Bucket="none") == ("NoSuchBucket", 404)
    assert refused(s3.head_bucket, Bucket="none") == ("404", 404)


def test_the_name_of_a_bucket_is_taken_for_everybody(cloud: Cloud, s3: Any) -> None:
    there = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
    stranger = cloud.client("s3", account=OTHER)

    assert refused(s3.create_bucket, Bucket="box", **there) == ("BucketAlreadyOwnedByYou", 409)
    assert refused(stranger.create_bucket, Bucket="box", **there) == (
        "BucketAlreadyExists",
        409,
    )


def test_us_east_1_lets_the_owner_create_a_bucket_again(cloud: Cloud) -> None:
    s3 = cloud.client("s3", region="us-east-1")
    s3.create_bucket(Bucket="home")

    assert s3.create_bucket(Bucket="home")["Location"] == "/home"


def test_a_region_takes_only_its_own_location(cloud: Cloud) -> None:
    s3 = cloud.client("s3")
    elsewhere = {"LocationConstraint": "us-west-2"}

    assert refused(s3.create_bucket, Bucket="plain") == (
        "IllegalLocationConstraintException",
        400,
    )
    assert refused(s3.create_bucket, Bucket="far", CreateBucketConfiguration=elsewhere) == (
        "IllegalLocationConstraintException",
        400,
    )


@pytest.mark.parametrize(
    "name", ["Box", "a..b", "192.168.5.4", "xn--abc", "under_score", "-box"]
)
def test_a_bad_name_is_refused(cloud: Cloud, name: str) -> None:
    s3 = cloud.client("s3", region="us-east-1")

    assert refused(s3.create_bucket, Bucket=name) == ("InvalidBucketName", 400)


def test_a_bucket_of_another_account_is_denied(cloud: Cloud, s3: Any) -> None:
    s3.put_object(Bucket="box", Key="k", Body=b"secret")
    stranger = cloud.client("s3", account=OTHER)

    assert refused(stranger.get_object, Bucket="box", Key="k") == ("AccessDenied", 403)
    assert refused(stranger.head_bucket, Bucket="box") == ("403", 403)


def test_the_expected_owner_is_checked(s3: Any) -> None:
    assert refused(s3.head_bucket, Bucket="box", ExpectedBucketOwner=OTHER) == ("403", 403)
    assert refused(
        s3.put_object, Bucket="box", Key="k", Body=b"", ExpectedBucketOwner=OTHER
    ) == ("AccessDenied", 403)
    assert s3.head_bucket(Bucket="box", ExpectedBucketOwner="000000000000")


def test_botocore_follows_to_the_region_of_the_bucket(cloud: Cloud, s3: Any) -> None:
    s3.put_object(Bucket="box", Key="k", Body=b"far")
    far = cloud.client("s3", region="us-west-2")

    assert far.get_object(Bucket="box", Key="k")["Body"].read() == b"far"
    first = next(call for call in cloud.server.calls if call.region == "us-west-2")
    assert (first.status, first.code) == (301, "PermanentRedirect")


def test_only_an_empty_bucket_can_be_deleted(s3: Any) -> None:
    s3.put_object(Bucket="box", Key="k", Body=b"")

    assert refused(s3.delete_bucket, Bucket="box") == ("BucketNotEmpty", 409)
    s3.delete_object(Bucket="box", Key="k")
    s3.delete_bucket(Bucket="box")
    assert refused(s3.head_bucket, Bucket="box") == ("404", 404)


def test_old_versions_keep_a_bucket_from_being_deleted(s3: Any) -> None:
    enabled = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket="box", VersioningConfiguration=enabled)
    s3.put_object(Bucket="box", Key="k", Body=b"")
    s3.delete_object(Bucket="box", Key="k")

    assert "all versions" in message_of(s3.delete_bucket, Bucket="box")


def test_versioning_is_off_until_it_is_set(s3: Any) -> None:
    assert "Status" not in s3.get_bucket_versioning(Bucket="box")
    s3.put_bucket_versioning(Bucket="box", VersioningConfiguration={"Status": "Suspended"})
    assert s3.get_bucket_versioning(Bucket="box")["Status"] == "Suspended"
