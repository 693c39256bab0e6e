from __future__ import annotations

from typing import Any

import pytest

from support.local_aws import refused


def test_the_owner_may_do_anything_and_nobody_else(s3: Any) -> None:
    s3.put_object(Bucket="box", Key="k")
    for found in (s3.get_bucket_acl(Bucket="box"), s3.get_object_acl(Bucket="box", Key="k")):
        (grant,) = found["Grants"]
        assert grant["Permission"] == "FULL_CONTROL"
        assert grant["Grantee"]["ID"] == found["Owner"]["ID"]
        assert grant["Grantee"]["Type"] == "CanonicalUser"


def test_a_list_of_nothing_is_refused(s3: Any) -> None:
    assert refused(s3.get_bucket_acl, Bucket="nowhere") == ("NoSuchBucket", 404)
    assert refused(s3.get_object_acl, Bucket="box", Key="k") == ("NoSuchKey", 404)


def test_lists_cannot_be_changed(s3: Any) -> None:
    s3.put_object(Bucket="box", Key="k")
    off = ("AccessControlListNotSupported", 400)
    assert refused(s3.put_bucket_acl, Bucket="box", ACL="public-read") == off
    assert refused(s3.put_object_acl, Bucket="box", Key="k", ACL="private") == off
    on = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket="box", OwnershipControls=on)
    missing = ("NotImplementedByLocalAws", 501)
    assert refused(s3.put_bucket_acl, Bucket="box", ACL="public-read") == missing


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("get_bucket_replication", "ReplicationConfigurationNotFoundError"),
        ("get_bucket_website", "NoSuchWebsiteConfiguration"),
        ("get_object_lock_configuration", "ObjectLockConfigurationNotFoundError"),
    ],
)
def test_what_no_bucket_has_is_told_as_never_set(s3: Any, method: str, code: str) -> None:
    assert refused(getattr(s3, method), Bucket="box") == (code, 404)
    assert refused(getattr(s3, method), Bucket="nowhere") == ("NoSuchBucket", 404)


def test_the_owner_pays_for_slow_transfers(s3: Any) -> None:
    assert s3.get_bucket_request_payment(Bucket="box")["Payer"] == "BucketOwner"
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket="box")
