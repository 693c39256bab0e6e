"""`nvx validate`."""

from __future__ import annotations

from typing import Any

import click

from nvx.cli.app import workspace
from nvx.cli.exits import Exit
from nvx.cli.options import common, stack_options
from nvx.cli.shared import out_paint, say, warn, write_json
from nvx.core.diagnostics import Diagnostic, DiagnosticError
from nvx.views.diagnostics import diagnostics_document

EPILOG = """\b
Examples:
  nvx validate                         every stack below stacks/
  nvx validate stacks/quickstart       one stack
  nvx validate --var-file prod.toml    with other variables
  nvx validate --json                  problems for machines"""


@click.command("validate", epilog=EPILOG)
@stack_options
def command(**given: Any) -> Exit:
    """Check stacks, data rows and code without asking AWS.

    Every problem of every stack is reported in one run.
    """
    with workspace(common(given), online=False) as space:
        warnings: list[Diagnostic] = []
        problems: list[Diagnostic] = []
        stacks = space.loaded()
        for loaded in stacks:
            try:
                warnings += space.checked(loaded)
            except DiagnosticError as failure:
                problems += failure.diagnostics
        if problems:
            raise DiagnosticError(problems)
        if space.common.json:
            write_json(
                {
                    "format": "nvx.validate/1",
                    "valid": True,
                    "stacks": [loaded.settings.name for loaded in stacks],
                    "diagnostics": diagnostics_document(warnings),
                }
            )
            return Exit.DONE
        warn(space, warnings)
        for loaded in stacks:
            count = len(loaded.resources)
            name = out_paint(space)(loaded.settings.name, "bold")
            say(f"{name}: valid ({count} resource{'' if count == 1 else 's'})")
    return Exit.DONE
