"""`nvx init`."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import click

from nvx.cli.exits import Exit
from nvx.core.diagnostics import DiagnosticError, error
from nvx.core.ports import in_one_line

_IGNORES = "gitignore"
_FILES = {
    "stack.toml": "stacks/first/first.toml",
    "answers.jsonl": "stacks/first/data/answers.jsonl",
    "exact.py": "stacks/first/rewards/exact.py",
    _IGNORES: ".gitignore",
}

EPILOG = """\b
Examples:
  nvx init                             here
  nvx init my-project                  in a new folder"""


@click.command("init", epilog=EPILOG)
@click.argument("directory", default=".", type=click.Path(path_type=Path))
def command(*, directory: Path) -> Exit:
    """Write a first stack: a little data, a reward function, a fine-tune and an evaluation of it."""
    targets = {name: directory / place for name, place in _FILES.items()}
    _refuse_overwriting(path for name, path in targets.items() if name != _IGNORES)
    starter = files("nvx.cli") / "starter"
    for name, path in targets.items():
        content = (starter / name).read_bytes()
        if path.exists():
            click.echo(f"kept  {path}: add these lines to it\n{_indented(content)}")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        click.echo(f"wrote {path}")
    click.echo("\nNext:")
    steps = ["nvx plan --local", "nvx apply --local", "nvx results --local"]
    for step in steps if directory == Path() else [f"cd {shlex.quote(str(directory))}", *steps]:
        click.echo(f"  {step}")
    return Exit.DONE


def _refuse_overwriting(paths: Iterable[Path]) -> None:
    """Raise DiagnosticError where a file is there already."""
    there = [str(path) for path in paths if path.exists()]
    if not there:
        return
    are = "is" if len(there) == 1 else "are"
    detail = f"{in_one_line(there)} {are} there already. Nothing was written."
    hint = "choose another folder: nvx init my-project"
    raise DiagnosticError([error("init", "Files are in the way", detail, hint=hint)])


def _indented(content: bytes) -> str:
    lines = content.decode().splitlines()
    return "\n".join(f"        {line}" for line in lines if not line.startswith("#"))
