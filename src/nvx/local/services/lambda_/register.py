"""The functions of an account: how they are named, found, and what state they are in."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nvx.local.context import AwsError, Context, Params
from nvx.local.store import Table

Function = dict[str, Any]
"""Config (members of the reply), Code, ReadyAt, Updating, Versions, Aliases, Policies."""

LATEST = "$LATEST"
_LONGEST_NAME = 64
_NOMINAL_UPDATE_SECONDS = 60.0
_NAME = re.compile(
    r"(?:(?:arn:[a-z-]+:lambda:[a-z0-9-]+:)?(?:\d{12}:)?function:|\d{12}:)?"
    r"(?P<name>[a-zA-Z0-9-_]+)(?::(?P<qualifier>\$LATEST|[a-zA-Z0-9-_]+))?"
)


@dataclass(frozen=True, slots=True)
class Named:
    """A function as a request names it: by name, partial ARN or ARN, with a qualifier or not."""

    name: str
    qualifier: str | None


def functions(ctx: Context) -> Table:
    """The functions of the caller's account and region, by name."""
    return ctx.table("lambda-functions")


def named(params: Params) -> Named:
    """The function that a request names."""
    text = params["FunctionName"]
    match = _NAME.fullmatch(text)
    if match is None:
        raise invalid(f"The function name {text} is not valid.")
    name, qualifier = match["name"], match["qualifier"]
    if len(name) > _LONGEST_NAME:
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value '{name}' at 'functionName' failed to satisfy "
            f"constraint: Member must have length less than or equal to {_LONGEST_NAME}",
        )
    asked = params.get("Qualifier")
    if asked and qualifier and asked != qualifier:
        raise invalid(
            "The derived qualifier from the function name does not match the specified "
            "qualifier."
        )
    return Named(name, asked or qualifier)


def arn_of(ctx: Context, name: str, qualifier: str | None = None) -> str:
    """The ARN of a function, or of one of its versions or aliases."""
    return ctx.arn("lambda", f"function:{name}" + (f":{qualifier}" if qualifier else ""))


def function_of(ctx: Context, name: str) -> Function:
    """The function of a name; refuses one that is not there."""
    function = functions(ctx).get(name)
    if function is None:
        raise not_found(ctx, arn_of(ctx, name))
    return function


def save(ctx: Context, function: Function) -> None:
    """Keep a changed function."""
    functions(ctx).put(function["Config"]["FunctionName"], function)


def version_of(ctx: Context, function: Function, qualifier: str | None) -> Function:
    """The Config and Code that a qualifier stands for: $LATEST, a version, or an alias."""
    name = function["Config"]["FunctionName"]
    alias = function["Aliases"].get(qualifier)
    number = alias["FunctionVersion"] if alias else qualifier or LATEST
    if number == LATEST:
        found: Function = {"Config": function["Config"], "Code": function["Code"]}
    elif number in function["Versions"]:
        found = function["Versions"][number]
    else:
        raise not_found(ctx, arn_of(ctx, name, qualifier))
    if qualifier is None:
        return found
    return found | {"Config": found["Config"] | {"FunctionArn": arn_of(ctx, name, qualifier)}}


def ready_at(ctx: Context) -> datetime:
    """When a change that begins now is done."""
    return ctx.now + timedelta(seconds=ctx.clock.seconds(_NOMINAL_UPDATE_SECONDS))


def is_busy(ctx: Context, function: Function) -> bool:
    """Whether the function is still being created or updated."""
    return bool(function["ReadyAt"] > ctx.now)


def check_idle(ctx: Context, function: Function) -> None:
    """Refuse a change while another one runs."""
    if not is_busy(ctx, function):
        return
    message = "The operation cannot be performed at this time."
    if function["Updating"]:
        arn = function["Config"]["FunctionArn"]
        raise conflict(f"{message} An update is in progress for resource: {arn}")
    raise conflict(f"{message} The function is currently in the following state: Pending")


def check_revision(params: Params, revision: str) -> None:
    """Refuse a change that is based on an older state than there is."""
    if params.get("RevisionId") not in (None, revision):
        raise AwsError(
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/"
            "GetAlias API to retrieve the latest Revision Id",
            412,
            members={"Type": "User"},
        )


def new_revision(ctx: Context, name: str) -> str:
    """A revision id: changes whenever the function does."""
    seed = f"{name}/{ctx.store.sequence('lambda-revision')}/{ctx.request_id}"
    text = hashlib.sha256(seed.encode()).hexdigest()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32]))


def stamp(ctx: Context) -> str:
    """The present as Lambda writes LastModified."""
    return ctx.now.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


def shown(ctx: Context, function: Function, config: Params) -> Params:
    """A configuration with the state that it has by now."""
    if not is_busy(ctx, function):
        return config | {"State": "Active", "LastUpdateStatus": "Successful"}
    if function["Updating"]:
        return config | {"State": "Active", "LastUpdateStatus": "InProgress"}
    return config | {
        "State": "Pending",
        "StateReason": "The function is being created.",
        "StateReasonCode": "Creating",
    }


def invalid(message: str) -> AwsError:
    """The refusal of a value."""
    return AwsError("InvalidParameterValueException", message, members={"Type": "User"})


def conflict(message: str) -> AwsError:
    """The refusal of a change that does not fit what there is."""
    return AwsError("ResourceConflictException", message, 409, members={"Type": "User"})


def not_found(ctx: Context, arn: str, kind: str = "Function") -> AwsError:
    """The refusal where something is not there."""
    message = f"{kind} not found: {arn}"
    return AwsError("ResourceNotFoundException", message, 404, members={"Type": "User"})
