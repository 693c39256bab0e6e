"""`nvx stop`."""

from __future__ import annotations

from typing import Any

import click

from nvx.cli.app import workspace
from nvx.cli.exits import Exit
from nvx.cli.options import aws_options, common, stack_options
from nvx.cli.shared import recorded, say, states, write_json
from nvx.core.diagnostics import DiagnosticError, error
from nvx.core.resource import Nature
from nvx.views.records import status_word

EPILOG = """\b
Examples:
  nvx stop fine_tune.support           then `nvx apply` records how it ended
  nvx apply --rerun fine_tune.support  start it again, later"""


@click.command("stop", epilog=EPILOG)
@click.argument("address")
@stack_options
@aws_options
def command(*, address: str, **given: Any) -> Exit:
    """Stop a running job in AWS. What it made so far stays; `--rerun` starts the next attempt."""
    options = common(given)
    with workspace(options) as space:
        _, record = recorded(states(space), address)
        if record.nature is not Nature.RUN or record.status.ended:
            raise DiagnosticError(
                [
                    error(
                        "stop", "Nothing to stop", f"{record.address} is {status_word(record)}."
                    )
                ]
            )
        for loaded in space.loaded():
            opened = space.opened(loaded, online=True, read_only=False)
            state = opened.store.load()
            if state is not None and state.current(record.address) == record:
                desk = space.desk(opened).with_lineage(state.lineage)
                desk.kind(record).delete(desk.scope, record)
    if options.json:
        write_json({"format": "nvx.stop/1", "address": address, "stopping": True})
    else:
        say(f"{record.address} is stopping; `nvx apply` records how it ended")
    return Exit.DONE
