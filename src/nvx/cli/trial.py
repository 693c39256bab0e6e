"""Run a reward function at home: its own code, in a process of its own, with a time limit."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

_RUNNER = """
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
module, _, name = sys.argv[2].rpartition(".")
class Context:
    function_name = "nvx-test"
    aws_request_id = "nvx-test"
    def get_remaining_time_in_millis(self):
        return int(float(sys.argv[3]) * 1000)
event = json.load(sys.stdin)
out, sys.stdout = sys.stdout, sys.stderr
answer = getattr(importlib.import_module(module), name)(event, Context())
json.dump(answer, out)
"""


class TrialError(Exception):
    """The function did not answer; the message says why, with what it printed."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function to try."""

    zip: bytes
    handler: str
    environment: Mapping[str, str]
    timeout_s: float


def call(function: Function, event: Sequence[object]) -> object:
    """The answer of a function to an event, as the service would get it. Raises TrialError."""
    with tempfile.TemporaryDirectory(prefix="nvx-test-") as name:
        folder = Path(name)
        with ZipFile(BytesIO(function.zip)) as archive:
            archive.extractall(folder)
        arguments = [name, function.handler, str(function.timeout_s)]
        try:
            ended = subprocess.run(  # noqa: S603  the user's own code, asked for by the user
                [sys.executable, "-I", "-c", _RUNNER, *arguments],
                input=json.dumps(event),
                cwd=folder,
                env={"PATH": "/usr/local/bin:/usr/bin:/bin", **function.environment},
                capture_output=True,
                text=True,
                timeout=function.timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise TrialError(f"no answer within {function.timeout_s:g} s") from None
    if ended.returncode:
        raise TrialError(ended.stderr.strip() or f"it ended with code {ended.returncode}")
    try:
        answer: object = json.loads(ended.stdout)
    except ValueError as wrong:
        raise TrialError(f"its answer is no JSON: {wrong}") from None
    return answer
