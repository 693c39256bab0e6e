"""The folder of a server: store, blobs, call log, and who is running on it."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from pathlib import Path
from typing import TextIO

FORMAT = 1
"""Number of the folder's layout; a folder with a higher one is refused."""
CALLS = "calls.jsonl"
"""The call log, below the folder."""

_LOCK_TRIES = 10
_LOCK_PAUSE_S = 0.01


class AlreadyRunning(Exception):
    """Another server runs on the folder; `url` is where it listens."""

    def __init__(self, directory: Path, url: str) -> None:
        super().__init__(f"A local AWS runs on {directory} already: {url}")
        self.url = url


class FolderError(Exception):
    """The folder cannot be used; the message says why."""


class Folder:
    """A server's folder, locked as long as it is open."""

    def __init__(self, directory: Path) -> None:
        self.path = directory
        self.store = directory / "store.sqlite"
        self.blobs = directory / "blobs"
        self.calls = directory / CALLS
        self._lock = _locked(directory)
        try:
            _check_format(directory / "format")
        except FolderError:
            self._lock.close()
            raise
        self.token = _token(directory / "token")

    def announce(self, url: str) -> None:
        """Write where the server listens, and its process."""
        (self.path / "pid").write_text(f"{os.getpid()}\n", encoding="ascii")
        (self.path / "url").write_text(f"{url}\n", encoding="ascii")

    def close(self) -> None:
        """Take back the announcement and let the next server in."""
        (self.path / "url").unlink(missing_ok=True)
        (self.path / "pid").unlink(missing_ok=True)
        self._lock.close()


def announced_url(directory: Path) -> str | None:
    """Where the server of a folder says it listens, or None."""
    return _line(directory / "url")


def announced_pid(directory: Path) -> int | None:
    """The process of a folder's server, or None."""
    text = _line(directory / "pid")
    return int(text) if text and text.isdecimal() else None


def kept_token(directory: Path) -> str:
    """The token of a folder's control API, "" where there is none."""
    return _line(directory / "token") or ""


def is_locked(directory: Path) -> bool:
    """Whether a server holds the folder."""
    path = directory / "lock"
    if not path.exists():
        return False
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _locked(directory: Path) -> TextIO:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        file = (directory / "lock").open("a", encoding="ascii")
    except OSError as error:
        raise FolderError(
            f"The folder {directory} cannot be used: {error.strerror}."
        ) from error
    for _ in range(_LOCK_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Whoever asks is_locked holds the lock for a moment, too.
            time.sleep(_LOCK_PAUSE_S)
        else:
            return file
    file.close()
    raise AlreadyRunning(directory, announced_url(directory) or "starting")


def _check_format(path: Path) -> None:
    if not path.exists():
        path.write_text(json.dumps({"format": FORMAT}) + "\n", encoding="ascii")
        return
    try:
        number = json.loads(path.read_text(encoding="utf-8"))["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise FolderError(f"{path} does not say which format the folder has.") from error
    if not isinstance(number, int) or number > FORMAT:
        raise FolderError(
            f"The folder {path.parent} was written by a newer nvx (format {number}, this one knows"
            f" {FORMAT}). Use that nvx, or another folder."
        )


def _token(path: Path) -> str:
    kept = _line(path)
    if kept:
        return kept
    token = secrets.token_hex(16)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{token}\n")
    return token


def _line(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None
