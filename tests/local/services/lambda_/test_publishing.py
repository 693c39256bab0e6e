from __future__ import annotations

from collections.abc import Callable
from typing import Any

from support.local_aws import Cloud, refused, zipped

Make = Callable[..., Any]


def test_a_published_version_stays_as_it_is(cloud: Cloud, make: Make) -> None:
    made = make(cloud)
    client = cloud.client("lambda")
    first = client.publish_version(FunctionName="f", Description="first")
    client.update_function_code(FunctionName="f", ZipFile=zipped(app="y = 2"))

    kept = client.get_function_configuration(FunctionName="f", Qualifier="1")
    assert (first["Version"], kept["CodeSha256"]) == ("1", made["CodeSha256"])
    assert kept["FunctionArn"].endswith(":function:f:1")
    assert kept["Description"] == "first"


def test_the_same_state_is_published_once(cloud: Cloud, make: Make) -> None:
    make(cloud)
    client = cloud.client("lambda")

    assert client.publish_version(FunctionName="f")["Version"] == "1"
    assert client.publish_version(FunctionName="f")["Version"] == "1"
    updated = client.update_function_code(
        FunctionName="f", ZipFile=zipped(app="y = 2"), Publish=True
    )
    assert updated["Version"] == "2"
    versions = client.list_versions_by_function(FunctionName="f")["Versions"]
    assert [row["Version"] for row in versions] == ["$LATEST", "1", "2"]


def test_publishing_can_insist_on_the_code(cloud: Cloud, make: Make) -> None:
    made = make(cloud)
    client = cloud.client("lambda")

    assert refused(client.publish_version, FunctionName="f", CodeSha256="other")[1] == 400
    assert client.publish_version(FunctionName="f", CodeSha256=made["CodeSha256"])


def test_an_alias_points_to_a_version(cloud: Cloud, make: Make) -> None:
    made = make(cloud, Publish=True)
    client = cloud.client("lambda")
    alias = client.create_alias(FunctionName="f", Name="live", FunctionVersion="1")

    assert made["Version"] == "1"
    assert client.get_alias(FunctionName="f", Name="live")["AliasArn"] == alias["AliasArn"]
    found = client.get_function(FunctionName="f:live")["Configuration"]
    assert (found["Version"], found["FunctionArn"]) == ("1", alias["AliasArn"])
    assert refused(client.delete_function, FunctionName="f", Qualifier="1")[1] == 409


def test_an_alias_can_be_moved_and_dropped(cloud: Cloud, make: Make) -> None:
    make(cloud, Publish=True)
    client = cloud.client("lambda")
    alias = {"FunctionName": "f", "Name": "live"}
    made = client.create_alias(**alias, FunctionVersion="1")
    moved = client.update_alias(
        **alias, FunctionVersion="$LATEST", RevisionId=made["RevisionId"]
    )

    assert moved["FunctionVersion"] == "$LATEST"
    assert refused(client.update_alias, **alias, RevisionId=made["RevisionId"])[1] == 412
    listed = client.list_aliases(FunctionName="f")["Aliases"]
    assert [row["Name"] for row in listed] == ["live"]
    client.delete_alias(**alias)
    assert refused(client.get_alias, **alias) == ("ResourceNotFoundException", 404)


def test_what_an_alias_names_must_be_there(cloud: Cloud, make: Make) -> None:
    make(cloud)
    client = cloud.client("lambda")
    wanted = {"FunctionName": "f", "Name": "live"}

    assert refused(client.create_alias, **wanted, FunctionVersion="7")[1] == 404
    client.create_alias(**wanted, FunctionVersion="$LATEST")
    assert refused(client.create_alias, **wanted, FunctionVersion="$LATEST")[1] == 409
    assert refused(client.get_function, FunctionName="f", Qualifier="9")[1] == 404


def test_a_version_can_be_deleted(cloud: Cloud, make: Make) -> None:
    make(cloud, Publish=True)
    client = cloud.client("lambda")
    client.delete_function(FunctionName="f", Qualifier="1")

    assert refused(client.get_function, FunctionName="f", Qualifier="1")[1] == 404
    assert refused(client.delete_function, FunctionName="f", Qualifier="$LATEST")[1] == 400
    assert client.get_function(FunctionName="f")
