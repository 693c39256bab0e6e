"""The session in the README is what nvx prints: its commands are run, its lines are looked for."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

from support.project import REPOSITORY, Project, project

README = (REPOSITORY / "README.md").read_text()
_VARIES = (
    (re.compile(r"\b\d+\.\d{4}\b"), "N"),  # scores
    (re.compile(r"\b[0-9a-f]{8}\b"), "TAG"),  # of physical names
    (re.compile(r" in (\d+h)?(\d+m)?\d+s\b"), ""),  # how long a run took
    (re.compile(r" +"), " "),
)
_PROGRESS = re.compile(r"\s*(…|\.\.\.) ")


def session() -> list[tuple[str, list[str]]]:
    """Each command of the README with the lines that it prints there."""
    steps: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", README, flags=re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                steps.append((line.removeprefix("$ "), []))
            elif line.strip() and not _PROGRESS.match(line):
                steps[-1][1].append(line)
    return steps


def normal(line: str) -> str:
    for pattern, word in _VARIES:
        line = pattern.sub(word, line)
    return line.strip()


def printed_by(command: str, made: Project) -> list[str]:
    """What a line of the session prints. Files come back from the repository, as git would do it."""
    program, *arguments = shlex.split(command)
    if program == "nvx":
        ended = made.nvx(*arguments)
        return (ended.out + "\n" + ended.err).splitlines()
    if program == "git":
        shutil.copy(REPOSITORY / arguments[-1], made.root / arguments[-1])
        return []
    before = (made.root / arguments[-1]).read_bytes()
    subprocess.run([program, *arguments], cwd=made.root, check=True)
    assert (made.root / arguments[-1]).read_bytes() != before, f"changed nothing: {command}"
    return []


def test_the_session_of_the_readme_is_what_nvx_prints(tmp_path: Path) -> None:
    steps = session()
    assert sum(command.startswith("nvx ") for command, _ in steps) >= 7
    with project(tmp_path, "quickstart") as made:
        for command, lines in steps:
            printed = {normal(line) for line in printed_by(command, made)}
            missing = [line for line in lines if normal(line) not in printed]
            assert not missing, f"$ {command} does not print {missing}, but {sorted(printed)}"


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 160
