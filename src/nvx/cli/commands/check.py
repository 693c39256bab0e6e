"""`nvx check`."""

from __future__ import annotations

from typing import Any

import click

from nvx.cli.app import workspace
from nvx.cli.exits import Exit
from nvx.cli.gates import outcomes_of
from nvx.cli.options import aws_options, common, stack_options
from nvx.cli.shared import out_paint, say, states, write_json
from nvx.results.gates import Outcome, Verdict, overall
from nvx.views.gates import gates_document, gates_text

EPILOG = """\b
Examples:
  nvx check --local
  nvx check stacks/support --json      exit 3: one failed, 6: undecided"""


@click.command("check", epilog=EPILOG)
@stack_options
@aws_options
def command(**given: Any) -> Exit:
    """Decide every gate from recorded scores. Takes no lock, asks AWS nothing."""
    options = common(given)
    outcomes: list[Outcome] = []
    with workspace(options, online=False) as space:
        for loaded, state in states(space):
            outcomes += outcomes_of(loaded, state)
        verdict = overall(tuple(outcomes))
        if options.json:
            write_json(
                {
                    "format": "nvx.check/1",
                    "verdict": verdict.value,
                    "gates": gates_document(outcomes),
                }
            )
        else:
            say(gates_text(outcomes, out_paint(space)))
    return exit_of(verdict)


def exit_of(verdict: Verdict) -> Exit:
    """The exit code of a verdict."""
    return {Verdict.FAIL: Exit.GATE, Verdict.UNDECIDED: Exit.RUNNING}.get(verdict, Exit.DONE)
