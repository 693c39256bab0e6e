"""`nvx wait`."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

import click

from nvx.cli.app import Opened, Workspace, workspace
from nvx.cli.exits import Exit
from nvx.cli.interrupt import stoppable
from nvx.cli.options import aws_options, common, parallelism, stack_options
from nvx.cli.shared import err_paint, say, tell
from nvx.core.state import Record, Status
from nvx.engine.desk import Book, Desk
from nvx.engine.look import empty_state
from nvx.engine.refresh import update_run
from nvx.engine.watch import running_of, until_one_ends
from nvx.views.progress import JsonLines, Lines, Listener

EPILOG = """\b
Examples:
  nvx wait --local
  nvx wait --timeout 3600              an hour at most, then exit 6"""


@click.command("wait", epilog=EPILOG)
@stack_options
@aws_options
@parallelism
@click.option(
    "--timeout",
    type=click.IntRange(1),
    metavar="SECONDS",
    help="Give up after this long, with exit 6.",
)
def command(*, timeout: int | None, **given: Any) -> Exit:
    """Wait until every recorded run has ended. Starts nothing, locks nothing, writes nothing."""
    options = common(given)
    with workspace(options) as space, stoppable(space.stopping):
        codes = [
            _wait(space, space.opened(loaded, online=True, read_only=True), timeout)
            for loaded in space.loaded()
        ]
    return next(
        (c for c in (Exit.INTERRUPTED, Exit.RUNNING, Exit.ERROR) if c in codes), Exit.DONE
    )


def _wait(space: Workspace, opened: Opened, timeout: int | None) -> Exit:
    with _listener(space, opened.settings.name) as listener:
        return _wait_for(space, opened, space.desk(opened, listener), timeout)


def _listener(space: Workspace, stack: str) -> Listener:
    if space.common.json:
        return JsonLines(sys.stdout, err_paint(space), stack)
    return Lines(sys.stderr, err_paint(space))


def _wait_for(space: Workspace, opened: Opened, desk: Desk, timeout: int | None) -> Exit:
    book = Book(opened.store.load() or empty_state(opened.settings))
    ended: list[Record] = []
    begun = space.clock.now()
    while running := running_of(book.state):
        left = (
            None if timeout is None else begun + timedelta(seconds=timeout) - space.clock.now()
        )
        if not until_one_ends(desk, running, left):
            return _unfinished(space, running)
        updated = [update_run(desk, book, record) for record in running]
        ended += [record for record in updated if record.status.ended]
    if not ended and not space.common.json:
        say(f"{opened.settings.name}: nothing runs")
    bad = any(record.status is not Status.READY for record in ended)
    return Exit.ERROR if bad else Exit.DONE


def _unfinished(space: Workspace, running: tuple[Record, ...]) -> Exit:
    tell(f"Still running: {', '.join(str(r.address) for r in running)}.")
    return Exit.INTERRUPTED if space.stopping.is_set() else Exit.RUNNING
