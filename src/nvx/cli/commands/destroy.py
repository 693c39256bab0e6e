"""`nvx destroy`."""

from __future__ import annotations

from typing import Any

import click

from nvx.cli.exits import Exit
from nvx.cli.options import aws_options, common, parallelism, stack_options
from nvx.cli.perform import perform

EPILOG = """\b
Examples:
  nvx destroy stacks/support           asks before it removes anything
  nvx destroy --local --yes            everything in the local AWS"""


@click.command("destroy", epilog=EPILOG)
@stack_options
@aws_options
@parallelism
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
def command(*, yes: bool, **given: Any) -> Exit:
    """Stop, delete and forget what a stack made.

    Ended runs, their models and scores stay in AWS and as history in state: applying the stack
    again adopts them and starts no paid run. What stays is said, with the reason.
    """
    return perform(common(given), yes=yes, destroy=True)
