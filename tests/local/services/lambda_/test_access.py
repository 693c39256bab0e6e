from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from support.local_aws import Cloud, refused

Make = Callable[..., Any]
GRANT = {
    "FunctionName": "f",
    "StatementId": "sagemaker",
    "Action": "lambda:InvokeFunction",
    "Principal": "sagemaker.amazonaws.com",
}


def test_permissions_make_a_policy(cloud: Cloud, make: Make) -> None:
    arn = make(cloud)["FunctionArn"]
    client = cloud.client("lambda")
    client.add_permission(
        **GRANT,
        SourceAccount="000000000000",
        SourceArn="arn:aws:sagemaker:eu-west-1:000000000000:hub/h",
    )

    statement = json.loads(client.get_policy(FunctionName="f")["Policy"])["Statement"][0]
    assert statement["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert statement["Resource"] == arn
    assert statement["Condition"] == {
        "StringEquals": {"AWS:SourceAccount": "000000000000"},
        "ArnLike": {"AWS:SourceArn": "arn:aws:sagemaker:eu-west-1:000000000000:hub/h"},
    }


def test_an_account_is_a_principal(cloud: Cloud, make: Make) -> None:
    make(cloud)
    reply = cloud.client("lambda").add_permission(**GRANT | {"Principal": "123456789012"})

    principal = json.loads(reply["Statement"])["Principal"]
    assert principal == {"AWS": "arn:aws:iam::123456789012:root"}


def test_a_statement_id_can_be_used_once(cloud: Cloud, make: Make) -> None:
    make(cloud)
    client = cloud.client("lambda")
    client.add_permission(**GRANT)

    assert refused(client.add_permission, **GRANT) == ("ResourceConflictException", 409)


def test_a_permission_can_be_taken_back(cloud: Cloud, make: Make) -> None:
    make(cloud)
    client = cloud.client("lambda")
    client.add_permission(**GRANT)
    stale = client.get_policy(FunctionName="f")["RevisionId"]
    client.add_permission(**GRANT | {"StatementId": "other"}, RevisionId=stale)
    back = {"FunctionName": "f", "StatementId": "sagemaker"}

    assert refused(client.remove_permission, **back, RevisionId=stale)[1] == 412
    client.remove_permission(**back)
    client.remove_permission(FunctionName="f", StatementId="other")
    assert refused(client.get_policy, FunctionName="f") == ("ResourceNotFoundException", 404)
    assert refused(client.remove_permission, **back) == ("ResourceNotFoundException", 404)


def test_tags_can_be_changed(cloud: Cloud, make: Make) -> None:
    arn = make(cloud, Tags={"a": "1", "b": "2"})["FunctionArn"]
    client = cloud.client("lambda")
    client.tag_resource(Resource=arn, Tags={"b": "3", "c": "4"})
    client.untag_resource(Resource=arn, TagKeys=["a", "none"])

    assert client.list_tags(Resource=arn)["Tags"] == {"b": "3", "c": "4"}
    assert refused(client.list_tags, Resource=f"{arn}:1")[1] == 400
    assert refused(client.list_tags, Resource=f"{arn}x")[1] == 404
