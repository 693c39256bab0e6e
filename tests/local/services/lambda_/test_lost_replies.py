"""What a client sees whose own success got lost: botocore sends again, the service says no."""

from __future__ import annotations

from typing import Any

from support.local_aws import ROLE, Cloud, refused, zipped

FUNCTION = {
    "FunctionName": "f",
    "Runtime": "python3.12",
    "Handler": "app.handler",
    "Role": ROLE,
    "Code": {"ZipFile": zipped(app="x = 1")},
}


def lose(cloud: Cloud, operation: str) -> None:
    cloud.server.faults.extend([{"op": operation, "do": "drop_after", "times": 1}])


def test_a_function_that_was_created_looks_taken(cloud: Cloud) -> None:
    client: Any = cloud.client("lambda", attempts=3)
    lose(cloud, "CreateFunction")

    assert refused(client.create_function, **FUNCTION) == ("ResourceConflictException", 409)
    assert client.get_function(FunctionName="f")["Configuration"]["Handler"] == "app.handler"


def test_an_update_that_was_made_looks_stale(cloud: Cloud) -> None:
    client: Any = cloud.client("lambda", attempts=3)
    known = client.create_function(**FUNCTION)["RevisionId"]
    lose(cloud, "UpdateFunctionConfiguration")

    update = {"FunctionName": "f", "RevisionId": known, "Timeout": 9}
    assert refused(client.update_function_configuration, **update) == (
        "PreconditionFailedException",
        412,
    )
    assert client.get_function_configuration(FunctionName="f")["Timeout"] == 9
