"""`nvx output`."""

from __future__ import annotations

from typing import Any

import click

from nvx.cli.app import workspace
from nvx.cli.exits import Exit
from nvx.cli.options import aws_options, common, stack_options
from nvx.cli.shared import out_paint, say, states, write_json
from nvx.core.diagnostics import DiagnosticError, error, nearest
from nvx.core.values import JsonValue
from nvx.engine.outputs import resolved
from nvx.views.outputs import outputs_text, value_text

EPILOG = """\b
Examples:
  nvx output --local
  nvx output --name model              only the value: for scripts
  nvx output --json"""


@click.command("output", epilog=EPILOG)
@stack_options
@aws_options
@click.option("--name", default="", metavar="NAME", help="Write only the value of this output.")
def command(*, name: str, **given: Any) -> Exit:
    """Show the outputs of a stack, from what is recorded."""
    options = common(given)
    with workspace(options, online=False) as space:
        values: dict[str, JsonValue] = {}
        for loaded, state in states(space):
            declared = {name: output.value for name, output in loaded.outputs.items()}
            values |= resolved(declared, state)
        if name:
            _one(values, name, json=options.json)
        elif options.json:
            write_json(values)
        else:
            say(outputs_text(values, out_paint(space)))
    return Exit.DONE


def _one(values: dict[str, JsonValue], name: str, *, json: bool) -> None:
    if name not in values:
        raise DiagnosticError(
            [
                error(
                    "output",
                    "Unknown output",
                    f'there is no output "{name}".{nearest(name, values)}',
                )
            ]
        )
    if json:
        write_json(values[name])
    else:
        say(value_text(values[name]))
