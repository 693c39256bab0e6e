"""Hashes and row checks remembered between commands, so that unchanged files are not read.

An entry holds while a file's path, size, times and inode are the same. As in git's index, an
entry is not trusted when the file was changed so shortly before it was hashed that a second
change could have left the same times.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

import orjson

from nvx.data.errors import DataError
from nvx.data.formats import RULES
from nvx.data.scan import Scan, hash_file, scan_file, unreadable

FORMAT = "nvx.hashes/1"
RACY_NS = 2_000_000_000
MOST_ENTRIES = 10_000


@dataclass(slots=True)
class Entry:
    """What is known of one file: its stamp when hashed, its hash, the row checks it passed."""

    stamp: list[int]
    sha256: str
    rows: dict[str, int] = field(default_factory=dict)


class HashCache:
    """Hashes of local files, kept in `path`; with None they are kept for this command only."""

    def __init__(self, path: Path | None, *, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._path = path
        self._now_ns = now_ns
        self._entries = _load(path) if path else {}
        self._used: set[str] = set()
        self._changed = False

    def sha256(self, path: Path) -> str:
        """SHA-256 of a file's bytes, in hex. Raises DataError when it cannot be read."""
        key, before = _key(path), _stamp(path)
        entry = self._known(key, before)
        if entry is None:
            entry = Entry(before, hash_file(path))
            self._keep(key, entry, path)
        return entry.sha256

    def scan(
        self, path: Path, *, technique: str | None, family: str | None = None, display: str
    ) -> Scan:
        """The scan of a file, remembered where no problem was found in it."""
        try:
            key, before = _key(path), _stamp(path)
        except DataError:
            return scan_file(path, technique=technique, family=family, display=display)
        check = f"{RULES}:{path.suffix.lower()}:{technique or '-'}:{family or '-'}"
        entry = self._known(key, before)
        if entry is not None and check in entry.rows:
            return Scan(entry.sha256, before[0], entry.rows[check])
        scan = scan_file(path, technique=technique, family=family, display=display)
        if scan.sha256:
            rows = {**entry.rows} if entry is not None else {}
            if not scan.problems:
                rows[check] = scan.rows
            self._keep(key, Entry(before, scan.sha256, rows), path)
        return scan

    def save(self) -> None:
        """Write what is new, atomically. A cache that cannot be written is no error."""
        if self._path is None or not self._changed:
            return
        kept = self._entries
        if len(kept) > MOST_ENTRIES:
            kept = {key: entry for key, entry in kept.items() if key in self._used}
        data = orjson.dumps({"format": FORMAT, "files": kept})
        with suppress(OSError):
            _replace(self._path, data)
            self._changed = False

    def _known(self, key: str, stamp: list[int]) -> Entry | None:
        entry = self._entries.get(key)
        if entry is None or entry.stamp != stamp:
            return None
        self._used.add(key)
        return entry

    def _keep(self, key: str, entry: Entry, path: Path) -> None:
        """Remember an entry, if the file stood still while and shortly before it was read."""
        if _stamp(path) != entry.stamp or self._racy(entry.stamp):
            return
        self._entries[key] = entry
        self._used.add(key)
        self._changed = True

    def _racy(self, stamp: list[int]) -> bool:
        _, modified, changed, _ = stamp
        return self._now_ns() - max(modified, changed) < RACY_NS


def _key(path: Path) -> str:
    """The absolute path as text that JSON can hold, whatever bytes the name has."""
    absolute = os.path.join(os.getcwd(), path)  # noqa: PTH109, PTH118  Path.cwd() parses every part
    return os.fsencode(absolute).decode("utf-8", "backslashreplace")


def _stamp(path: Path) -> list[int]:
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        raise DataError(unreadable(path, error)) from error
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def _load(path: Path) -> dict[str, Entry]:
    """The entries of a cache file; nothing at all when it is missing or not ours."""
    try:
        content = orjson.loads(path.read_bytes())
        if content["format"] != FORMAT:
            return {}
        return {key: _entry(value) for key, value in content["files"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _entry(value: dict[str, object]) -> Entry:
    """One entry, every type checked. Raises TypeError or KeyError for anything else."""
    stamp, sha256, rows = value["stamp"], value["sha256"], value["rows"]
    if not isinstance(stamp, list) or not all(isinstance(part, int) for part in stamp):
        raise TypeError("stamp")
    if not isinstance(sha256, str) or not isinstance(rows, dict):
        raise TypeError("hash or rows")
    if not all(isinstance(count, int) for count in rows.values()):
        raise TypeError("rows")
    return Entry(stamp, sha256, rows)


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
        name = Path(file.name)
        try:
            file.write(data)
            file.close()
            name.replace(path)
        except OSError:
            name.unlink(missing_ok=True)
            raise
