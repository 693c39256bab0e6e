"""The sources of an evaluator: one file or a folder, their hash, and the zip that runs them."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from nvx.data.errors import DataError
from nvx.data.scan import hash_file, open_regular, unreadable

ENTRY_NAME = "lambda_function.py"
LARGEST_ZIP = 50 * 1024 * 1024  # Source: AWS Lambda's limit for a zip uploaded directly.

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first date that a zip can hold
_PLAIN_FILE = 0o100644 << 16
_UNIX = 3


def hash_tree(path: Path, hash_one: Callable[[Path], str] = hash_file) -> str:
    """The hash of sources: of a file its bytes', of a folder its relative names' and bytes'.

    Names that begin with a dot and `__pycache__` do not count. `hash_one` hashes one file.
    Raises DataError for what cannot be read, and for symbolic links that lead out of the folder.
    """
    if not path.is_dir():
        return hash_one(path)
    listing = [f"{hash_one(file)}  {name}\0" for name, file in sources(path).items()]
    return hashlib.sha256("".join(listing).encode()).hexdigest()


def build_zip(path: Path, entry_name: str = ENTRY_NAME) -> bytes:
    """The zip of sources, equal for equal sources: stored, sorted, with fixed times and modes.

    A single file is stored as `entry_name`; a folder must hold a file of that name. Raises
    DataError like `hash_tree`, and when the zip is larger than Lambda takes.
    """
    files = sources(path) if path.is_dir() else {entry_name: path}
    if entry_name not in files:
        raise DataError(f"{path.name}: the folder has no {entry_name}, which Lambda starts")
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as archive:
        for name in sorted(files):
            archive.writestr(_plain_info(name), _content(files[name]))
            if buffer.tell() > LARGEST_ZIP:
                limit = f"the zip would be larger than {LARGEST_ZIP:,} bytes"
                raise DataError(f"{path.name}: {limit}, the most that Lambda takes directly")
    return buffer.getvalue()


def sources(folder: Path) -> Mapping[str, Path]:
    """The files of a folder by relative name (with `/`), sorted by name."""
    try:
        found = dict(_walk(folder, folder.resolve(strict=True), ""))
    except (OSError, RuntimeError, ValueError) as error:
        raise DataError(unreadable(folder, error)) from error
    if not found:
        raise DataError(f"{folder.name}: the folder has no files")
    return dict(sorted(found.items()))


def _walk(folder: Path, root: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries)
    for name in names:
        if name.startswith(".") or name == "__pycache__":
            continue
        path = folder / name
        if path.is_symlink():
            _check_link(path, root)
        if path.is_dir():
            yield from _walk(path, root, f"{prefix}{name}/")
        else:
            yield _utf8(prefix + name), path


def _check_link(path: Path, root: Path) -> None:
    """Refuse a link out of the folder, and links to folders: those can lead in circles."""
    if not path.resolve(strict=True).is_relative_to(root):
        raise DataError(f"{path.name}: the link leads out of the folder")
    if path.is_dir():
        raise DataError(f"{path.name}: a link to a folder; only files may be linked")


def _utf8(name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise DataError(f"{name!r}: the file name is not UTF-8") from error
    return name


def _content(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            return file.read(LARGEST_ZIP + 1)
    except (OSError, ValueError) as error:
        raise DataError(unreadable(path, error)) from error


def _plain_info(name: str) -> ZipInfo:
    info = ZipInfo(name, _EARLIEST)
    info.create_system = _UNIX
    info.external_attr = _PLAIN_FILE
    return info
