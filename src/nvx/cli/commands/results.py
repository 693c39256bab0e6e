"""`nvx results`."""

from __future__ import annotations

from typing import Any

import click

from nvx.cli.app import workspace
from nvx.cli.exits import Exit
from nvx.cli.options import aws_options, common, stack_options
from nvx.cli.shared import out_paint, say, states, write_json
from nvx.results.table import results_table
from nvx.views.results import results_csv, results_document, results_text

EPILOG = """\b
Examples:
  nvx results --local
  nvx results --csv > scores.csv       with full precision, for a spreadsheet
  nvx results --json | jq '.results[].metrics'"""


@click.command("results", epilog=EPILOG)
@stack_options
@aws_options
@click.option("--csv", is_flag=True, help="Write comma-separated values.")
def command(*, csv: bool, **given: Any) -> Exit:
    """Show recorded scores: models beside evaluations, base beside tuned."""
    options = common(given)
    with workspace(options, online=False) as space:
        table = results_table(
            record
            for _, state in states(space)
            if state is not None
            for record in state.currents()
            if record.kind == "evaluation"
        )
        if options.json:
            write_json(results_document(table))
        elif csv:
            click.echo(results_csv(table), nl=False)
        else:
            say(results_text(table, out_paint(space)))
    return Exit.DONE
