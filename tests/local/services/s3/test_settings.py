from __future__ import annotations

import json
from typing import Any

import pytest

from support.local_aws import refused

BLOCK = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
RULE = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "x/"}, "Expiration": {"Days": 3}}
KMS = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"}}


def test_a_public_access_block_is_kept(s3: Any) -> None:
    new = s3.get_public_access_block(Bucket="box")["PublicAccessBlockConfiguration"]
    opened = BLOCK | {"BlockPublicPolicy": False}
    s3.put_public_access_block(Bucket="box", PublicAccessBlockConfiguration=opened)

    found = s3.get_public_access_block(Bucket="box")
    assert (new, found["PublicAccessBlockConfiguration"]) == (BLOCK, opened)
    s3.delete_public_access_block(Bucket="box")
    assert refused(s3.get_public_access_block, Bucket="box") == (
        "NoSuchPublicAccessBlockConfiguration",
        404,
    )


def test_a_lifecycle_is_kept(s3: Any) -> None:
    s3.put_bucket_lifecycle_configuration(
        Bucket="box", LifecycleConfiguration={"Rules": [RULE]}
    )

    assert s3.get_bucket_lifecycle_configuration(Bucket="box")["Rules"] == [RULE]
    s3.delete_bucket_lifecycle(Bucket="box")
    assert refused(s3.get_bucket_lifecycle_configuration, Bucket="box") == (
        "NoSuchLifecycleConfiguration",
        404,
    )


def test_every_bucket_is_encrypted(s3: Any) -> None:
    rules = s3.get_bucket_encryption(Bucket="box")["ServerSideEncryptionConfiguration"]["Rules"]

    assert rules[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_the_encryption_of_a_bucket_is_that_of_its_new_objects(s3: Any) -> None:
    s3.put_bucket_encryption(Bucket="box", ServerSideEncryptionConfiguration={"Rules": [KMS]})
    stored = s3.put_object(Bucket="box", Key="k", Body=b"")

    assert (stored["ServerSideEncryption"], stored["SSEKMSKeyId"]) == ("aws:kms", "k")
    s3.delete_bucket_encryption(Bucket="box")
    assert s3.put_object(Bucket="box", Key="k", Body=b"")["ServerSideEncryption"] == "AES256"


def test_tags_of_a_bucket_are_replaced_as_a_whole(s3: Any) -> None:
    assert refused(s3.get_bucket_tagging, Bucket="box") == ("NoSuchTagSet", 404)
    s3.put_bucket_tagging(Bucket="box", Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    s3.put_bucket_tagging(Bucket="box", Tagging={"TagSet": [{"Key": "b", "Value": "2"}]})

    assert s3.get_bucket_tagging(Bucket="box")["TagSet"] == [{"Key": "b", "Value": "2"}]
    s3.delete_bucket_tagging(Bucket="box")
    assert refused(s3.get_bucket_tagging, Bucket="box") == ("NoSuchTagSet", 404)


def test_a_policy_is_kept_as_it_was_written(s3: Any) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    s3.put_bucket_policy(Bucket="box", Policy=policy)

    assert s3.get_bucket_policy(Bucket="box")["Policy"] == policy
    s3.delete_bucket_policy(Bucket="box")
    assert refused(s3.get_bucket_policy, Bucket="box") == ("NoSuchBucketPolicy", 404)


@pytest.mark.parametrize("policy", ["no json", "[]", "3", ""])
def test_a_policy_that_is_none_is_refused(s3: Any, policy: str) -> None:
    assert refused(s3.put_bucket_policy, Bucket="box", Policy=policy)[1] == 400


def test_what_aws_answers_with_nothing_is_empty(s3: Any) -> None:
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket="box")
    assert "TopicConfigurations" not in s3.get_bucket_notification_configuration(Bucket="box")


def test_cors_and_ownership_are_kept(s3: Any) -> None:
    cors = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]
    s3.put_bucket_cors(Bucket="box", CORSConfiguration={"CORSRules": cors})
    owned = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    s3.put_bucket_ownership_controls(Bucket="box", OwnershipControls=owned)

    assert s3.get_bucket_cors(Bucket="box")["CORSRules"] == cors
    assert s3.get_bucket_ownership_controls(Bucket="box")["OwnershipControls"] == owned
