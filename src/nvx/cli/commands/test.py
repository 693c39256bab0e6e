"""`nvx test`."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import click

from nvx.cli.app import workspace
from nvx.cli.exits import Exit
from nvx.cli.options import common, stack_options
from nvx.cli.shared import addressed, out_paint, say, write_json
from nvx.cli.trial import Function, TrialError, call
from nvx.config.stack import LoadedStack
from nvx.core.address import Address
from nvx.core.diagnostics import DiagnosticError, error, nearest
from nvx.core.resource import Checked
from nvx.data.errors import DataError
from nvx.data.rewards import Sample, Scored, sample_of, scored
from nvx.data.tree import build_zip
from nvx.views.trial import trial_text

_BATCH = 16

EPILOG = """\b
Examples:
  nvx test evaluator.exact             on the first rows of the stack's data
  nvx test evaluator.exact --data held_out.jsonl --rows 100"""


@click.command("test", epilog=EPILOG)
@click.argument("address")
@click.option("--data", type=click.Path(path_type=Path), help="A JSONL file of rows to score.")
@click.option(
    "--rows", default=20, show_default=True, type=click.IntRange(1), help="At most so many."
)
@stack_options
def command(*, address: str, data: Path | None, rows: int, **given: Any) -> Exit:
    """Try a reward function at home, on real rows, in the event form that the service sends.

    The answer that is scored is each row's own reference answer, so a right function scores it
    high. Ids, envelope and numbers of the answer are checked as the service would.
    """
    options = common(given)
    with workspace(options, online=False) as space:
        loaded, resource = _found(space.loaded(), addressed(address))
        function = _function(resource)
        file = data or _data_of(loaded)
        samples = list(islice(_samples(file), rows))
        if not samples:
            raise _refused("No rows to score", f"{file} has no row with a reference answer.")
        results = _scored(function, samples)
        if options.json:
            write_json(
                {
                    "format": "nvx.test/1",
                    "file": str(file),
                    "rows": [asdict(r) for r in results],
                }
            )
        else:
            say(trial_text(results, str(file), out_paint(space)))
    return Exit.ERROR if any(result.problem for result in results) else Exit.DONE


def _found(stacks: Sequence[LoadedStack], address: Address) -> tuple[LoadedStack, Checked]:
    known = []
    for loaded in stacks:
        for resource in loaded.resources:
            if resource.address == address:
                return loaded, resource
            if resource.variant == "reward_function":
                known.append(str(resource.address))
    hint = nearest(str(address), known).strip()
    raise _refused("Nothing to try", f"no stack declares {address}. {hint}".strip())


def _function(resource: Checked) -> Function:
    config: Any = resource.config
    if resource.variant != "reward_function" or not config.source:
        raise _refused("Nothing to try", f"{resource.address} has no code of its own here.")
    try:
        zipped = build_zip(Path(resource.directory) / config.source)
    except DataError as wrong:
        raise _refused("Source not readable", str(wrong)) from wrong
    return Function(zipped, config.handler, dict(config.environment), float(config.timeout))


def _data_of(loaded: LoadedStack) -> Path:
    """The first local dataset of the stack."""
    for resource in loaded.resources:
        source = str(getattr(resource.config, "source", ""))
        if resource.kind == "dataset" and source.endswith(".jsonl") and "://" not in source:
            return Path(resource.directory) / source
    raise _refused(
        "No rows to score", "the stack has no local dataset; name a file with --data."
    )


def _samples(file: Path) -> Iterator[Sample]:
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                sample = _sample(line, number)
                if sample is not None:
                    yield sample
    except OSError as wrong:
        raise _refused("Data not readable", f"{file}: {wrong.strerror}") from wrong


def _sample(line: bytes, number: int) -> Sample | None:
    try:
        row = jsonlib.loads(line)
    except ValueError:  # `nvx validate` says what is wrong with rows
        return None
    return sample_of(row, number) if isinstance(row, dict) else None


def _scored(function: Function, samples: Sequence[Sample]) -> list[Scored]:
    results: list[Scored] = []
    for start in range(0, len(samples), _BATCH):
        batch = samples[start : start + _BATCH]
        try:
            results += scored(call(function, [s.event for s in batch]), batch)
        except TrialError as wrong:
            results += [Scored(s.line, s.id, None, str(wrong)) for s in batch]
    return results


def _refused(summary: str, detail: str) -> DiagnosticError:
    return DiagnosticError([error("test", summary, detail)])
