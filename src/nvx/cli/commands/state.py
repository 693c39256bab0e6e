"""`nvx state`."""

from __future__ import annotations

from typing import Any

import click

from nvx.cli.app import workspace
from nvx.cli.exits import Exit
from nvx.cli.options import aws_options, common, stack_options
from nvx.cli.shared import out_paint, recorded, say, states, write_json
from nvx.views.records import record_document, record_text, records_text

EPILOG = """\b
Examples:
  nvx state list --history             what is current, and what was
  nvx state show fine_tune.support
  nvx state unlock                     after an apply was killed"""


@click.group("state", epilog=EPILOG)
def command() -> None:
    """List, show and unlock recorded state."""


@command.command("list")
@stack_options
@aws_options
@click.option("--history", is_flag=True, help="Also what is current no more.")
def list_(*, history: bool, **given: Any) -> Exit:
    """List the records of a stack."""
    options = common(given)
    with workspace(options, online=False) as space:
        records = [
            record
            for _, state in states(space)
            if state is not None
            for address in sorted(state.records)
            for record in state.records[address]
            if record.current or history
        ]
        if options.json:
            listed = [record_document(record) for record in records]
            write_json({"format": "nvx.records/1", "records": listed})
        else:
            say(records_text(records, out_paint(space)))
    return Exit.DONE


@command.command("show")
@click.argument("address")
@stack_options
@aws_options
def show(*, address: str, **given: Any) -> Exit:
    """Show one record in full."""
    options = common(given)
    with workspace(options, online=False) as space:
        state, record = recorded(states(space), address)
        if options.json:
            write_json({"format": "nvx.record/1", **record_document(record)})
        else:
            say(record_text(record, state.records[record.address], out_paint(space)))
    return Exit.DONE


@command.command("unlock")
@stack_options
@aws_options
def unlock(**given: Any) -> Exit:
    """Remove a lock whose process is gone. A lock that is still held is refused."""
    options = common(given)
    with workspace(options, online=False) as space:
        for loaded in space.loaded():
            holder = space.store_of(loaded.settings).unlock()
            said = f"removed the lock of {holder}" if holder else "was not locked"
            say(f"{loaded.settings.name}: {said}")
    return Exit.DONE
