"""Published versions of functions, and aliases of them."""

from __future__ import annotations

from typing import Any

from nvx.local.context import Context, Params, operation
from nvx.local.services.lambda_ import register
from nvx.local.services.lambda_.functions import paged
from nvx.local.services.lambda_.register import (
    LATEST,
    Function,
    arn_of,
    conflict,
    function_of,
    invalid,
    named,
    not_found,
)
from nvx.local.services.lambda_.versions import numbered, publish

Alias = dict[str, Any]


@operation("lambda", "PublishVersion")
def publish_version(ctx: Context, params: Params) -> Params:
    """Freeze $LATEST as the next version; the same code and configuration is no new version."""
    function = function_of(ctx, named(params).name)
    register.check_idle(ctx, function)
    config = function["Config"]
    register.check_revision(params, config["RevisionId"])
    if params.get("CodeSha256") not in (None, config["CodeSha256"]):
        raise invalid(
            "CodeSHA256 is different from current CodeSHA256 in $LATEST. Please try again "
            "with the CodeSHA256 in $LATEST."
        )
    return publish(ctx, function, params.get("Description"))


@operation("lambda", "ListVersionsByFunction")
def list_versions_by_function(ctx: Context, params: Params) -> Params:
    """$LATEST and the published versions, oldest first."""
    name = named(params).name
    function = function_of(ctx, name)
    latest = function["Config"] | {"FunctionArn": arn_of(ctx, name, LATEST)}
    rows: list[tuple[Any, Params]] = [(0, latest)]
    rows += [(int(number), version["Config"]) for number, version in numbered(function)]
    chosen, reply = paged(rows, params)
    return {"Versions": [dict(config) for _, config in chosen]} | reply


@operation("lambda", "CreateAlias")
def create_alias(ctx: Context, params: Params) -> Params:
    """Name a version."""
    name, alias = named(params).name, params["Name"]
    function = function_of(ctx, name)
    if alias in function["Aliases"]:
        raise conflict(f"Alias already exists: {arn_of(ctx, name, alias)}")
    return _save_alias(ctx, function, alias, {"Description": ""} | params)


@operation("lambda", "GetAlias")
def get_alias(ctx: Context, params: Params) -> Params:
    """An alias."""
    function = function_of(ctx, named(params).name)
    return dict(_alias_of(ctx, function, params["Name"]))


@operation("lambda", "ListAliases")
def list_aliases(ctx: Context, params: Params) -> Params:
    """The aliases of a function, or of one of its versions."""
    function = function_of(ctx, named(params).name)
    wanted = params.get("FunctionVersion")
    rows = [
        (name, alias)
        for name, alias in sorted(function["Aliases"].items())
        if wanted in (None, alias["FunctionVersion"])
    ]
    chosen, reply = paged(rows, params)
    return {"Aliases": [dict(alias) for _, alias in chosen]} | reply


@operation("lambda", "UpdateAlias")
def update_alias(ctx: Context, params: Params) -> Params:
    """Point an alias at another version."""
    function = function_of(ctx, named(params).name)
    alias = _alias_of(ctx, function, params["Name"])
    register.check_revision(params, alias["RevisionId"])
    return _save_alias(ctx, function, params["Name"], alias | params)


@operation("lambda", "DeleteAlias")
def delete_alias(ctx: Context, params: Params) -> Params:
    """Drop an alias; an absent one is no error."""
    function = function_of(ctx, named(params).name)
    kept = {
        name: alias for name, alias in function["Aliases"].items() if name != params["Name"]
    }
    register.save(ctx, function | {"Aliases": kept})
    ctx.reply_status = 204
    return {}


def _alias_of(ctx: Context, function: Function, alias: str) -> Alias:
    if alias not in function["Aliases"]:
        arn = arn_of(ctx, function["Config"]["FunctionName"], alias)
        raise not_found(ctx, arn, "Cannot find alias arn")
    found: Alias = function["Aliases"][alias]
    return found


def _save_alias(ctx: Context, function: Function, alias: str, values: Params) -> Params:
    name, number = function["Config"]["FunctionName"], values["FunctionVersion"]
    if number != LATEST and number not in function["Versions"]:
        raise not_found(ctx, arn_of(ctx, name, number))
    found: Alias = {
        "AliasArn": arn_of(ctx, name, alias),
        "Name": alias,
        "FunctionVersion": number,
        "Description": values.get("Description") or "",
        "RevisionId": register.new_revision(ctx, name),
    }
    found |= {"RoutingConfig": values["RoutingConfig"]} if values.get("RoutingConfig") else {}
    register.save(ctx, function | {"Aliases": {**function["Aliases"], alias: found}})
    return found
