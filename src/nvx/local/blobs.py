"""Bodies, kept by the SHA-256 of their bytes."""

from __future__ import annotations

import hashlib
import io
import os
import re
import tempfile
from pathlib import Path
from typing import BinaryIO, Protocol

_CHUNK = 1 << 20
_SHA = re.compile(r"[0-9a-f]{64}")


class Readable(Protocol):
    """Anything that gives bytes piece by piece."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; b"" at the end."""


class Blobs:
    """A content-addressed heap of bodies: a folder, or memory where there is none."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._memory: dict[str, bytes] = {}
        if path is not None:
            path.mkdir(parents=True, exist_ok=True)

    def put(self, data: bytes) -> str:
        """Keep the bytes; their SHA-256 in hex."""
        return self.put_file(io.BytesIO(data))

    def put_file(self, source: Readable | Path) -> str:
        """Keep what can be read from an open file or a path; its SHA-256 in hex."""
        if isinstance(source, Path):
            with source.open("rb") as file:
                return self.put_file(file)
        if self._path is None:
            data = source.read()
            sha = hashlib.sha256(data).hexdigest()
            self._memory[sha] = data
            return sha
        return self._put_on_disk(source, self._path)

    def open(self, sha: str) -> BinaryIO:
        """The body, open for reading at its start; KeyError where there is none."""
        if self._path is None:
            return io.BytesIO(self._memory[sha])
        try:
            return self._file(self._path, sha).open("rb")
        except FileNotFoundError as error:
            raise KeyError(sha) from error

    def get(self, sha: str) -> bytes:
        """The whole body; KeyError where there is none."""
        with self.open(sha) as file:
            return file.read()

    def size(self, sha: str) -> int:
        """How many bytes the body has; KeyError where there is none."""
        if self._path is None:
            return len(self._memory[sha])
        try:
            return self._file(self._path, sha).stat().st_size
        except FileNotFoundError as error:
            raise KeyError(sha) from error

    def clear(self) -> None:
        """Forget every body. Those open for reading can be read to their end."""
        self._memory.clear()
        if self._path is not None:
            for file in self._path.glob("*/*"):
                file.unlink(missing_ok=True)

    def __contains__(self, sha: object) -> bool:
        if not isinstance(sha, str) or not _SHA.fullmatch(sha):
            return False
        return (
            sha in self._memory if self._path is None else self._file(self._path, sha).exists()
        )

    def _put_on_disk(self, source: Readable, folder: Path) -> str:
        digest = hashlib.sha256()
        handle, name = tempfile.mkstemp(prefix="new-", dir=folder)
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    file.write(chunk)
            sha = digest.hexdigest()
            target = self._file(folder, sha)
            target.parent.mkdir(exist_ok=True)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return sha

    @staticmethod
    def _file(folder: Path, sha: str) -> Path:
        if not _SHA.fullmatch(sha):
            raise KeyError(sha)
        return folder / sha[:2] / sha
