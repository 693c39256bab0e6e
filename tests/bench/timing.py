"""Commands timed side by side: first one, then the other, and again, on a machine with others on it."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
_MEASURE = Path(__file__).with_name("measure.py")


@dataclass(frozen=True, slots=True)
class Command:
    """A command and where it runs."""

    arguments: Sequence[str]
    folder: Path
    env: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a command took."""

    seconds: float
    megabytes: float
    out: str


class CommandError(Exception):
    """A command that was to be measured failed; the message is the end of what it said."""


def nvx(folder: Path, *arguments: str) -> Command:
    """`nvx` of this checkout."""
    return Command([sys.executable, "-m", "nvx", *arguments], folder)


def run(command: Command) -> Run:
    """Run a command to its end. Raises CommandError."""
    here = os.pathsep.join(str(REPOSITORY / below) for below in ("src", ""))
    env = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": here, **(command.env or {})}
    # Installed programs find their bytecode on disk; so do these, whatever the environment says.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.NamedTemporaryFile() as result:
        ended = subprocess.run(
            [sys.executable, "-I", "-S", str(_MEASURE), result.name, *command.arguments],
            cwd=command.folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if ended.returncode:
            raise CommandError(f"{' '.join(command.arguments)}: {ended.stdout[-2000:]}")
        return Run(**json.load(result), out=ended.stdout)


def side_by_side(one: Command, other: Command, times: int) -> tuple[Run, Run]:
    """The median of each of two commands, run in turns; both are run once before that."""
    run(one), run(other)
    runs = [(run(one), run(other)) for _ in range(times)]
    return median([first for first, _ in runs]), median([second for _, second in runs])


def median(runs: Sequence[Run]) -> Run:
    """The median time and memory."""
    return Run(
        statistics.median(one.seconds for one in runs),
        statistics.median(one.megabytes for one in runs),
        runs[-1].out,
    )
