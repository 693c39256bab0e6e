"""The look that settles what time has done: outputs, packages, log lines, steps of pipelines."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

from nvx.local.context import Context, Params

UNFINISHED = "sagemaker.unfinished"
"""What a later request has to settle, by "job/<name>", "automl/<name>" or "execution/<pipeline>/<id>".

{"Due": when} for what needs no look before that time; {} for what does.
"""

Settler = Callable[[Context, str, Params], None]
"""Settles one entry of UNFINISHED, and drops the entry when nothing is left to do."""

UnlockedWork = Callable[[Context], bool]
"""Does one thing that takes long, with the server's lock released; False where there is none."""

_SETTLERS: dict[str, Settler] = {}
_UNLOCKED: list[UnlockedWork] = []
_settling: ContextVar[bool] = ContextVar("settling", default=False)


def settles(kind: str) -> Callable[[Settler], Settler]:
    """Register the decorated function for the entries that begin with `kind` and a slash."""

    def register(settler: Settler) -> Settler:
        _SETTLERS[kind] = settler
        return settler

    return register


def works_unlocked(work: UnlockedWork) -> UnlockedWork:
    """Register the decorated function for what a look may set off and others need not wait for."""
    _UNLOCKED.append(work)
    return work


def settle(ctx: Context) -> None:
    """Bring everything of the caller's account and region up to the present.

    Steps of a pipeline create jobs through the front door, which settles too: the inner call is
    left to the outer one.
    """
    if _settling.get() or not len(ctx.table(UNFINISHED)):
        return
    mark = _settling.set(True)
    try:
        _settle_due(ctx)
        while any(work(ctx) for work in _UNLOCKED):
            _settle_due(ctx)
    finally:
        _settling.reset(mark)


def _settle_due(ctx: Context) -> None:
    now = ctx.now
    # Executions settle the jobs of their own steps, in the order of the steps.
    for kind in ("execution", "job", "automl"):
        for key, entry in ctx.table(UNFINISHED).items():
            if key.startswith(f"{kind}/") and entry.get("Due", now) <= now:
                _SETTLERS[kind](ctx, key, entry)
