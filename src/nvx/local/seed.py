"""What an account finds in a region before it made anything there."""

from __future__ import annotations

from dataclasses import replace

from nvx.local.context import Context
from nvx.local.services import load_all

_TABLE = "_seeded"


def seed(ctx: Context) -> None:
    """Run the services' `seed(ctx)` functions, once for each account and region."""
    done = ctx.table(_TABLE)
    if "done" in done:
        return
    done.put("done", {"at": ctx.now})
    for module in load_all():
        hook = getattr(module, "seed", None)
        if callable(hook) and getattr(hook, "__module__", "") == module.__name__:
            hook(replace(ctx, reply_headers={}, reply_status=None))
    ctx.store.commit()
