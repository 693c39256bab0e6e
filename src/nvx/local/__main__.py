"""`python -m nvx.local`: start, stop, status, env."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from nvx.local.context import AwsError
from nvx.local.folder import AlreadyRunning, FolderError
from nvx.local.process import (
    DEFAULT_DIRECTORY,
    ProcessError,
    Start,
    environment,
    serve,
    start_detached,
    status,
    stop,
)
from nvx.local.settings import PRESETS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    given = _parser().parse_args(arguments)
    try:
        return int(_COMMANDS[given.command](given))
    except AlreadyRunning as error:
        _say(error.url)
        return 0
    except (AwsError, FolderError, ProcessError, OSError) as error:
        message = error.message if isinstance(error, AwsError) else str(error)
        sys.stderr.write(f"error: {message}\n")
        return 1


def _start(given: argparse.Namespace) -> int:
    start = Start(given.port, given.preset, given.settings, given.fault)
    if given.detach:
        _say(start_detached(given.dir, start).url)
        return 0
    serve(None if given.memory else given.dir, start, _say)
    return 0


def _stop(given: argparse.Namespace) -> int:
    _say("stopped" if stop(given.dir) else "not running")
    return 0


def _status(given: argparse.Namespace) -> int:
    running = status(given.dir)
    _say(f"{running.url} (process {running.pid})" if running else "not running")
    return 0 if running else 1


def _env(given: argparse.Namespace) -> int:
    running = status(given.dir)
    if running is None:
        raise ProcessError(f"No local AWS runs on {given.dir}.")
    for name, value in environment(running.url).items():
        _say(f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}")
    return 0


_COMMANDS = {"start": _start, "stop": _stop, "status": _status, "env": _env}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m nvx.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in _COMMANDS:
        command = commands.add_parser(name)
        command.add_argument("--dir", type=Path, default=DEFAULT_DIRECTORY)
    start = commands.choices["start"]
    start.add_argument("--port", type=int, default=0)
    start.add_argument("--preset", choices=sorted(PRESETS), default="calm")
    start.add_argument("--settings", type=_settings, default={}, help="a JSON object")
    start.add_argument("--fault", action="append", default=[], help="op=… do=… times=…")
    start.add_argument("--memory", action="store_true", help="keep nothing on disk")
    start.add_argument("--detach", action="store_true", help="leave it running")
    return parser


def _settings(text: str) -> dict[str, object]:
    settings = json.loads(text)
    if not isinstance(settings, dict):
        raise TypeError(text)
    return settings


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
