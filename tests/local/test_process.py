from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError

from nvx.local.__main__ import main
from nvx.local.client import Control, ControlError
from nvx.local.folder import is_locked
from nvx.local.process import (
    ProcessError,
    Start,
    Status,
    control,
    environment,
    run,
    start_detached,
    status,
    stop,
)
from support.local_clients import client, no_retries


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Status]:
    found = start_detached(tmp_path / "aws")
    yield found
    stop(found.directory)


def kill(server: Status) -> None:
    """SIGKILL, and wait until the kernel let go of the folder."""
    os.kill(server.pid, signal.SIGKILL)
    while is_locked(server.directory):
        pass


def test_a_detached_server_is_found_and_stopped(running: Status) -> None:
    directory = running.directory
    assert status(directory) == running
    assert start_detached(directory) == running
    assert stop(directory)
    assert status(directory) is None
    assert not stop(directory)
    with pytest.raises(ProcessError, match="No local AWS runs"):
        control(directory)


def test_a_killed_server_lost_nothing_it_had_answered(running: Status) -> None:
    with client(running.url, "sagemaker") as sagemaker, client(running.url, "s3") as s3:
        s3.create_bucket(Bucket="lake")
        s3.put_object(Bucket="lake", Key="k", Body=b"data")
        for number in range(20):
            sagemaker.create_model_package_group(ModelPackageGroupName=f"g{number}")
        kill(running)
    assert status(running.directory) is None
    again = start_detached(running.directory)
    with client(again.url, "sagemaker") as sagemaker, client(again.url, "s3") as s3:
        found = sagemaker.list_model_package_groups(MaxResults=100)
        names = {
            group["ModelPackageGroupName"] for group in found["ModelPackageGroupSummaryList"]
        }
        assert names == {f"g{number}" for number in range(20)}
        assert s3.get_object(Bucket="lake", Key="k")["Body"].read() == b"data"
    calls = control(again.directory).get("calls")
    assert [call["index"] for call in calls] == list(range(1, 25))


def test_what_was_done_when_the_server_is_killed_with_the_reply_held_is_there(
    running: Status,
) -> None:
    api = control(running.directory)
    api.post("faults", {"rule": "op=CreateModelPackageGroup do=hang_after"})
    with client(running.url, "sagemaker", config=no_retries()) as sagemaker:
        caught: list[BaseException] = []

        def create() -> None:
            try:
                sagemaker.create_model_package_group(ModelPackageGroupName="g")
            except (ConnectionClosedError, EndpointConnectionError) as error:
                caught.append(error)

        thread = threading.Thread(target=create)
        thread.start()
        while not api.get("calls"):
            pass
        kill(running)
        thread.join()
        assert len(caught) == 1
    again = start_detached(running.directory)
    with client(again.url, "sagemaker") as sagemaker:
        sagemaker.describe_model_package_group(ModelPackageGroupName="g")
    first = control(again.directory).get("calls")[0]
    assert (first["operation"], first["effect"]) == ("CreateModelPackageGroup", "hang_after")


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "format").write_text('{"format": 99}')
    with pytest.raises(ProcessError, match="was written by a newer nvx"):
        start_detached(tmp_path)


def test_a_command_runs_against_a_server_of_its_own_and_its_exit_code_is_kept() -> None:
    code = (
        "import os, sys, urllib.request as u; "
        "sys.exit(u.urlopen(os.environ['AWS_ENDPOINT_URL'] + '/_nvx/health').status - 197)"
    )
    assert run([sys.executable, "-c", code]) == 3
    with pytest.raises(FileNotFoundError):
        run(["/no/such/command"], Start(settings={"speed": 1000}, faults=["do=drop"]))


def test_the_environment_points_to_the_server_and_away_from_accounts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://elsewhere.example")
    monkeypatch.setenv("NO_PROXY", "intern.example")
    variables = environment("http://127.0.0.1:1", account="123456789012", region="eu-west-1")
    assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert variables["AWS_ACCESS_KEY_ID"] == "123456789012"
    assert variables["NO_PROXY"] == "intern.example,127.0.0.1,localhost"
    unset = {name for name, value in variables.items() if value is None}
    assert {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"} <= unset


def test_a_control_call_to_nobody_is_an_error() -> None:
    with pytest.raises(ControlError, match="does not answer"):
        Control("http://127.0.0.1:1").get("health")


def test_the_commands_start_tell_and_stop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--dir", str(tmp_path)]
    assert main(["status", *where]) == 1
    assert main(["env", *where]) == 1
    start = ["start", *where, "--detach", "--settings", '{"speed": 6000}', "--fault", "do=drop"]
    assert main(start) == 0
    assert main(["start", *where]) == 0
    assert main(["status", *where]) == 0
    assert main(["env", *where]) == 0
    assert control(tmp_path).get("config")["speed"] == 6000
    assert main(["stop", *where]) == 0
    assert main(["stop", *where]) == 0
    told = capsys.readouterr()
    url = told.out.splitlines()[1]
    assert told.out.splitlines()[2] == url
    assert f"export AWS_ENDPOINT_URL={url}" in told.out
    assert told.out.endswith("stopped\nnot running\n")
    assert "No local AWS runs" in told.err


@pytest.mark.parametrize(
    "wrong", [["--settings", '{"speed": 0}'], ["--settings", '{"x": 1}'], ["--fault", "do=x"]]
)
def test_a_wrong_setting_is_told_and_nothing_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: list[str]
) -> None:
    assert main(["start", "--dir", str(tmp_path), *wrong]) == 1
    assert capsys.readouterr().err.startswith("error: ")
    assert status(tmp_path) is None


def test_a_server_in_the_foreground_stops_at_a_signal(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nvx.local", "start", "--memory"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"http://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_server_whose_token_is_lost_is_stopped_by_its_process(running: Status) -> None:
    (running.directory / "token").unlink()
    assert stop(running.directory)
    assert status(running.directory) is None


def test_an_announcement_of_another_process_is_not_believed(running: Status) -> None:
    pid = running.directory / "pid"
    kept = pid.read_text()
    for wrong in ("1\n", "x", ""):
        pid.write_text(wrong)
        assert status(running.directory) is None
    pid.write_text(kept)
    assert status(running.directory) == running


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-west-2"}, "eu-west-1"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-west-2"}, "us-west-2"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, "us-east-1"),
    ],
)
def test_the_region_of_the_shell_is_kept(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], expected: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    found = environment("http://127.0.0.1:1")
    assert (found["AWS_REGION"], found["AWS_DEFAULT_REGION"]) == (expected, expected)
