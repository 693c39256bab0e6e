"""One pass over a dataset file: its hash, its size, its rows, and what is wrong with them."""

import hashlib
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from nvx.core.diagnostics import Diagnostic
from nvx.data.csv_rows import read_csv
from nvx.data.errors import DataError
from nvx.data.findings import Findings
from nvx.data.json_rows import read_jsonl, read_list
from nvx.data.rules import RowRules

LARGEST_FILE = 1024**3  # Source: the size limit of a dataset in the SageMaker Python SDK 3.27.

Reader = Callable[[Iterator[bytes], RowRules, Findings], int]
READERS: dict[str, Reader] = {".jsonl": read_jsonl, ".json": read_list, ".csv": read_csv}

# Rows of a chunk are decoded together, so one chunk of .jsonl should stay in the CPU's cache.
_CHUNK = 48 * 1024

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over a file found. `sha256` is empty when the file could not be read."""

    sha256: str
    size: int
    rows: int
    problems: tuple[Diagnostic, ...] = ()
    wrong_rows: int = 0


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex. Raises DataError when it cannot be read."""
    try:
        with open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as error:
        raise DataError(unreadable(path, error)) from error


def scan_file(
    path: Path, *, technique: str | None, family: str | None = None, display: str
) -> Scan:
    """Hash a dataset file and check each row against its technique, in flat memory.

    `family` is "nova" or "open"; without it the first row decides. `display` is the file's
    name in messages. No content raises, and neither does a file that cannot be read.
    """
    findings = Findings(display)
    rules = RowRules(technique, family)
    try:
        with open_regular(path) as file:
            return scan_chunks(_chunks(file), path.suffix, rules, findings)
    except (OSError, ValueError) as error:
        unread = Findings(display)
        unread.file("Cannot read the file", unreadable(path, error))
        return Scan("", 0, 0, unread.problems())


def scan_chunks(
    chunks: Iterable[bytes], suffix: str, rules: RowRules, findings: Findings
) -> Scan:
    """The scan of a file's bytes. How they are cut into chunks makes no difference."""
    hashed = _Hashed(chunks)
    rows = _read(hashed, suffix.lower(), rules, findings)
    if hashed.size > LARGEST_FILE:
        limit = f"the file has {hashed.size:,} bytes; at most {LARGEST_FILE:,} are allowed"
        findings.file("File too large", limit, hint="split the dataset")
    return Scan(hashed.sha256(), hashed.size, rows, findings.problems(), findings.wrong_rows)


def open_regular(path: Path) -> FileIO:
    """A regular file opened for reading, unbuffered. A pipe or a device would block for ever."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError("it is not a regular file")
    return path.open("rb", buffering=0)


def unreadable(path: Path, error: Exception) -> str:
    """Why a file cannot be read, in a sentence."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{path.name}: {reason}"


def _chunks(file: FileIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


class _Hashed:
    """Chunks that are hashed as they pass. No generator: a reader that stops must not end it."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.size = 0
        self._chunks = iter(chunks)
        self._hash = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = next(self._chunks)
        self._hash.update(chunk)
        self.size += len(chunk)
        return chunk

    def sha256(self) -> str:
        """The hash of what has passed, in hex."""
        return self._hash.hexdigest()


def _read(chunks: Iterator[bytes], suffix: str, rules: RowRules, findings: Findings) -> int:
    reader = READERS.get(suffix)
    rows = 0
    if reader is None:
        allowed = ", ".join(READERS)
        findings.file("Unknown dataset format", f'"{suffix}" is none of {allowed}')
    else:
        rows = reader(_unmarked(chunks, findings), rules, findings)
        if not rows and not findings.problems():
            findings.file("Empty dataset", "the file has no rows")
    for _ in chunks:
        pass  # the hash is of the whole file, whoever stopped early
    return rows


def _unmarked(chunks: Iterator[bytes], findings: Findings) -> Iterator[bytes]:
    """The chunks without a byte order mark, which no trainer expects."""
    first = b""
    while len(first) < len(_UTF8_MARK) and (chunk := next(chunks, b"")):
        first += chunk
    if first.startswith(_UTF16_MARKS):
        findings.file("Not UTF-8", "the file is UTF-16", hint="save the file as UTF-8")
        return
    if first.startswith(_UTF8_MARK):
        text = "the file begins with a byte order mark"
        findings.file("Byte order mark", text, line=1, hint="save it as UTF-8 without BOM")
        first = first.removeprefix(_UTF8_MARK)
    if first:
        yield first
    yield from chunks
