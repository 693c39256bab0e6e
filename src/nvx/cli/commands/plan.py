"""`nvx plan`."""

from __future__ import annotations

from typing import Any

import click

from nvx.cli.app import Opened, Workspace, workspace
from nvx.cli.exits import Exit
from nvx.cli.options import aws_options, common, parallelism, plan_options, stack_options
from nvx.cli.shared import out_paint, rerun_addresses, say, warn, write_json
from nvx.core.diagnostics import DiagnosticError
from nvx.core.plan import Plan
from nvx.core.planner import Options
from nvx.core.resource import Nature
from nvx.engine.look import look
from nvx.engine.refresh import Refresh
from nvx.views.plan import plan_document, plan_text

EPILOG = """\b
Examples:
  nvx plan --local                     against a local AWS, no account needed
  nvx plan stacks/support --json       one stack, for machines
  nvx plan --detailed-exitcode         exit 2 where there are changes
  nvx plan --rerun fine_tune.support   what its next attempt would bring
  nvx plan --no-refresh                from state alone, without asking AWS"""


@click.command("plan", epilog=EPILOG)
@stack_options
@aws_options
@parallelism
@plan_options
@click.option(
    "--detailed-exitcode", is_flag=True, help="Exit 2 where there is something to apply."
)
def command(*, detailed_exitcode: bool, **given: Any) -> Exit:
    """Show what would change, and why. Changes nothing.

    \b
      + create   ^ new version   » rerun     ~ update   ± replace
      = adopt    > move          · note      … in progress
      x stop     - delete        . forget    ! waits for you
    """
    options = common(given)
    online = options.refresh != Refresh.NONE
    with workspace(options, online=online) as space:
        opened = [space.opened(s, online=online, read_only=True) for s in space.loaded()]
        runs = [d.address for o in opened for d in o.declared if d.nature is Nature.RUN]
        wish = Options(rerun=rerun_addresses(options.rerun, runs))
        plans = [
            look(space.desk(one), one.declared, wish, Refresh(options.refresh))
            for one in opened
        ]
        if options.json:
            write_json(plan_document(plans))
        else:
            for one, plan in zip(opened, plans, strict=True):
                show(space, one, plan)
        errors = [d for plan in plans for d in plan.warnings if d.is_error]
        if errors and not options.json:
            raise DiagnosticError(errors)
    if errors:
        return Exit.ERROR
    pending = any(plan.pending for plan in plans)
    return Exit.CHANGES if detailed_exitcode and pending else Exit.DONE


def show(space: Workspace, opened: Opened, plan: Plan) -> None:
    """One plan, as people read it."""
    paint = out_paint(space)
    warn(space, (*opened.warnings, *(w for w in plan.warnings if not w.is_error)))
    where = space.target.title(plan.account, plan.region)
    say(f"stack {paint(plan.stack, 'bold')} {paint.dot} {where}\n")
    say(plan_text(plan, paint) + "\n")


def refuse_errors(plan: Plan) -> None:
    """Raise DiagnosticError where AWS would refuse what the plan starts."""
    errors = [diagnostic for diagnostic in plan.warnings if diagnostic.is_error]
    if errors:
        raise DiagnosticError(errors)
