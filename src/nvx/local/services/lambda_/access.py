"""Who may call a function, and the tags of functions."""

from __future__ import annotations

import json
from typing import Any

from nvx.local import tags
from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.services.lambda_ import register
from nvx.local.services.lambda_.register import (
    Function,
    arn_of,
    conflict,
    function_of,
    named,
    version_of,
)

Statement = dict[str, Any]


@operation("lambda", "AddPermission")
def add_permission(ctx: Context, params: Params) -> Params:
    """Allow a principal to call a function; kept, never evaluated."""
    function, key = _scope(ctx, params)
    statements = function["Policies"].get(key, [])
    sid = params["StatementId"]
    if any(statement["Sid"] == sid for statement in statements):
        message = (
            f"The statement id ({sid}) provided already exists. Please provide a new statement"
        )
        raise conflict(f"{message} id, or remove the existing statement.")
    if statements:
        register.check_revision(params, _revision(function, key))
    statement = _statement(ctx, params, function["Config"]["FunctionName"], key)
    _save(ctx, function, key, [*statements, statement])
    return {"Statement": json.dumps(statement, separators=(",", ":"))}


@operation("lambda", "RemovePermission")
def remove_permission(ctx: Context, params: Params) -> Params:
    """Take a permission back."""
    function, key = _scope(ctx, params)
    statements = function["Policies"].get(key, [])
    kept = [statement for statement in statements if statement["Sid"] != params["StatementId"]]
    if len(kept) == len(statements):
        message = f"Statement {params['StatementId']} is not found in resource policy."
        raise AwsError("ResourceNotFoundException", message, 404, members={"Type": "User"})
    register.check_revision(params, _revision(function, key))
    _save(ctx, function, key, kept)
    ctx.reply_status = 204
    return {}


@operation("lambda", "GetPolicy")
def get_policy(ctx: Context, params: Params) -> Params:
    """The policy that the permissions make."""
    function, key = _scope(ctx, params)
    statements = function["Policies"].get(key)
    if not statements:
        message = "The resource you requested does not exist."
        raise AwsError("ResourceNotFoundException", message, 404, members={"Type": "User"})
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
    text = json.dumps(policy, separators=(",", ":"))
    return {"Policy": text, "RevisionId": _revision(function, key)}


@operation("lambda", "TagResource")
def tag_resource(ctx: Context, params: Params) -> Params:
    """Add tags to a function."""
    tags.set_tags(ctx, _tagged(ctx, params), params["Tags"])
    ctx.reply_status = 204
    return {}


@operation("lambda", "UntagResource")
def untag_resource(ctx: Context, params: Params) -> Params:
    """Take tags from a function."""
    tags.remove_tags(ctx, _tagged(ctx, params), params["TagKeys"])
    ctx.reply_status = 204
    return {}


@operation("lambda", "ListTags")
def list_tags(ctx: Context, params: Params) -> Params:
    """The tags of a function."""
    return {"Tags": tags.tags_of(ctx, _tagged(ctx, params))}


def _tagged(ctx: Context, params: Params) -> str:
    asked = named({"FunctionName": params["Resource"]})
    if asked.qualifier:
        raise register.invalid(
            "Tags on function aliases and versions are not supported. Please "
            "specify a function ARN."
        )
    function_of(ctx, asked.name)
    return arn_of(ctx, asked.name)


def _scope(ctx: Context, params: Params) -> tuple[Function, str]:
    """The function, and under which key the policy of its version or alias is kept."""
    asked = named(params)
    function = function_of(ctx, asked.name)
    version_of(ctx, function, asked.qualifier)
    return function, asked.qualifier or ""


def _save(ctx: Context, function: Function, key: str, statements: list[Statement]) -> None:
    revision = register.new_revision(ctx, function["Config"]["FunctionName"])
    revisions = {**function.get("PolicyRevisions", {}), key: revision}
    policies = {**function["Policies"], key: statements}
    register.save(ctx, function | {"Policies": policies, "PolicyRevisions": revisions})


def _revision(function: Function, key: str) -> str:
    revision: str = function["PolicyRevisions"][key]
    return revision


def _statement(ctx: Context, params: Params, name: str, key: str) -> Statement:
    principal: str = params["Principal"]
    statement: Statement = {
        "Sid": params["StatementId"],
        "Effect": "Allow",
        "Principal": _principal(ctx, principal),
        "Action": params["Action"],
        "Resource": arn_of(ctx, name, key or None),
    }
    conditions: Statement = {}
    if params.get("SourceAccount"):
        conditions["StringEquals"] = {"AWS:SourceAccount": params["SourceAccount"]}
    if params.get("SourceArn"):
        conditions["ArnLike"] = {"AWS:SourceArn": params["SourceArn"]}
    return statement | ({"Condition": conditions} if conditions else {})


def _principal(ctx: Context, principal: str) -> object:
    if principal == "*":
        return principal
    if principal.isdigit():
        return {"AWS": f"arn:{ctx.partition}:iam::{principal}:root"}
    return {"AWS" if principal.startswith("arn:") else "Service": principal}
