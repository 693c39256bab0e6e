from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from support.local_aws import Cloud, message_of, refused, running, zipped

Make = Callable[..., Any]
ECHO = """
import os
def handler(event, context):
    print("seen", event)
    left = context.get_remaining_time_in_millis()
    return {"event": event, "name": context.function_name, "left": 0 < left <= 30000,
            "environment": dict(os.environ)}
"""
FAILS = """
class Sad(Exception): pass
def handler(event, context):
    raise Sad("no luck")
"""

CLOSES = """
import sys
sys.stdout.close()
def handler(event, context):
    raise Exception("lone: \\ud800")
"""


def invoke(cloud: Cloud, payload: object = None, **more: Any) -> tuple[Any, Any]:
    """The reply and what its payload says."""
    body = json.dumps(payload if payload is not None else {}).encode()
    reply = cloud.client("lambda").invoke(**{"FunctionName": "f", "Payload": body} | more)
    data = reply["Payload"].read()
    return reply, json.loads(data) if data else None


def test_the_code_is_run(cloud: Cloud, make: Make) -> None:
    make(cloud, source=ECHO, Timeout=30, Environment={"Variables": {"MINE": "yes"}})
    reply, result = invoke(cloud, {"x": [1, "ü"]}, LogType="Tail")

    assert (reply["StatusCode"], reply["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in reply
    assert (result["event"], result["name"], result["left"]) == ({"x": [1, "ü"]}, "f", True)
    log = base64.b64decode(reply["LogResult"]).decode()
    assert log.startswith("START RequestId:")
    assert "seen {'x': [1, 'ü']}" in log


def test_the_code_sees_its_own_environment_only(
    cloud: Cloud, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOT_FOR_FUNCTIONS", "secret")
    make(cloud, source=ECHO, Timeout=30, Environment={"Variables": {"MINE": "yes"}})
    environment = invoke(cloud)[1]["environment"]

    assert "NOT_FOR_FUNCTIONS" not in environment
    assert environment["MINE"] == "yes"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "f"
    assert environment["AWS_ENDPOINT_URL"] == cloud.server.url


def test_an_error_of_the_code_is_told(cloud: Cloud, make: Make) -> None:
    make(cloud, source=FAILS, Timeout=30)
    reply, error = invoke(cloud)

    assert (reply["StatusCode"], reply["FunctionError"]) == (200, "Unhandled")
    assert (error["errorType"], error["errorMessage"]) == ("Sad", "no luck")
    assert 'raise Sad("no luck")' in error["stackTrace"][-1]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("import nothing_of_this_name", "Runtime.ImportModuleError"),
        ("def handler(:", "Runtime.UserCodeSyntaxError"),
        ("other = 1", "Runtime.HandlerNotFound"),
        ("handler = lambda e, c: {1, 2}", "Runtime.MarshalError"),
        ("import os\ndef handler(e, c): os._exit(3)", "Runtime.ExitError"),
        ("raise SystemExit(0)", "Runtime.ExitError"),
        ("raise KeyError('x')", "KeyError"),
        (CLOSES, "Exception"),
    ],
)
def test_every_way_to_fail_has_its_name(
    cloud: Cloud, make: Make, source: str, kind: str
) -> None:
    make(cloud, source=source, Timeout=30)
    reply, error = invoke(cloud)

    assert (reply["FunctionError"], error["errorType"]) == ("Unhandled", kind)


def test_time_runs_out(cloud: Cloud, make: Make) -> None:
    make(
        cloud,
        source="import time\ndef handler(e, c):\n print('on')\n time.sleep(60)",
        Timeout=1,
    )
    reply, error = invoke(cloud, LogType="Tail")

    assert error["errorType"] == "Sandbox.Timedout"
    assert error["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    assert "Task timed out after 1.00 seconds" in base64.b64decode(reply["LogResult"]).decode()


def test_log_lines_go_to_cloudwatch(cloud: Cloud, make: Make) -> None:
    make(cloud, source=ECHO, Timeout=30)
    invoke(cloud, {"x": 1})
    invoke(cloud, {"x": 2})

    found = cloud.client("logs").filter_log_events(
        logGroupName="/aws/lambda/f", filterPattern="seen"
    )
    assert [event["message"] for event in found["events"]] == ["seen {'x': 1}", "seen {'x': 2}"]


def test_the_code_may_call_the_server_that_runs_it(cloud: Cloud, make: Make) -> None:
    source = """
import os, urllib.request
def handler(event, context):
    with urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + "/_nvx/health") as reply:
        return reply.status
"""
    make(cloud, source=source, Timeout=30)

    assert invoke(cloud)[1] == 200


def test_an_event_is_accepted_and_a_dry_run_runs_nothing(cloud: Cloud, make: Make) -> None:
    make(cloud, source=ECHO, Timeout=30)
    dry, _ = invoke(cloud, InvocationType="DryRun")
    missing = refused(cloud.client("logs").describe_log_streams, logGroupName="/aws/lambda/f")
    later, nothing = invoke(cloud, InvocationType="Event")

    assert (dry["StatusCode"], later["StatusCode"], nothing) == (204, 202, None)
    assert missing[0] == "ResourceNotFoundException"
    assert cloud.client("logs").describe_log_streams(logGroupName="/aws/lambda/f")["logStreams"]


def test_bad_payloads_are_refused(cloud: Cloud, make: Make) -> None:
    make(cloud)
    client = cloud.client("lambda")
    large = b'"' + b"x" * 6_291_456 + b'"'

    assert refused(client.invoke, FunctionName="f", Payload=b"{nonsense") == (
        "InvalidRequestContentException",
        400,
    )
    assert refused(client.invoke, FunctionName="f", Payload=large) == (
        "RequestTooLargeException",
        413,
    )


def test_a_large_result_is_an_error(cloud: Cloud, make: Make) -> None:
    make(cloud, source="def handler(e, c): return 'x' * 7_000_000", Timeout=30)
    reply, error = invoke(cloud)

    assert (reply["FunctionError"], error["errorType"]) == (
        "Unhandled",
        "Function.ResponseSizeTooLarge",
    )


def test_a_zip_that_is_no_folder_is_told(cloud: Cloud, make: Make) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app", "a file")
        archive.writestr("app/handler.py", "and a folder")
    make(cloud, Code={"ZipFile": buffer.getvalue()})

    assert refused(cloud.client("lambda").invoke, FunctionName="f") == (
        "InvalidZipFileException",
        502,
    )


def test_a_version_runs_its_own_code(cloud: Cloud, make: Make) -> None:
    make(cloud, source="def handler(e, c): return 'old'", Timeout=30, Publish=True)
    code = zipped(app="def handler(e, c): return c.function_version")
    cloud.client("lambda").update_function_code(FunctionName="f", ZipFile=code)

    assert invoke(cloud, Qualifier="1")[1] == "old"
    assert invoke(cloud)[1] == "$LATEST"


def test_only_python_is_run(cloud: Cloud, make: Make) -> None:
    make(cloud, Runtime="nodejs22.x")

    assert "python" in message_of(cloud.client("lambda").invoke, FunctionName="f")


def test_running_code_can_be_switched_off(make: Make) -> None:
    with running(run_lambda=False, speed=1e9) as cloud:
        make(cloud)

        assert refused(cloud.client("lambda").invoke, FunctionName="f") == (
            "NotImplementedByLocalAws",
            501,
        )
