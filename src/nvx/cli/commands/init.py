"""`nvx init`."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from nvx.cli.exits import Exit
from nvx.core.diagnostics import DiagnosticError, error

_FILES = {
    "stack.toml": "stacks/first/first.toml",
    "answers.jsonl": "stacks/first/data/answers.jsonl",
    "exact.py": "stacks/first/rewards/exact.py",
    "gitignore": ".gitignore",
}

EPILOG = """\b
Examples:
  nvx init                 here
  nvx init my-project      in a new folder"""


@click.command("init", epilog=EPILOG)
@click.argument("directory", default=".", type=click.Path(path_type=Path))
def command(*, directory: Path) -> Exit:
    """Write a first stack: a little data, a reward function, a fine-tune and an evaluation of it."""
    targets = {name: directory / place for name, place in _FILES.items()}
    there = [
        str(path) for path in targets.values() if path.exists() and path.name != ".gitignore"
    ]
    if there:
        raise DiagnosticError(
            [
                error(
                    "init",
                    "Files are in the way",
                    f"{', '.join(there)} already there. Nothing was written.",
                    hint="choose another folder: nvx init my-project",
                )
            ]
        )
    starter = files("nvx.cli") / "starter"
    for name, path in targets.items():
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((starter / name).read_bytes())
        click.echo(f"wrote {path}")
    here = "" if directory == Path() else f"cd {directory}, then "
    click.echo(f"\nNext: {here}nvx plan --local, nvx apply --local, nvx results --local")
    return Exit.DONE
