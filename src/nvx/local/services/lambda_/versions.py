"""Published versions: frozen copies of a function."""

from __future__ import annotations

from nvx.local.context import Context, Params
from nvx.local.services.lambda_ import register
from nvx.local.services.lambda_.register import Function


def numbered(function: Function) -> list[tuple[str, Function]]:
    """The published versions of a function, oldest first."""
    return sorted(function["Versions"].items(), key=lambda row: int(row[0]))


def publish(ctx: Context, function: Function, description: str | None = None) -> Params:
    """Freeze $LATEST as the next version; the same code and configuration is no new version."""
    config = function["Config"]
    last = numbered(function)[-1:]
    if last and last[0][1]["Source"] == config["RevisionId"]:
        return register.shown(ctx, function, last[0][1]["Config"])
    name = config["FunctionName"]
    number = str(ctx.store.sequence(f"lambda-version/{ctx.account}/{ctx.region}/{name}"))
    frozen = config | {"Version": number, "FunctionArn": register.arn_of(ctx, name, number)}
    if description:
        frozen["Description"] = description
    version = {"Config": frozen, "Code": function["Code"], "Source": config["RevisionId"]}
    changed = function | {"Versions": {**function["Versions"], number: version}}
    register.save(ctx, changed)
    return register.shown(ctx, changed, frozen)
