"""Which stacks a command means: folders and files, found below the paths that it was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from nvx.config.load import stack_files
from nvx.core.diagnostics import Diagnostic, DiagnosticError, Location, error

DEFAULT = "stacks"

_SKIPPED = frozenset({"data", "state", "node_modules", "__pycache__"})
"""Folders that hold no stacks, beside the hidden ones."""


def find_stacks(paths: Sequence[str] = ()) -> list[str]:
    """The stacks below the paths (`stacks/` without any), sorted within each, none twice.

    A file is a stack; a folder that holds `*.toml` files itself is one stack, and nothing below it
    is; any other folder is searched. Raises DiagnosticError for a path without a stack.
    """
    found: dict[str, None] = {}
    problems = []
    for path in paths or (DEFAULT,):
        below = [str(stack) for stack in _stacks_at(Path(path))]
        if not below:
            problems.append(_nothing(path))
        found.update(dict.fromkeys(below))
    if problems:
        raise DiagnosticError(problems)
    return list(found)


def _stacks_at(path: Path) -> Iterator[Path]:
    try:
        is_file, is_directory = path.is_file(), path.is_dir()
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return
    if is_file:
        yield path
    elif is_directory:
        yield from _stacks_below(path, frozenset())


def _stacks_below(directory: Path, parents: frozenset[Path]) -> Iterator[Path]:
    real = directory.resolve()
    if real in parents:  # a symbolic link that leads back
        return
    if stack_files(directory):
        yield directory
        return
    try:
        folders = sorted(entry for entry in directory.iterdir() if _is_searched(entry))
    except OSError:
        return
    for folder in folders:
        yield from _stacks_below(folder, parents | {real})


def _is_searched(entry: Path) -> bool:
    return not entry.name.startswith(".") and entry.name not in _SKIPPED and entry.is_dir()


def _nothing(path: str) -> Diagnostic:
    return error(
        "no_stack",
        "No stack found",
        "there is no *.toml file in it or below it"
        if Path(path).exists()
        else "it does not exist",
        at=Location(path),
        hint="give the path of a stack: a folder of *.toml files, or one file",
    )
