"""Changes of a function's code and configuration, one at a time."""

from __future__ import annotations

from nvx.local.context import Context, Params, operation
from nvx.local.services.lambda_ import functions, register
from nvx.local.services.lambda_.code import code_of
from nvx.local.services.lambda_.register import Function
from nvx.local.services.lambda_.versions import publish


@operation("lambda", "UpdateFunctionCode")
def update_function_code(ctx: Context, params: Params) -> Params:
    """Replace the code; DryRun checks everything and changes nothing."""
    function = _changeable(ctx, params)
    code = code_of(ctx, params)
    config = function["Config"] | functions.code_members(code)
    if params.get("Architectures"):
        config["Architectures"] = params["Architectures"]
    if params.get("DryRun"):
        return register.shown(ctx, function, config)
    changed = _begin(ctx, function | {"Code": code}, config)
    if params.get("Publish"):
        return publish(ctx, changed)
    return register.shown(ctx, changed, changed["Config"])


@operation("lambda", "UpdateFunctionConfiguration")
def update_function_configuration(ctx: Context, params: Params) -> Params:
    """Change the members that are sent; the others stay."""
    function = _changeable(ctx, params)
    if params.get("Role"):
        functions.check_role(ctx, params["Role"])
    if params.get("Runtime"):
        functions.check_runtime(params["Runtime"])
    changed = _begin(ctx, function, function["Config"] | functions.changes(params))
    return register.shown(ctx, changed, changed["Config"])


def _changeable(ctx: Context, params: Params) -> Function:
    function = register.function_of(ctx, register.named(params).name)
    register.check_idle(ctx, function)
    register.check_revision(params, function["Config"]["RevisionId"])
    return function


def _begin(ctx: Context, function: Function, config: Params) -> Function:
    name = config["FunctionName"]
    config = config | {
        "LastModified": register.stamp(ctx),
        "RevisionId": register.new_revision(ctx, name),
    }
    changed = function | {"Config": config, "ReadyAt": register.ready_at(ctx), "Updating": True}
    register.save(ctx, changed)
    return changed
