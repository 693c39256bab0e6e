"""`nvx apply`."""

from __future__ import annotations

from typing import Any

import click

from nvx.cli.exits import Exit
from nvx.cli.options import aws_options, common, parallelism, plan_options, stack_options
from nvx.cli.perform import perform

EPILOG = """\b
Examples:
  nvx apply --local --yes              a first apply, without an account
  nvx apply stacks/support             asks before it starts anything
  nvx apply --detach --yes             start what can start, and leave
  nvx apply --rerun fine_tune.support  start the next attempt of a run"""


@click.command("apply", epilog=EPILOG)
@stack_options
@aws_options
@parallelism
@plan_options
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--detach", is_flag=True, help="Do not wait for runs; a later apply goes on.")
@click.option(
    "--detailed-exitcode",
    is_flag=True,
    help="With --detach: exit 6 while runs are in progress.",
)
def command(*, yes: bool, detach: bool, detailed_exitcode: bool, **given: Any) -> Exit:
    """Make the stacks true: upload, import, start, wait, read scores.

    Shows the plan and asks first. Interrupted at any point, the next apply finishes the work and
    pays for nothing twice.
    """
    options = common(given)
    return perform(options, yes=yes, detach=detach, detailed_exitcode=detailed_exitcode)
