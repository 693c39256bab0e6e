"""The local AWS as a process: start it, find it, stop it, run a command against one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from nvx.local.calls import Call, read_calls
from nvx.local.client import Control, ControlError
from nvx.local.folder import CALLS, announced_pid, announced_url, is_locked, kept_token
from nvx.local.identify import DEFAULT_REGION, NOBODY
from nvx.local.server import LocalAws
from nvx.local.settings import Settings

DEFAULT_DIRECTORY = Path(".nvx/local")
LOG = "server.log"
"""Where a detached server's own output goes, below its folder."""

_START_S = 20.0
_STOP_S = 10.0
_POLL_S = 0.02


Found = TypeVar("Found")


class ProcessError(Exception):
    """A server could not be started or stopped; the message says why."""


@dataclass(frozen=True, slots=True)
class Start:
    """How to start a server; `settings` are members of Settings, above those of the preset."""

    port: int = 0
    preset: str = "calm"
    settings: Mapping[str, Any] = field(default_factory=dict)
    faults: Sequence[str] = ()
    """Rules, each in one of the forms `fault_from` takes as text."""

    def as_settings(self) -> Settings:
        """The settings of the server; AwsError where one is wrong."""
        chosen = Settings()
        chosen.update(self.settings, preset=self.preset)
        return chosen

    def arguments(self) -> list[str]:
        """The same as arguments of `python -m nvx.local start`."""
        faults = [part for fault in self.faults for part in ("--fault", fault)]
        settings = ["--settings", json.dumps(dict(self.settings))]
        return ["--port", str(self.port), "--preset", self.preset, *settings, *faults]


@dataclass(frozen=True, slots=True)
class Status:
    """A running server."""

    directory: Path
    url: str
    pid: int


def serve(
    directory: Path | None, start: Start, ready: Callable[[str], None] = lambda _url: None
) -> None:
    """Serve until SIGTERM, SIGINT or a stop by the control API; `ready` gets the URL.

    Raises AlreadyRunning, FolderError, AwsError (settings or faults) and OSError (the port).
    """
    with LocalAws(directory, settings=start.as_settings(), port=start.port) as aws:
        aws.faults.extend(start.faults)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: aws.halt())
        ready(aws.url)
        aws.wait()


def start_detached(directory: Path, start: Start | None = None) -> Status:
    """Start a server of its own on the folder and wait for its health, or give the running one."""
    running = status(directory)
    if running is not None:
        return running
    directory.mkdir(parents=True, exist_ok=True)
    log = directory / LOG
    arguments = (start or Start()).arguments()
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  arguments of our own
            [sys.executable, "-m", "nvx.local", "start", "--dir", str(directory), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    # Waited for in the background, so that it leaves no zombie behind while we live.
    threading.Thread(target=process.wait, daemon=True).start()
    found = _until(lambda: status(directory), _START_S, lambda: process.poll() is not None)
    if found is None:
        told = log.read_text(encoding="utf-8", errors="replace").strip()
        raise ProcessError(told or "The local AWS did not start in time.")
    return found


def status(directory: Path) -> Status | None:
    """The server that runs on a folder, or None."""
    url = announced_url(directory)
    if url is None or not is_locked(directory):
        return None
    with suppress(ControlError):
        pid = int(Control(url).get("health")["pid"])
        if pid == announced_pid(directory):
            return Status(directory, url, pid)
    return None


def stop(directory: Path) -> bool:
    """Stop the server of a folder and wait until it let go; False where none runs."""
    running = status(directory)
    if running is None:
        return False
    try:
        Control(running.url, kept_token(directory)).post("stop")
    except ControlError:
        # Its health named this process a moment ago, so the number is the server's.
        with suppress(ProcessLookupError):
            os.kill(running.pid, signal.SIGTERM)
    if not _until(lambda: not is_locked(directory), _STOP_S):
        raise ProcessError(f"The local AWS (process {running.pid}) did not stop in time.")
    return True


def control(directory: Path) -> Control:
    """The control API of the server of a folder; ProcessError where none runs."""
    running = status(directory)
    if running is None:
        raise ProcessError(f"No local AWS runs on {directory}.")
    return Control(running.url, kept_token(directory))


def call_log(directory: Path) -> list[Call]:
    """Every call a folder's servers logged, whether one runs now or not."""
    return read_calls(directory / CALLS)


def reset(directory: Path) -> None:
    """Forget every resource, fault and call of a folder, whether its server runs or not."""
    running = status(directory)
    if running is not None:
        Control(running.url, kept_token(directory)).post("reset")
    elif directory.exists():
        with LocalAws(directory) as aws:
            Control(aws.url, aws.token).post("reset")


@contextmanager
def opened(directory: Path) -> Iterator[str]:
    """The URL of a folder's server; one is started for the while where none runs."""
    running = status(directory)
    if running is not None:
        yield running.url
        return
    with LocalAws(directory) as aws:
        yield aws.url


def environment(
    url: str, *, account: str = NOBODY, region: str | None = None
) -> dict[str, str | None]:
    """The variables that point AWS clients at a server; None is one to unset.

    The region is the given one, else the one that the environment has.
    """
    chosen = [region, os.environ.get("AWS_REGION"), os.environ.get("AWS_DEFAULT_REGION")]
    region = next((name for name in chosen if name), DEFAULT_REGION)
    leaking = [name for name in os.environ if name.startswith("AWS_ENDPOINT_URL_")]
    bypass = [part for part in os.environ.get("NO_PROXY", "").split(",") if part]
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": ",".join(dict.fromkeys([*bypass, "127.0.0.1", "localhost"])),
        "AWS_PROFILE": None,
        "AWS_DEFAULT_PROFILE": None,
        "AWS_SESSION_TOKEN": None,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": None,
        **dict.fromkeys(leaking),
    }


def run(command: Sequence[str], start: Start | None = None) -> int:
    """Run a command against a server in memory that lives as long; the command's exit code.

    FileNotFoundError or PermissionError where the command cannot be started.
    """
    start = start or Start()
    with LocalAws(settings=start.as_settings(), port=start.port) as aws:
        aws.faults.extend(start.faults)
        variables = dict(os.environ)
        for name, value in environment(aws.url).items():
            if value is None:
                variables.pop(name, None)
            else:
                variables[name] = value
        return subprocess.run(list(command), env=variables, check=False).returncode  # noqa: S603


def _until(
    look: Callable[[], Found],
    seconds: float,
    over: Callable[[], bool] = lambda: False,
) -> Found | None:
    """What `look` gives once that is true, or None when time or the thing itself is over."""
    end = time.monotonic() + seconds
    while True:
        ended = over()
        found = look()
        if found:
            return found
        if ended or time.monotonic() > end:
            return None
        time.sleep(_POLL_S)
