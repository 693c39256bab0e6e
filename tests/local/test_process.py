from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError

from nvx.local.__main__ import main
from nvx.local.calls import CallLog
from nvx.local.client import Control, ControlError
from nvx.local.folder import AlreadyRunning, FolderError, is_locked
from nvx.local.objects import ObjectError, cat, ls
from nvx.local.process import (
    ProcessError,
    Start,
    Status,
    call_log,
    control,
    environment,
    opened,
    reset,
    run,
    start_detached,
    status,
    stop,
)
from nvx.local.server import LocalAws
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


def test_a_second_server_on_a_folder_says_where_the_first_one_is(tmp_path: Path) -> None:
    with LocalAws(tmp_path) as first, pytest.raises(AlreadyRunning) as caught:
        LocalAws(tmp_path)
    assert caught.value.url == first.url
    with LocalAws(tmp_path):
        assert status(tmp_path) is not None


def test_a_folder_of_a_newer_nvx_is_refused(tmp_path: Path) -> None:
    (tmp_path / "format").write_text('{"format": 99}')
    with pytest.raises(FolderError, match="was written by a newer nvx"):
        LocalAws(tmp_path)
    assert not is_locked(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("format", b"\xff"),
        ("format", b"[]"),
        ("store.sqlite", b"rubbish" * 1000),
        ("blobs", b""),
    ],
)
def test_a_folder_that_cannot_be_read_is_refused(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FolderError):
        LocalAws(tmp_path)
    assert not is_locked(tmp_path)


def test_a_document_that_is_no_json_is_a_folder_that_cannot_be_read(tmp_path: Path) -> None:
    LocalAws(tmp_path).stop()
    database = sqlite3.connect(tmp_path / "store.sqlite")
    database.execute("insert into doc values ('_clock', '', '', 'offset', 'rubbish')")
    database.commit()
    database.close()
    with pytest.raises(FolderError, match="cannot be read"):
        LocalAws(tmp_path)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError, match="cannot be used"):
        LocalAws(tmp_path / "file")


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "format").write_text('{"format": 99}')
    with pytest.raises(ProcessError, match="was written by a newer nvx"):
        start_detached(tmp_path)


def test_the_clock_outlives_a_restart(tmp_path: Path) -> None:
    with LocalAws(tmp_path) as aws:
        aws.advance(3600)
        before = aws.clock.now()
    with LocalAws(tmp_path) as aws:
        assert aws.clock.now() >= before
        assert aws.clock.seconds(600) == 1.0


def test_the_call_log_survives_a_line_cut_short(tmp_path: Path) -> None:
    log = CallLog(tmp_path / "calls")
    values = {"attempt": 1, "invocation_id": "", "account": "", "region": ""}
    log.record(service="s", operation="o", **values)
    log.close()
    with (tmp_path / "calls").open("a") as file:
        file.write('{"index": 2, "serv')
    again = CallLog(tmp_path / "calls")
    assert [call.operation for call in again.all()] == ["o"]
    again.record(service="s", operation="p", **values)
    again.close()
    last = CallLog(tmp_path / "calls")
    assert [call.operation for call in last.all()] == ["o", "p"]
    last.close()


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


def test_objects_can_be_looked_at_whether_the_server_runs_or_not(tmp_path: Path) -> None:
    with LocalAws(tmp_path) as aws, client(aws.url, "s3") as s3:
        s3.create_bucket(Bucket="lake")
        s3.put_object(Bucket="lake", Key="a/b", Body=b"data")
        s3.put_object(Bucket="lake", Key="c", Body=b"")
        with opened(tmp_path) as url:
            assert url == aws.url
    with opened(tmp_path) as url:
        assert "s3://lake/" in [line.uri for line in ls(url)]
        below = [(line.uri, line.size) for line in ls(url, "s3://lake/")]
        assert below == [("s3://lake/a/", None), ("s3://lake/c", 0)]
        assert b"".join(cat(url, "s3://lake/a/b")) == b"data"
        for address in ("lake/a", "s3://lake", "s3://lake/none", "s3://none/a"):
            with pytest.raises(ObjectError):
                b"".join(cat(url, address))


def test_a_folder_is_reset_whether_the_server_runs_or_not(tmp_path: Path) -> None:
    reset(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    with LocalAws(tmp_path) as aws, client(aws.url, "s3") as s3:
        for running in (True, False):
            s3.create_bucket(Bucket="lake")
            s3.put_object(Bucket="lake", Key="k", Body=b"data")
            assert list((tmp_path / "blobs").glob("*/*"))
            assert call_log(tmp_path)[-1].operation == "PutObject"
            if running:
                reset(tmp_path)
                assert call_log(tmp_path) == []
    reset(tmp_path)
    assert call_log(tmp_path) == []
    assert not list((tmp_path / "blobs").glob("*/*"))
    with opened(tmp_path) as url:
        assert "s3://lake/" not in [line.uri for line in ls(url)]


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
