"""`nvx status`."""

from __future__ import annotations

from typing import Any

import click

from nvx.cli.app import workspace
from nvx.cli.exits import Exit
from nvx.cli.options import aws_options, common, stack_options
from nvx.cli.shared import out_paint, say, states, write_json
from nvx.views.records import records_text, state_document
from nvx.views.wrap import counted

EPILOG = """\b
Examples:
  nvx status --local                   every stack below stacks/
  nvx status stacks/support --json     one stack, for machines"""


@click.command("status", epilog=EPILOG)
@stack_options
@aws_options
def command(**given: Any) -> Exit:
    """Show what is recorded, what runs, and who is applying. Takes no lock, asks AWS nothing."""
    options = common(given)
    with workspace(options, online=False) as space:
        found = states(space)
        if options.json:
            write_json(
                {
                    "format": "nvx.status/1",
                    "stacks": [
                        state_document(state) for _, state in found if state is not None
                    ],
                }
            )
            return Exit.DONE
        paint = out_paint(space)
        for loaded, state in found:
            say(paint(loaded.settings.name, "bold"))
            say(records_text(state.currents() if state else (), paint))
            if state is not None and (holder := space.holder(loaded.settings)) is not None:
                say(f"being changed by {holder}")
            if state is not None and state.intents:
                calls = counted(len(state.intents), "call")
                say(f"{calls} of an interrupted apply not settled: `nvx apply` settles them")
            say("")
    return Exit.DONE
