"""Runs a function's code in a subprocess: own folder, own environment, own time limit."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
_LONGEST_LOG = 1 << 20
_PATH = "/usr/local/bin:/usr/bin:/bin"


class NotUnzipped(Exception):
    """The code is a zip, but no folder can be made of it: a file in the place of a folder."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to call in one process, with which events one after the other, for how long at most."""

    code: BinaryIO
    handler: str
    events: Sequence[object]
    context: Mapping[str, Any]
    environment: Mapping[str, str]
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one event: a result (JSON text), or an error."""

    result: str | None
    error: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a run: the answer to each event, and what the code printed."""

    replies: Sequence[Reply]
    log: str
    duration_s: float

    @property
    def result(self) -> str | None:
        """The result of the last event."""
        return self.replies[-1].result

    @property
    def error(self) -> Mapping[str, Any] | None:
        """The error of the last event."""
        return self.replies[-1].error


def run(job: Job) -> Outcome:
    """Run the job to its end or to its time limit; NotUnzipped where its code cannot be laid out."""
    with tempfile.TemporaryDirectory(prefix="nvx-lambda-") as name:
        folder = Path(name)
        task = folder / "task"
        task.mkdir()
        _unzip(job.code, task)
        request = {
            "handler": job.handler,
            "events": list(job.events),
            "context": dict(job.context),
        }
        (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
        begun = time.monotonic()
        status = _execute(job, folder)
        duration = time.monotonic() - begun
        log = _log(folder / "log")
        replies = _replies(folder / "reply.json", len(job.events)) if status == 0 else None
    if replies is None:
        replies = [Reply(None, _failure(job, status))] * len(job.events)
    return Outcome(replies, log, duration)


def _unzip(code: BinaryIO, folder: Path) -> None:
    try:
        with zipfile.ZipFile(code) as archive:
            archive.extractall(folder)
    except (OSError, RuntimeError, ValueError, zipfile.BadZipFile) as error:
        raise NotUnzipped(str(error)) from error


def _execute(job: Job, folder: Path) -> int | None:
    """The exit status of the code; None where its time was up."""
    argv = [sys.executable, "-I", "-u", "-c", _BOOTSTRAP.read_text(encoding="utf-8")]
    argv += [str(folder / "request.json"), str(folder / "reply.json")]
    # A file and not a pipe: what the code leaves running could hold a pipe open for ever.
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  the user's own function, on their own machine
            argv,
            cwd=folder / "task",
            env=_environment(job, folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return process.wait(job.timeout_s)
        except subprocess.TimeoutExpired:
            return None
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and what it started in its session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _environment(job: Job, folder: Path) -> dict[str, str]:
    own = {
        "PATH": _PATH,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "LAMBDA_TASK_ROOT": str(folder / "task"),
        "_HANDLER": job.handler,
    }
    return own | dict(job.environment)


def _log(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - _LONGEST_LOG, 0))
        return file.read().decode("utf-8", "replace")


def _replies(path: Path, count: int) -> list[Reply] | None:
    """What the program wrote; None where the code kept it from writing."""
    try:
        replies = json.loads(path.read_text(encoding="utf-8"))
        found = [Reply(reply.get("result"), reply.get("error")) for reply in replies]
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return found if len(found) == count else None


def _failure(job: Job, status: int | None) -> dict[str, Any]:
    start = f"RequestId: {job.context['aws_request_id']} Error:"
    if status is None:
        message = f"{start} Task timed out after {job.timeout_s:.2f} seconds"
        return {"errorType": "Sandbox.Timedout", "errorMessage": message}
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    message = f"{start} Runtime exited with error: {how}"
    return {"errorType": "Runtime.ExitError", "errorMessage": message}
