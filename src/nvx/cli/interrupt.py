"""Ctrl-C and SIGTERM: start nothing new, record what came back, leave within five seconds."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from nvx.cli.exits import Exit

_LIMIT_S = 4.5


@contextmanager
def stoppable(stopping: threading.Event) -> Iterator[None]:
    """While inside, the first signal sets `stopping`; the second one, or the time limit, ends nvx.

    Leaving hard is safe: every call was written down before it was sent, and the next apply settles it.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        if stopping.is_set():
            os._exit(Exit.INTERRUPTED)
        stopping.set()
        click.echo("\nStopping: nothing new starts; jobs in AWS go on.", err=True)
        limit = threading.Timer(_LIMIT_S, os._exit, (Exit.INTERRUPTED,))
        limit.daemon = True
        limit.start()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
