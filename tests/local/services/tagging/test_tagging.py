from __future__ import annotations

from typing import Any

import pytest

from nvx.local.services.tagging import resource_type
from support.local_aws import ACCOUNT, REGION, Cloud, refused, running

HUB = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:hub/h"
JOB = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/j"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
BUCKET = f"arn:aws:s3:::sagemaker-{REGION}-{ACCOUNT}"
TAGS = {
    HUB: {"team": "a"},
    JOB: {"team": "a", "stage": "dev"},
    FUNCTION: {"team": "b", "stage": "prod"},
    BUCKET: {"stage": "dev"},
}


@pytest.fixture
def tagging(cloud: Cloud) -> Any:
    """A client; one resource each of four types has tags."""
    client = cloud.client("resourcegroupstaggingapi")
    for arn, tags in TAGS.items():
        assert (
            client.tag_resources(ResourceARNList=[arn], Tags=tags)["FailedResourcesMap"] == {}
        )
    return client


def arns(reply: Any) -> list[str]:
    return [row["ResourceARN"] for row in reply["ResourceTagMappingList"]]


def test_every_tagged_resource_is_found_with_its_tags(tagging: Any) -> None:
    found = tagging.get_resources()

    assert arns(found) == sorted(TAGS)
    assert found["PaginationToken"] == ""
    job = next(row for row in found["ResourceTagMappingList"] if row["ResourceARN"] == JOB)
    assert job["Tags"] == [{"Key": "stage", "Value": "dev"}, {"Key": "team", "Value": "a"}]


@pytest.mark.parametrize(
    ("types", "wanted"),
    [
        (["sagemaker:training-job"], [JOB]),
        (["sagemaker"], [HUB, JOB]),
        (["lambda:function", "sagemaker:hub"], [FUNCTION, HUB]),
        (["s3"], [BUCKET]),
        (["s3:bucket"], [BUCKET]),
        (["ec2:instance"], []),
    ],
)
def test_resources_are_filtered_by_type(
    tagging: Any, types: list[str], wanted: list[str]
) -> None:
    assert arns(tagging.get_resources(ResourceTypeFilters=types)) == wanted


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ([{"Key": "team"}], [FUNCTION, HUB, JOB]),
        ([{"Key": "team", "Values": ["a"]}], [HUB, JOB]),
        ([{"Key": "team", "Values": ["a", "b"]}, {"Key": "stage"}], [FUNCTION, JOB]),
        ([{"Key": "team", "Values": ["none"]}], []),
    ],
)
def test_resources_are_filtered_by_tag(tagging: Any, filters: Any, wanted: list[str]) -> None:
    assert arns(tagging.get_resources(TagFilters=filters)) == wanted


def test_resources_come_in_pages(tagging: Any) -> None:
    pages = tagging.get_paginator("get_resources").paginate(PaginationConfig={"PageSize": 3})

    assert [len(arns(page)) for page in pages] == [3, 1]


def test_resources_can_be_named(tagging: Any) -> None:
    assert arns(tagging.get_resources(ResourceARNList=[JOB])) == [JOB]


@pytest.mark.parametrize(
    "params",
    [
        {"ResourceTypeFilters": ["not a type"]},
        {"PaginationToken": "nonsense"},
        {"ResourcesPerPage": 101},
        {"ResourceARNList": [JOB], "TagFilters": [{"Key": "team"}]},
    ],
)
def test_what_makes_no_sense_is_refused(tagging: Any, params: Any) -> None:
    assert refused(tagging.get_resources, **params)[0] == "InvalidParameterException"


def test_keys_and_values_in_use_are_told(tagging: Any) -> None:
    assert tagging.get_tag_keys()["TagKeys"] == ["stage", "team"]
    assert tagging.get_tag_values(Key="stage")["TagValues"] == ["dev", "prod"]


def test_untagged_resources_are_gone(tagging: Any) -> None:
    tagging.untag_resources(ResourceARNList=[JOB, HUB], TagKeys=["team"])

    assert arns(tagging.get_resources(TagFilters=[{"Key": "team"}])) == [FUNCTION]
    assert HUB not in arns(tagging.get_resources())


def test_strange_arns_are_told_and_the_others_tagged(tagging: Any) -> None:
    far = HUB.replace(REGION, "us-west-2")
    failed = tagging.tag_resources(ResourceARNList=["no arn at all", far, JOB], Tags={"n": "1"})

    assert sorted(failed["FailedResourcesMap"]) == [far, "no arn at all"]
    assert arns(tagging.get_resources(TagFilters=[{"Key": "n"}])) == [JOB]


def test_tags_of_a_service_are_seen_here(cloud: Cloud) -> None:
    bucket = BUCKET.rpartition(":")[2]
    tags = {"TagSet": [{"Key": "k", "Value": "v"}]}
    cloud.client("s3").put_bucket_tagging(Bucket=bucket, Tagging=tags)

    found = cloud.client("resourcegroupstaggingapi").get_resources()
    assert arns(found) == [BUCKET]
    elsewhere = cloud.client("resourcegroupstaggingapi", region="us-west-2")
    assert arns(elsewhere.get_resources()) == []


def test_new_tags_may_show_late() -> None:
    with running(list_lag=60.0) as cloud:
        client = cloud.client("resourcegroupstaggingapi")
        client.tag_resources(ResourceARNList=[JOB], Tags={"a": "1"})

        assert arns(client.get_resources()) == []
        cloud.server.advance(60)
        assert arns(client.get_resources()) == [JOB]


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        (JOB, "sagemaker:training-job"),
        (FUNCTION, "lambda:function"),
        (BUCKET, "s3:bucket"),
        (f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/x:*", "logs:log-group"),
        ("nonsense", ""),
    ],
)
def test_the_type_of_a_resource_is_in_its_arn(arn: str, name: str) -> None:
    assert resource_type(arn) == name
