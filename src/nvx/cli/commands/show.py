"""`nvx show`."""

from __future__ import annotations

from typing import Any

import click

from nvx.cli.app import workspace
from nvx.cli.exits import Exit
from nvx.cli.options import aws_options, common, stack_options
from nvx.cli.shared import out_paint, recorded, say, states, write_json
from nvx.views.records import record_document, record_text

EPILOG = """\b
Examples:
  nvx show fine_tune.support --local
  nvx show evaluation.mmlu --json | jq .outputs.scores"""


@click.command("show", epilog=EPILOG)
@click.argument("address")
@stack_options
@aws_options
def command(*, address: str, **given: Any) -> Exit:
    """Show one resource in full: inputs, outputs, what it was made from, its history."""
    options = common(given)
    with workspace(options, online=False) as space:
        state, record = recorded(states(space), address)
        history = state.records[record.address]
        if options.json:
            older = [record_document(r) for r in history if r.id != record.id]
            write_json({"format": "nvx.record/1", **record_document(record), "history": older})
        else:
            say(record_text(record, history, out_paint(space)))
    return Exit.DONE
