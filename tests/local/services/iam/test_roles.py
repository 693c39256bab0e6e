from __future__ import annotations

import json
from typing import Any

import pytest

from support.local_aws import ROLE, Cloud, refused

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})
AWS_POLICY = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"


@pytest.fixture
def iam(cloud: Cloud) -> Any:
    return cloud.client("iam")


@pytest.fixture
def role(iam: Any) -> str:
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    return "r"


def test_an_account_finds_a_role_that_everything_trusts(iam: Any) -> None:
    found = iam.get_role(RoleName="nvx-local-execution")["Role"]

    trusted = found["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"]
    assert found["Arn"] == ROLE
    assert trusted == [
        "sagemaker.amazonaws.com",
        "lambda.amazonaws.com",
        "bedrock.amazonaws.com",
    ]


def test_a_role_comes_back_as_it_was_created(iam: Any) -> None:
    made = iam.create_role(
        RoleName="r",
        Path="/team/",
        AssumeRolePolicyDocument=TRUST,
        Description="mine",
        MaxSessionDuration=7200,
        Tags=[{"Key": "a", "Value": "1"}],
    )["Role"]
    found = iam.get_role(RoleName="r")["Role"]

    assert found["Arn"] == made["Arn"] == "arn:aws:iam::000000000000:role/team/r"
    assert found["AssumeRolePolicyDocument"] == json.loads(TRUST)
    assert (found["Description"], found["MaxSessionDuration"]) == ("mine", 7200)
    assert found["Tags"] == [{"Key": "a", "Value": "1"}]


def test_names_are_unique_and_must_be_there(iam: Any, role: str) -> None:
    again = {"RoleName": role, "AssumeRolePolicyDocument": TRUST}

    assert refused(iam.create_role, **again) == ("EntityAlreadyExists", 409)
    assert refused(iam.get_role, RoleName="none") == ("NoSuchEntity", 404)
    assert refused(iam.delete_role, RoleName="none") == ("NoSuchEntity", 404)


@pytest.mark.parametrize("document", ["nonsense", "[]", "{}", "[" * 2000])
def test_a_trust_that_is_no_policy_is_refused(iam: Any, document: str) -> None:
    assert refused(iam.create_role, RoleName="x", AssumeRolePolicyDocument=document) == (
        "MalformedPolicyDocument",
        400,
    )


def test_roles_are_listed_below_a_path(iam: Any) -> None:
    for name, path in (("b", "/x/"), ("a", "/x/"), ("c", "/y/")):
        iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=TRUST)
    pages = iam.get_paginator("list_roles").paginate(
        PathPrefix="/x/", PaginationConfig={"PageSize": 1}
    )

    assert [[row["RoleName"] for row in page["Roles"]] for page in pages] == [["a"], ["b"]]


def test_a_role_can_be_changed(iam: Any, role: str) -> None:
    iam.update_role(RoleName=role, Description="new", MaxSessionDuration=3600)
    other = TRUST.replace("sagemaker", "lambda")
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=other)
    iam.tag_role(RoleName=role, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    iam.untag_role(RoleName=role, TagKeys=["a"])

    found = iam.get_role(RoleName=role)["Role"]
    assert found["Description"] == "new"
    assert found["AssumeRolePolicyDocument"] == json.loads(other)
    assert iam.list_role_tags(RoleName=role)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_inline_policies_come_back(iam: Any, role: str) -> None:
    policy = {"RoleName": role, "PolicyName": "p"}
    iam.put_role_policy(**policy, PolicyDocument=POLICY)

    assert iam.get_role_policy(**policy)["PolicyDocument"] == json.loads(POLICY)
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == ["p"]
    iam.delete_role_policy(**policy)
    assert refused(iam.get_role_policy, **policy) == ("NoSuchEntity", 404)
    assert refused(iam.put_role_policy, **policy, PolicyDocument="x")[0] == (
        "MalformedPolicyDocument"
    )


def test_policies_of_aws_can_be_attached(iam: Any, role: str) -> None:
    iam.attach_role_policy(RoleName=role, PolicyArn=AWS_POLICY)
    iam.attach_role_policy(RoleName=role, PolicyArn=AWS_POLICY)

    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == [
        {"PolicyName": "AmazonSageMakerFullAccess", "PolicyArn": AWS_POLICY}
    ]
    iam.detach_role_policy(RoleName=role, PolicyArn=AWS_POLICY)
    assert refused(iam.detach_role_policy, RoleName=role, PolicyArn=AWS_POLICY)[1] == 404


def test_policies_of_the_account_must_be_there(iam: Any, role: str) -> None:
    made = iam.create_policy(PolicyName="p", PolicyDocument=POLICY, Description="d")["Policy"]
    iam.attach_role_policy(RoleName=role, PolicyArn=made["Arn"])

    assert iam.get_policy(PolicyArn=made["Arn"])["Policy"]["AttachmentCount"] == 1
    version = iam.get_policy_version(PolicyArn=made["Arn"], VersionId="v1")["PolicyVersion"]
    assert version["Document"] == json.loads(POLICY)
    assert refused(iam.create_policy, PolicyName="p", PolicyDocument=POLICY)[1] == 409
    assert refused(iam.delete_policy, PolicyArn=made["Arn"]) == ("DeleteConflict", 409)
    assert refused(iam.attach_role_policy, RoleName=role, PolicyArn=f"{made['Arn']}x") == (
        "NoSuchEntity",
        404,
    )
    iam.detach_role_policy(RoleName=role, PolicyArn=made["Arn"])
    iam.delete_policy(PolicyArn=made["Arn"])
    assert refused(iam.get_policy, PolicyArn=made["Arn"]) == ("NoSuchEntity", 404)


def test_a_role_with_policies_stays(iam: Any, role: str) -> None:
    iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=POLICY)
    iam.attach_role_policy(RoleName=role, PolicyArn=AWS_POLICY)

    assert refused(iam.delete_role, RoleName=role) == ("DeleteConflict", 409)
    iam.detach_role_policy(RoleName=role, PolicyArn=AWS_POLICY)
    assert refused(iam.delete_role, RoleName=role) == ("DeleteConflict", 409)
    iam.delete_role_policy(RoleName=role, PolicyName="p")
    assert iam.list_instance_profiles_for_role(RoleName=role)["InstanceProfiles"] == []
    iam.delete_role(RoleName=role)
    assert refused(iam.get_role, RoleName=role) == ("NoSuchEntity", 404)


def test_the_simulator_allows_everything_and_says_why(iam: Any) -> None:
    found = iam.simulate_principal_policy(
        PolicySourceArn=ROLE, ActionNames=["s3:GetObject", "s3:PutObject"]
    )["EvaluationResults"]

    assert [row["EvalDecision"] for row in found] == ["allowed", "allowed"]
    note = found[0]["MatchedStatements"][0]["SourcePolicyId"]
    assert note == "nvx-local-evaluates-no-policies"
    absent = ROLE.replace("nvx-local-execution", "none")
    assert refused(
        iam.simulate_principal_policy, PolicySourceArn=absent, ActionNames=["s3:GetObject"]
    ) == ("NoSuchEntity", 404)


def test_accounts_do_not_share_roles(cloud: Cloud, role: str) -> None:
    stranger = cloud.client("iam", account="123456789012")

    assert refused(stranger.get_role, RoleName=role) == ("NoSuchEntity", 404)
