"""`nvx logs`."""

from __future__ import annotations

from typing import Any

import click

from nvx.cli.app import workspace
from nvx.cli.exits import Exit
from nvx.cli.options import aws_options, common, stack_options
from nvx.cli.shared import recorded, say, states, write_json
from nvx.core.diagnostics import DiagnosticError, error
from nvx.engine.desk import as_run
from nvx.views.paint import clean

EPILOG = """\b
Examples:
  nvx logs fine_tune.support --local
  nvx logs evaluation.mmlu             its jobs, each with its step"""


@click.command("logs", epilog=EPILOG)
@click.argument("address")
@stack_options
@aws_options
def command(*, address: str, **given: Any) -> Exit:
    """Show the last lines that a run logged."""
    options = common(given)
    with workspace(options) as space:
        _, record = recorded(states(space), address)
        for loaded in space.loaded():
            opened = space.opened(loaded, online=True, read_only=True)
            state = opened.store.load()
            if state is None or state.current(record.address) != record:
                continue
            desk = space.desk(opened).with_lineage(state.lineage)
            run = as_run(desk.kind(record))
            if run is None:
                raise DiagnosticError([error("logs", "No logs", f"{address} is no run.")])
            lines = list(run.log_lines(desk.scope, record))
            if options.json:
                write_json({"format": "nvx.logs/1", "address": address, "lines": lines})
            else:
                say("\n".join(map(clean, lines)) or "no log lines yet")
    return Exit.DONE
