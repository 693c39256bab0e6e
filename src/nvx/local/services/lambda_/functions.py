"""Functions: created, read, listed, deleted."""

from __future__ import annotations

import re
from typing import Any

from nvx.local import tags
from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.paging import page
from nvx.local.services import iam
from nvx.local.services.lambda_ import register
from nvx.local.services.lambda_.code import code_of, location
from nvx.local.services.lambda_.register import LATEST, Function, conflict, invalid
from nvx.local.services.lambda_.versions import numbered, publish

_CLOSED_RUNTIMES = re.compile(r"python(2\.7|3\.[678])|nodejs(|4\.3|6\.10|8\.10|1[0246]\.x)")
_SENT = (
    "Role",
    "Runtime",
    "Handler",
    "Description",
    "Timeout",
    "MemorySize",
    "VpcConfig",
    "DeadLetterConfig",
    "KMSKeyArn",
    "TracingConfig",
    "FileSystemConfigs",
    "EphemeralStorage",
    "LoggingConfig",
    "Architectures",
)


@operation("lambda", "CreateFunction")
def create_function(ctx: Context, params: Params) -> Params:
    """Create a function; it is Pending until it can be used."""
    name = register.named(params).name
    if name in register.functions(ctx):
        raise conflict(f"Function already exist: {name}")
    if not params.get("Runtime") or not params.get("Handler"):
        message = "Runtime and Handler are mandatory parameters for functions created with"
        raise invalid(f"{message} deployment packages.")
    check_role(ctx, params["Role"])
    check_runtime(params["Runtime"])
    code = code_of(ctx, params["Code"])
    config = _defaults(ctx, name) | changes(params) | code_members(code)
    function: Function = {
        "Config": config | {"RevisionId": register.new_revision(ctx, name)},
        "Code": code,
        "ReadyAt": register.ready_at(ctx),
        "Updating": False,
        "Versions": {},
        "Aliases": {},
        "Policies": {},
        "Concurrency": None,
    }
    register.save(ctx, function)
    tags.set_tags(ctx, config["FunctionArn"], params.get("Tags") or {})
    if params.get("Publish"):
        return publish(ctx, function)
    return register.shown(ctx, function, function["Config"])


@operation("lambda", "GetFunction")
def get_function(ctx: Context, params: Params) -> Params:
    """A function with a place to fetch its code from."""
    asked = register.named(params)
    function = register.function_of(ctx, asked.name)
    found = register.version_of(ctx, function, asked.qualifier)
    reply: Params = {
        "Configuration": register.shown(ctx, function, found["Config"]),
        "Code": location(ctx, found["Code"]),
    }
    tagged = tags.tags_of(ctx, register.arn_of(ctx, asked.name))
    reply |= {"Tags": tagged} if tagged else {}
    reserved = function["Concurrency"]
    return reply | (
        {} if reserved is None else {"Concurrency": {"ReservedConcurrentExecutions": reserved}}
    )


@operation("lambda", "GetFunctionConfiguration")
def get_function_configuration(ctx: Context, params: Params) -> Params:
    """A function without its code."""
    asked = register.named(params)
    function = register.function_of(ctx, asked.name)
    found = register.version_of(ctx, function, asked.qualifier)
    return register.shown(ctx, function, found["Config"])


@operation("lambda", "ListFunctions")
def list_functions(ctx: Context, params: Params) -> Params:
    """The functions by name; their states are not part of a list."""
    rows: list[tuple[str, Params]] = []
    for name, function in register.functions(ctx).items():
        rows.append((name, function["Config"]))
        if params.get("FunctionVersion") == "ALL":
            rows += [(f"{name}:{n}", version["Config"]) for n, version in numbered(function)]
    chosen, reply = paged(rows, params)
    return {"Functions": [dict(config) for _, config in chosen]} | reply


@operation("lambda", "DeleteFunction")
def delete_function(ctx: Context, params: Params) -> Params:
    """Delete a function, or one of its versions."""
    asked = register.named(params)
    function = register.function_of(ctx, asked.name)
    ctx.reply_status = 204
    if asked.qualifier is None:
        tags.delete_all(ctx, register.arn_of(ctx, asked.name))
        register.functions(ctx).delete(asked.name)
        return {"StatusCode": 204}
    if asked.qualifier == LATEST:
        raise invalid("$LATEST version cannot be deleted without deleting the function.")
    if any(
        alias["FunctionVersion"] == asked.qualifier for alias in function["Aliases"].values()
    ):
        raise conflict("The version cannot be deleted while an alias points to it.")
    kept = {n: version for n, version in function["Versions"].items() if n != asked.qualifier}
    register.save(ctx, function | {"Versions": kept})
    return {"StatusCode": 204}


@operation("lambda", "PutFunctionConcurrency")
def put_function_concurrency(ctx: Context, params: Params) -> Params:
    """Reserve concurrency; kept, without effect."""
    function = register.function_of(ctx, register.named(params).name)
    reserved = params["ReservedConcurrentExecutions"]
    register.save(ctx, function | {"Concurrency": reserved})
    return {"ReservedConcurrentExecutions": reserved}


@operation("lambda", "GetFunctionConcurrency")
def get_function_concurrency(ctx: Context, params: Params) -> Params:
    """The reserved concurrency; empty where there is none."""
    reserved = register.function_of(ctx, register.named(params).name)["Concurrency"]
    return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}


@operation("lambda", "DeleteFunctionConcurrency")
def delete_function_concurrency(ctx: Context, params: Params) -> Params:
    """Reserve nothing."""
    function = register.function_of(ctx, register.named(params).name)
    register.save(ctx, function | {"Concurrency": None})
    return {}


def changes(params: Params) -> Params:
    """What a request says about a configuration, in the form of the reply."""
    found = {name: params[name] for name in _SENT if params.get(name) is not None}
    if params.get("Environment") is not None:
        variables = params["Environment"].get("Variables") or {}
        found["Environment"] = {"Variables": dict(variables)}
    if params.get("Layers") is not None:
        found["Layers"] = [{"Arn": arn, "CodeSize": 0} for arn in params["Layers"]]
    return found


def code_members(code: Params) -> Params:
    """What a configuration shows of its code."""
    return {"CodeSize": code["CodeSize"], "CodeSha256": code["CodeSha256"]}


def check_role(ctx: Context, arn: str) -> None:
    """Refuse a role that Lambda may not assume, or not yet."""
    if arn.split(":")[4:5] != [ctx.account]:
        raise AwsError("AccessDeniedException", "Cross-account pass role is not allowed.", 403)
    if not iam.trusts(ctx, arn, "lambda"):
        raise invalid("The role defined for the function cannot be assumed by Lambda.")


def check_runtime(runtime: str) -> None:
    """Refuse a runtime that AWS has closed for new code."""
    if _CLOSED_RUNTIMES.fullmatch(runtime):
        message = f"The runtime parameter of {runtime} is no longer supported for creating or"
        raise invalid(f"{message} updating AWS Lambda functions.")


def paged(rows: list[tuple[str, Any]], params: Params) -> tuple[list[tuple[str, Any]], Params]:
    """A page of rows in Lambda's form: NextMarker."""
    chosen, token = page(rows, params, size_member="MaxItems", token_member=_MARKER, default=50)
    return chosen, {"NextMarker": token} if token else {}


_MARKER = "Marker"  # the name of the member


def _defaults(ctx: Context, name: str) -> Params:
    return {
        "FunctionName": name,
        "FunctionArn": register.arn_of(ctx, name),
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "LastModified": register.stamp(ctx),
        "Version": LATEST,
        "TracingConfig": {"Mode": "PassThrough"},
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"},
    }
