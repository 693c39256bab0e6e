from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from support.local_aws import REGION, Cloud, message_of, refused, zipped

Make = Callable[..., Any]
OTHER = zipped(app="y = 2")
ARN = f"arn:aws:lambda:{REGION}:000000000000:function:f"


def test_new_code_has_a_new_hash_and_revision(cloud: Cloud, make: Make) -> None:
    made = make(cloud)
    done = cloud.client("lambda").update_function_code(FunctionName="f", ZipFile=OTHER)

    assert done["CodeSha256"] != made["CodeSha256"]
    assert done["RevisionId"] != made["RevisionId"]
    shown = cloud.client("lambda").get_function_configuration(FunctionName="f")
    assert (shown["CodeSha256"], shown["CodeSize"]) == (done["CodeSha256"], len(OTHER))


def test_a_dry_run_changes_nothing(cloud: Cloud, make: Make) -> None:
    made = make(cloud)
    client = cloud.client("lambda")
    done = client.update_function_code(FunctionName="f", ZipFile=OTHER, DryRun=True)

    assert done["CodeSha256"] != made["CodeSha256"]
    shown = client.get_function_configuration(FunctionName="f")
    assert (shown["CodeSha256"], shown["RevisionId"]) == (
        made["CodeSha256"],
        made["RevisionId"],
    )


def test_a_stale_revision_is_refused(cloud: Cloud, make: Make) -> None:
    stale = {"FunctionName": "f", "RevisionId": make(cloud)["RevisionId"]}
    client = cloud.client("lambda")
    client.update_function_configuration(**stale, Description="new")

    assert refused(client.update_function_code, **stale, ZipFile=OTHER) == (
        "PreconditionFailedException",
        412,
    )
    assert refused(client.update_function_configuration, **stale, Timeout=9)[1] == 412


def test_one_change_at_a_time(slow: Cloud, make: Make) -> None:
    make(slow)
    client = slow.client("lambda")
    pending = message_of(client.update_function_code, FunctionName="f", ZipFile=OTHER)
    slow.server.advance(60)
    first = client.update_function_code(FunctionName="f", ZipFile=OTHER)

    assert "currently in the following state: Pending" in pending
    assert (first["State"], first["LastUpdateStatus"]) == ("Active", "InProgress")
    assert message_of(client.update_function_configuration, FunctionName="f", Timeout=9) == (
        "The operation cannot be performed at this time. "
        f"An update is in progress for resource: {ARN}"
    )
    assert refused(client.publish_version, FunctionName="f") == (
        "ResourceConflictException",
        409,
    )
    slow.server.advance(60)
    assert client.update_function_configuration(FunctionName="f", Timeout=9)["Timeout"] == 9


def test_a_configuration_change_leaves_the_rest(cloud: Cloud, make: Make) -> None:
    make(cloud, Description="kept", Environment={"Variables": {"AB": "1"}})
    client = cloud.client("lambda")
    done = client.update_function_configuration(FunctionName="f", MemorySize=256)

    assert (done["MemorySize"], done["Description"]) == (256, "kept")
    assert done["Environment"]["Variables"] == {"AB": "1"}
    emptied = client.update_function_configuration(
        FunctionName="f", Environment={"Variables": {}}
    )
    assert emptied["Environment"]["Variables"] == {}


@pytest.mark.parametrize(
    "change", [{"Runtime": "python3.7"}, {"Role": "arn:aws:iam::000000000000:role/x"}]
)
def test_a_bad_configuration_is_refused(cloud: Cloud, make: Make, change: Any) -> None:
    make(cloud)
    client = cloud.client("lambda")

    assert refused(client.update_function_configuration, FunctionName="f", **change) == (
        "InvalidParameterValueException",
        400,
    )


def test_bad_code_leaves_the_old_code(cloud: Cloud, make: Make) -> None:
    made = make(cloud)
    client = cloud.client("lambda")

    assert refused(client.update_function_code, FunctionName="f", ZipFile=b"no zip")[1] == 400
    shown = client.get_function_configuration(FunctionName="f")
    assert shown["CodeSha256"] == made["CodeSha256"]
