"""A project in a folder of its own, `nvx` as a subprocess, and the local AWS that it talks to."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nvx.local.calls import Call
from nvx.local.server import LocalAws
from nvx.local.settings import Settings

REPOSITORY = Path(__file__).parents[2]
PAID = ("CreateTrainingJob", "StartPipelineExecution")
JOBS = "sagemaker.training-jobs"
EXECUTIONS = "sagemaker.pipeline-executions"
FAST = 20_000.0
"""How much faster than AWS the local one runs jobs: a fine-tune takes an eighth of a second."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it wrote to stdout, as one JSON document."""
        return json.loads(self.out)

    @property
    def events(self) -> list[Any]:
        """What it wrote to stdout, as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


class Project:
    """A working directory with stacks, state and a running local AWS."""

    def __init__(self, root: Path, aws: LocalAws) -> None:
        self.root = root
        self.aws = aws

    def start(
        self, *arguments: str, env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start `nvx` and return at once."""
        return subprocess.Popen(
            [sys.executable, "-m", "nvx", *arguments],
            cwd=self.root,
            env=_environment(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def nvx(self, *arguments: str, env: Mapping[str, str] | None = None) -> Ended:
        """Run `nvx` to its end."""
        with self.start(*arguments, env=env) as process:
            out, err = process.communicate(timeout=120)
        return Ended(process.returncode, out, err)

    def plan(self, *arguments: str) -> dict[str, dict[str, Any]]:
        """`nvx plan --local --json`: address → change."""
        ended = self.nvx("plan", "--local", "--json", *arguments)
        assert ended.code == 0, ended
        return {change["address"]: change for change in ended.json["stacks"][0]["changes"]}

    def apply(self, *arguments: str) -> Ended:
        """`nvx apply --local --yes`, which must succeed."""
        ended = self.nvx("apply", "--local", "--yes", *arguments)
        assert ended.code == 0, ended
        return ended

    def killed_at(self, process: subprocess.Popen[str], effect: str) -> bool:
        """Kill a command once a fault of that effect has struck; False where it ended before."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if any(fault.struck for fault in self.aws.faults.rules() if fault.do == effect):
                process.send_signal(signal.SIGKILL)
                process.communicate()
                return True
            if process.poll() is not None:
                process.communicate()
                return False
            time.sleep(0.01)  # noqa: TID251  a process is waited for
        raise AssertionError("the command neither ended nor reached the fault")

    def calls(self) -> list[Call]:
        """Every call that the local AWS answered since the last `forget_calls`."""
        return self.aws.calls

    def forget_calls(self) -> None:
        """Count from here."""
        self.aws.clear_calls()

    def counted(self) -> Counter[str]:
        """How often each operation took effect."""
        return Counter(c.operation for c in self.calls() if c.status == 200 or c.effect)

    def paid(self) -> int:
        """How many paid runs exist in the local AWS: jobs of our own, and executions."""
        jobs = [name for name, _ in self.objects(JOBS) if not name.startswith("pipelines-")]
        return len(jobs) + len(self.objects(EXECUTIONS))

    def objects(self, table: str) -> list[tuple[str, Any]]:
        """The documents of a table of the local AWS."""
        return self.aws.store.table(table, "000000000000", "us-west-2").items()

    def edit(self, path: str, before: str, after: str) -> None:
        """Replace text in a file; it must be there."""
        file = self.root / path
        text = file.read_text()
        assert before in text, f"{before!r} is not in {path}"
        file.write_text(text.replace(before, after))


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """What a command sees; it may keep its bytecode, or each start would compile everything."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "NO_COLOR": "1", **more}


@contextmanager
def project(root: Path, *stacks: str, **settings: Any) -> Iterator[Project]:
    """A project with copies of the repository's example stacks, on a local AWS of its own."""
    for stack in stacks:
        shutil.copytree(REPOSITORY / "stacks" / stack, root / "stacks" / stack)
    chosen = Settings(**{"speed": FAST, **settings})
    with LocalAws(root / ".nvx" / "local", settings=chosen) as aws:
        yield Project(root, aws)
        assert not aws.bad_output, aws.bad_output
