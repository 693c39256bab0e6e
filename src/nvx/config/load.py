"""TOML files read with their places; everything that is wrong with a file is a diagnostic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tomli

from nvx.config.locate import Places, first_place
from nvx.core.diagnostics import Diagnostic, Location, error

SIZE_LIMIT = 4 * 1024 * 1024
DEPTH_LIMIT = 32
CREDENTIAL = "credential"
"""The code of diagnostics whose line is not shown."""
PROJECT_FILE = "nvx.toml"

_BOM = b"\xef\xbb\xbf"
_AGAIN = ("Cannot declare", "Cannot overwrite", "Cannot redefine", "Cannot mutate")


@dataclass(frozen=True, slots=True)
class Document:
    """One TOML file, parsed."""

    file: str
    tables: Mapping[str, Any]
    places: Places

    def with_line(self, found: Diagnostic) -> Diagnostic:
        """The diagnostic with the line that it points at; the value of a credential is left out."""
        at = found.location
        if at is None or not at.line or at.file != self.file:
            return found
        line = self.places.line_text(at.line)
        if found.code == CREDENTIAL:
            line = line.partition("=")[0] + "= …"
        return replace(found, line_text=line)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The files of a stack: those that could be parsed, and what is wrong with the others."""

    path: str
    directory: str
    documents: tuple[Document, ...]
    problems: tuple[Diagnostic, ...]


def load(path: str) -> Loaded:
    """Every `*.toml` file of a folder but `nvx.toml`, or one file."""
    place = Path(path)
    if not place.is_dir():
        document, problems = read_document(path)
        return Loaded(
            path, str(place.parent), () if document is None else (document,), problems
        )
    files = stack_files(place)
    if not files:
        found = _error("no_stack_files", "No stack files", f"{path} holds no *.toml file", path)
        return Loaded(path, path, (), (found,))
    read = [read_document(str(file)) for file in files]
    documents = tuple(document for document, _ in read if document is not None)
    return Loaded(path, path, documents, tuple(p for _, problems in read for p in problems))


def stack_files(directory: Path) -> Sequence[Path]:
    """The stack files of a folder, sorted. A folder that cannot be listed has none."""
    try:
        found = [entry for entry in directory.iterdir() if _is_stack_file(entry)]
    except OSError:
        return ()
    return sorted(found)


def _is_stack_file(entry: Path) -> bool:
    name = entry.name
    return (
        name.endswith(".toml")
        and name != PROJECT_FILE
        and not name.startswith(".")
        and not entry.is_dir()
    )


def read_document(file: str) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """One parsed file, or what is wrong with it."""
    data = _bytes_of(file)
    if isinstance(data, Diagnostic):
        return None, (data,)
    text = _text_of(file, data)
    if isinstance(text, Diagnostic):
        return None, (text,)
    return parse_document(file, text)


def parse_document(file: str, text: str) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """One parsed text, or what is wrong with it."""
    places = Places(file, text.replace("\r\n", "\n"))
    try:
        tables = tomli.loads(text)
    except tomli.TOMLDecodeError as cause:
        return None, (_syntax_error(places, cause),)
    except RecursionError:
        return None, (_too_deep(file),)
    except ValueError as cause:  # a number of thousands of digits, which Python refuses to read
        detail = f"a value cannot be read: {cause}"
        return None, (_error("toml_value", "Invalid value", detail, file),)
    if _depth_exceeds(tables, DEPTH_LIMIT):
        deep = next(path for path in places if len(path) > DEPTH_LIMIT)
        return None, (_with_line(replace(_too_deep(file), location=places[deep]), places),)
    return Document(file, tables, places), ()


def _error(code: str, summary: str, detail: str, file: str, hint: str = "") -> Diagnostic:
    return error(code, summary, detail, at=Location(file), hint=hint)


def _bytes_of(file: str) -> bytes | Diagnostic:
    path = Path(file)
    try:
        if path.exists() and not path.is_file():
            return _error(
                "unreadable", "Cannot read file", f"{file} is not a regular file", file
            )
        with path.open("rb") as stream:
            data = stream.read(SIZE_LIMIT + 1)
    except (OSError, ValueError) as cause:  # ValueError: a NUL in the path
        reason = getattr(cause, "strerror", None) or str(cause)
        return _error("unreadable", "Cannot read file", reason, file)
    if len(data) > SIZE_LIMIT:
        limit = f"it is larger than {SIZE_LIMIT // 1024**2} MiB"
        hint = "keep data in its own files and name them with source"
        return _error("file_too_large", "File too large", limit, file, hint)
    return data


def _text_of(file: str, data: bytes) -> str | Diagnostic:
    try:
        text = data.decode()
    except UnicodeDecodeError as cause:
        return _not_utf8(file, data, cause.start)
    if not data.startswith(_BOM):
        return text
    found = error(
        "byte_order_mark",
        "Byte order mark",
        "it begins with a byte order mark, which TOML does not allow",
        at=Location(file, 1, 1),
        hint="save it as UTF-8 without BOM",
    )
    return _with_line(found, Places(file, text[1:]))


def _not_utf8(file: str, data: bytes, offset: int) -> Diagnostic:
    start = data.rfind(b"\n", 0, offset) + 1
    line = data.count(b"\n", 0, offset) + 1
    column = len(data[start:offset].decode(errors="replace")) + 1
    found = error(
        "not_utf8",
        "Not UTF-8",
        f"byte 0x{data[offset]:02x} is not valid here",
        at=Location(file, line, column),
        hint="save the file as UTF-8",
    )
    return _with_line(found, Places(file, data.decode(errors="replace")))


def _syntax_error(places: Places, cause: tomli.TOMLDecodeError) -> Diagnostic:
    first = first_place(places, cause.pos) if cause.msg.startswith(_AGAIN) else None
    if first is None:
        at = Location(places.file, cause.lineno, cause.colno)
        return _with_line(error("toml_syntax", "Invalid TOML", _rest(cause.msg), at=at), places)
    found = error(
        "declared_twice",
        "Declared twice",
        f"the same key or table is already declared at {first}",
        at=places.statement(cause.pos),
        hint="remove one of the two",
    )
    return _with_line(found, places)


def _with_line(found: Diagnostic, places: Places) -> Diagnostic:
    line = found.location.line if found.location else 0
    return replace(found, line_text=places.line_text(line))


def _rest(message: str) -> str:
    """Tomli's message as the rest of a sentence, without control characters."""
    return message[:1].lower() + message[1:]


def _too_deep(file: str) -> Diagnostic:
    detail = f"tables and lists are nested more than {DEPTH_LIMIT} levels deep"
    return _error("too_deep", "Nested too deep", detail, file)


def _depth_exceeds(value: object, limit: int) -> bool:
    """Whether tables and lists are nested deeper than `limit`. Goes by levels, as recursing may fail."""
    level = [value]
    for _ in range(limit):
        level = [inner for outer in level for inner in _members(outer)]
        if not level:
            return False
    return True


def _members(value: object) -> Iterator[object]:
    members = value.values() if isinstance(value, dict) else value
    if isinstance(members, str | bytes) or not hasattr(members, "__iter__"):
        return
    yield from (m for m in members if isinstance(m, dict | list))
