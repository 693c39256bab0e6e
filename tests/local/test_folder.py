from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from nvx.local.calls import CallLog
from nvx.local.folder import AlreadyRunning, FolderError, is_locked
from nvx.local.objects import ObjectError, cat, ls
from nvx.local.process import (
    call_log,
    opened,
    reset,
    status,
)
from nvx.local.server import LocalAws
from support.local_clients import client


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
