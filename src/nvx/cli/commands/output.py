"""`nvx output`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import click

from nvx.cli.app import Workspace, workspace
from nvx.cli.exits import Exit
from nvx.cli.options import aws_options, common, stack_options
from nvx.cli.shared import out_paint, say, states, write_json
from nvx.config.stack import LoadedStack
from nvx.core.diagnostics import DiagnosticError, error, nearest
from nvx.core.ports import in_one_line
from nvx.core.state import State
from nvx.core.values import JsonValue
from nvx.engine.outputs import resolved
from nvx.views.outputs import outputs_document, outputs_text, value_text

_Outputs: TypeAlias = Mapping[str, Mapping[str, JsonValue]]

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
        found = {
            loaded.settings.name: _values(loaded, state) for loaded, state in states(space)
        }
        if name:
            value = _one(found, name)
            write_json(value) if options.json else say(value_text(value))
        elif options.json:
            write_json(outputs_document(found))
        else:
            say("\n\n".join(_titled(space, found)) or "No outputs.")
    return Exit.DONE


def _values(loaded: LoadedStack, state: State | None) -> Mapping[str, JsonValue]:
    return resolved({name: output.value for name, output in loaded.outputs.items()}, state)


def _titled(space: Workspace, found: _Outputs) -> Iterator[str]:
    """The outputs of each stack, under its name where there are several."""
    paint = out_paint(space)
    for stack, values in found.items():
        title = f"stack {paint(stack, 'bold')}\n" if len(found) > 1 else ""
        yield title + outputs_text(values, paint)


def _one(found: _Outputs, name: str) -> JsonValue:
    """The value of an output. Raises DiagnosticError where no stack, or more than one, has it."""
    stacks = [stack for stack, values in found.items() if name in values]
    if len(stacks) == 1:
        return found[stacks[0]][name]
    if stacks:
        detail = f'the stacks {in_one_line(stacks)} each have an output "{name}".'
        raise DiagnosticError(
            [error("output", "Which stack?", detail, hint="name the folder of one stack")]
        )
    known = {name for values in found.values() for name in values}
    detail = f'there is no output "{name}".{nearest(name, known)}'
    raise DiagnosticError([error("output", "Unknown output", detail)])
