"""The built-in scorers prime_math and prime_code, on the reference answers of rows."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

from nvx.local.context import AwsError, Context, Params
from nvx.local.services.lambda_ import runner
from nvx.local.services.sagemaker.samples import reference_of

_HARNESS = Path(__file__).with_name("prime_harness.py")
_FENCE = re.compile(r"```(?:python)?\n(.*?)```", re.DOTALL)
_BOXED = re.compile(r"\\boxed\{([^{}]*)\}")
_SECONDS = 60.0


def prime_math(_ctx: Context, rows: Sequence[Params]) -> list[float]:
    """1 for each row whose reference holds a result, which the answer then gives too, else 0.

    Rows without a reference are passed over.
    """
    return [1.0 if result_of(text) else 0.0 for text in map(reference_of, rows) if text]


def result_of(text: str) -> str:
    """The result of an answer: what is boxed, else its last line, without spaces and dollar signs."""
    boxed = _BOXED.findall(text)
    last = boxed[-1] if boxed else text.strip().rpartition("\n")[2]
    return re.sub(r"[\s$,]", "", last).removesuffix(".").lower()


def prime_code(ctx: Context, rows: Sequence[Params]) -> list[float]:
    """1 for each row whose reference program passes all of the row's own tests, else 0.

    Rows without a program or without tests are passed over.
    """
    events = [task for task in map(_task, rows) if task is not None]
    if not events:
        return []
    if not ctx.settings.run_lambda:
        raise AwsError("NotImplementedByLocalAws", "Running code is switched off.", 501)
    job = runner.Job(
        code=_archive(),
        handler="lambda_function.lambda_handler",
        events=events,
        context=_context(),
        environment={},
        timeout_s=_SECONDS,
    )
    with ctx.unlocked():
        outcome = runner.run(job)
    return [float(json.loads(reply.result or "0")) for reply in outcome.replies]


def _task(row: Params) -> Params | None:
    program, tests = reference_of(row), row.get("metadata")
    if not program or not isinstance(tests, dict) or not tests.get("inputs"):
        return None
    fenced = _FENCE.search(program)
    return {
        "program": fenced[1] if fenced else program,
        "fn_name": tests.get("fn_name"),
        "inputs": tests["inputs"],
        "outputs": tests.get("outputs", []),
    }


def _archive() -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("lambda_function.py", _HARNESS.read_text(encoding="utf-8"))
    buffer.seek(0)
    return buffer


def _context() -> Params:
    named = (
        "function_name", "function_version", "invoked_function_arn", "memory_limit_in_mb",
        "log_group_name", "log_stream_name",
    )  # fmt: skip
    told = {"aws_request_id": "prime_code", "client_context": None, "timeout_s": _SECONDS}
    return {**dict.fromkeys(named, ""), **told}
