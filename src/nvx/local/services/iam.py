"""IAM: roles, their trust and their policies. Policies are kept, never evaluated."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from nvx.local import tags
from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.paging import page
from nvx.local.store import Table

Role = dict[str, Any]
"""The document of a role: the members of the reply, and Inline, Attached (policies)."""

_SEEDED = ("nvx-local-execution", "SageMakerNvx")
"""The role of the local AWS, and the one that the documentation's examples name."""
_SEEDED_SERVICES = ("sagemaker", "lambda", "bedrock")
_KEPT = ("Path", "RoleName", "RoleId", "Arn", "CreateDate", "Description", "MaxSessionDuration")


def seed(ctx: Context) -> None:
    """Make the roles that examples use: trusted by SageMaker, Lambda and Bedrock."""
    services = [f"{name}.amazonaws.com" for name in _SEEDED_SERVICES]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": services},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    # Seeds are old: they may be used at once, whatever the settings' iam_lag.
    created = ctx.now - timedelta(days=1)
    for name in _SEEDED:
        if name not in roles(ctx):
            roles(ctx).put(name, _role(ctx, name, document, {}) | {"CreateDate": created})


def roles(ctx: Context) -> Table:
    """The roles of the caller's account, by name; IAM has no regions."""
    return ctx.table("iam-roles", region="")


def trusts(ctx: Context, arn: str, service: str) -> bool:
    """Whether a service, such as "lambda", may assume the role by now."""
    role = roles(ctx).get(arn.rpartition("/")[2])
    if role is None or role["Arn"] != arn:
        return False
    usable_from: Any = role["CreateDate"] + timedelta(seconds=ctx.settings.iam_lag)
    return bool(usable_from <= ctx.now) and _trusted(role, f"{service}.amazonaws.com")


def role_of(ctx: Context, name: str) -> Role:
    """The role of a name; refuses one that is not there."""
    role = roles(ctx).get(name)
    if role is None:
        raise AwsError("NoSuchEntity", f"The role with name {name} cannot be found.", 404)
    return role


def parsed_policy(text: str) -> dict[str, Any]:
    """A policy document; refuses what is not JSON with statements."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or "Statement" not in document:
        raise AwsError("MalformedPolicyDocument", "Syntax errors in policy.")
    return document


@operation("iam", "CreateRole")
def create_role(ctx: Context, params: Params) -> Params:
    """Create a role."""
    name = params["RoleName"]
    if name in roles(ctx):
        raise AwsError("EntityAlreadyExists", f"Role with name {name} already exists.", 409)
    role = _role(ctx, name, params["AssumeRolePolicyDocument"], params)
    roles(ctx).put(name, role)
    tags.set_tags(ctx, role["Arn"], tags.from_list(params.get("Tags")))
    return {"Role": _shown(ctx, role)}


@operation("iam", "GetRole")
def get_role(ctx: Context, params: Params) -> Params:
    """A role with its trust."""
    role = role_of(ctx, params["RoleName"])
    return {"Role": _shown(ctx, role) | {"RoleLastUsed": {}}}


@operation("iam", "ListRoles")
def list_roles(ctx: Context, params: Params) -> Params:
    """The roles below a path, by name."""
    prefix = params.get("PathPrefix") or "/"
    rows = [row for row in roles(ctx).items() if row[1]["Path"].startswith(prefix)]
    chosen, reply = marked(rows, params)
    return {"Roles": [_shown(ctx, role, with_tags=False) for _, role in chosen]} | reply


@operation("iam", "UpdateRole")
def update_role(ctx: Context, params: Params) -> Params:
    """Change the description and the longest session of a role."""
    changes = {
        name: params[name] for name in ("Description", "MaxSessionDuration") if name in params
    }
    roles(ctx).put(params["RoleName"], role_of(ctx, params["RoleName"]) | changes)
    return {}


@operation("iam", "UpdateAssumeRolePolicy")
def update_assume_role_policy(ctx: Context, params: Params) -> Params:
    """Change who may assume a role."""
    role = role_of(ctx, params["RoleName"])
    parsed_policy(params["PolicyDocument"])
    roles(ctx).put(
        role["RoleName"], role | {"AssumeRolePolicyDocument": params["PolicyDocument"]}
    )
    return {}


@operation("iam", "DeleteRole")
def delete_role(ctx: Context, params: Params) -> Params:
    """Delete a role that has no policies left."""
    role = role_of(ctx, params["RoleName"])
    if role["Attached"]:
        raise AwsError(
            "DeleteConflict", "Cannot delete entity, must detach all policies first.", 409
        )
    if role["Inline"]:
        raise AwsError(
            "DeleteConflict", "Cannot delete entity, must delete policies first.", 409
        )
    tags.delete_all(ctx, role["Arn"])
    roles(ctx).delete(role["RoleName"])
    return {}


@operation("iam", "TagRole")
def tag_role(ctx: Context, params: Params) -> Params:
    """Add tags to a role."""
    tags.set_tags(ctx, role_of(ctx, params["RoleName"])["Arn"], tags.from_list(params["Tags"]))
    return {}


@operation("iam", "UntagRole")
def untag_role(ctx: Context, params: Params) -> Params:
    """Take tags from a role."""
    tags.remove_tags(ctx, role_of(ctx, params["RoleName"])["Arn"], params["TagKeys"])
    return {}


@operation("iam", "ListRoleTags")
def list_role_tags(ctx: Context, params: Params) -> Params:
    """The tags of a role, by key."""
    found = tags.tags_of(ctx, role_of(ctx, params["RoleName"])["Arn"])
    chosen, reply = marked(sorted(found.items()), params)
    return {"Tags": tags.to_list(dict(chosen))} | reply


@operation("iam", "ListInstanceProfilesForRole")
def list_instance_profiles_for_role(ctx: Context, params: Params) -> Params:
    """No instance profiles: the local AWS has no EC2. Terraform asks before it deletes a role."""
    role_of(ctx, params["RoleName"])
    return {"InstanceProfiles": [], "IsTruncated": False}


def marked(rows: list[tuple[str, Any]], params: Params) -> tuple[list[tuple[str, Any]], Params]:
    """A page of rows in IAM's form: IsTruncated and Marker."""
    chosen, token = page(
        rows, params, size_member="MaxItems", token_member=_MARKER, default=100
    )
    return chosen, {"IsTruncated": token is not None} | ({_MARKER: token} if token else {})


def made_id(prefix: str, arn: str) -> str:
    """A unique id as IAM makes them: four letters, then seventeen."""
    return prefix + hashlib.sha256(arn.encode()).hexdigest().upper()[:17]


_MARKER = "Marker"  # the name of the member, in requests and replies


def _role(ctx: Context, name: str, document: str, params: Params) -> Role:
    parsed_policy(document)
    path = params.get("Path") or "/"
    arn = f"arn:{ctx.partition}:iam::{ctx.account}:role{path}{name}"
    serial = ctx.store.sequence("iam-role")
    role: Role = {
        "Path": path,
        "RoleName": name,
        "RoleId": made_id("AROA", f"{arn}/{serial}"),
        "Arn": arn,
        "CreateDate": ctx.now,
        "MaxSessionDuration": params.get("MaxSessionDuration") or 3600,
        "AssumeRolePolicyDocument": document,
        "Inline": {},
        "Attached": [],
    }
    return role | ({"Description": params["Description"]} if params.get("Description") else {})


def _shown(ctx: Context, role: Role, *, with_tags: bool = True) -> Params:
    shown = {name: role[name] for name in _KEPT if name in role}
    shown["AssumeRolePolicyDocument"] = quote(role["AssumeRolePolicyDocument"], safe="")
    found = tags.to_list(tags.tags_of(ctx, role["Arn"])) if with_tags else []
    return shown | ({"Tags": found} if found else {})


def _trusted(role: Role, principal: str) -> bool:
    """Whether a statement of the trust allows the principal; conditions are not looked at."""
    statements = parsed_policy(role["AssumeRolePolicyDocument"])["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, dict) or statement.get("Effect") != "Allow":
            continue
        principals = statement.get("Principal")
        named = principals.get("Service", []) if isinstance(principals, dict) else principals
        if principals == "*" or principal in (
            [named] if isinstance(named, str) else named or []
        ):
            return True
    return False
