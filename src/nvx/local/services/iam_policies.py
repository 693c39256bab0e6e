"""IAM: the policies of roles, inline and managed, and the simulator that allows everything."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.services.iam import made_id, marked, parsed_policy, role_of, roles
from nvx.local.store import Table


@operation("iam", "PutRolePolicy")
def put_role_policy(ctx: Context, params: Params) -> Params:
    """Set an inline policy of a role."""
    role = role_of(ctx, params["RoleName"])
    parsed_policy(params["PolicyDocument"])
    inline = {**role["Inline"], params["PolicyName"]: params["PolicyDocument"]}
    roles(ctx).put(role["RoleName"], role | {"Inline": inline})
    return {}


@operation("iam", "GetRolePolicy")
def get_role_policy(ctx: Context, params: Params) -> Params:
    """An inline policy of a role, percent-encoded as on AWS."""
    document = _inline(ctx, params)[params["PolicyName"]]
    return {
        "RoleName": params["RoleName"],
        "PolicyName": params["PolicyName"],
        "PolicyDocument": quote(document, safe=""),
    }


@operation("iam", "DeleteRolePolicy")
def delete_role_policy(ctx: Context, params: Params) -> Params:
    """Drop an inline policy of a role."""
    inline = {
        name: text
        for name, text in _inline(ctx, params).items()
        if name != params["PolicyName"]
    }
    roles(ctx).put(params["RoleName"], role_of(ctx, params["RoleName"]) | {"Inline": inline})
    return {}


@operation("iam", "ListRolePolicies")
def list_role_policies(ctx: Context, params: Params) -> Params:
    """The names of a role's inline policies."""
    chosen, reply = marked(sorted(role_of(ctx, params["RoleName"])["Inline"].items()), params)
    return {"PolicyNames": [name for name, _ in chosen]} | reply


@operation("iam", "AttachRolePolicy")
def attach_role_policy(ctx: Context, params: Params) -> Params:
    """Attach a managed policy: any of AWS's own, or one that was created here."""
    role, arn = role_of(ctx, params["RoleName"]), params["PolicyArn"]
    if not arn.startswith(f"arn:{ctx.partition}:iam::aws:policy/"):
        _policy_of(ctx, arn)
    attached = sorted({*role["Attached"], arn})
    roles(ctx).put(role["RoleName"], role | {"Attached": attached})
    return {}


@operation("iam", "DetachRolePolicy")
def detach_role_policy(ctx: Context, params: Params) -> Params:
    """Detach a managed policy."""
    role, arn = role_of(ctx, params["RoleName"]), params["PolicyArn"]
    if arn not in role["Attached"]:
        raise AwsError("NoSuchEntity", f"Policy {arn} was not found.", 404)
    attached = [entry for entry in role["Attached"] if entry != arn]
    roles(ctx).put(role["RoleName"], role | {"Attached": attached})
    return {}


@operation("iam", "ListAttachedRolePolicies")
def list_attached_role_policies(ctx: Context, params: Params) -> Params:
    """The managed policies of a role, by ARN."""
    attached = role_of(ctx, params["RoleName"])["Attached"]
    chosen, reply = marked([(arn, arn) for arn in attached], params)
    rows = [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn, _ in chosen]
    return {"AttachedPolicies": rows} | reply


@operation("iam", "CreatePolicy")
def create_policy(ctx: Context, params: Params) -> Params:
    """Create a managed policy with one version."""
    name, path = params["PolicyName"], params.get("Path") or "/"
    parsed_policy(params["PolicyDocument"])
    arn = f"arn:{ctx.partition}:iam::{ctx.account}:policy{path}{name}"
    if arn in _policies(ctx):
        message = f"A policy called {name} already exists. Duplicate names are not allowed."
        raise AwsError("EntityAlreadyExists", message, 409)
    policy = {
        "PolicyName": name,
        "PolicyId": made_id("ANPA", f"{arn}/{ctx.store.sequence('iam-policy')}"),
        "Arn": arn,
        "Path": path,
        "CreateDate": ctx.now,
        "Document": params["PolicyDocument"],
    }
    policy |= {"Description": params["Description"]} if params.get("Description") else {}
    _policies(ctx).put(arn, policy)
    return {"Policy": _shown(ctx, policy)}


@operation("iam", "GetPolicy")
def get_policy(ctx: Context, params: Params) -> Params:
    """A managed policy of the account, without its document."""
    return {"Policy": _shown(ctx, _policy_of(ctx, params["PolicyArn"]))}


@operation("iam", "GetPolicyVersion")
def get_policy_version(ctx: Context, params: Params) -> Params:
    """The document of a managed policy; there is only version v1."""
    policy = _policy_of(ctx, params["PolicyArn"])
    if params["VersionId"] != "v1":
        message = f"Policy {policy['Arn']} version {params['VersionId']} does not exist"
        raise AwsError("NoSuchEntity", f"{message} or is not attachable.", 404)
    version = {
        "Document": quote(policy["Document"], safe=""),
        "VersionId": "v1",
        "IsDefaultVersion": True,
        "CreateDate": policy["CreateDate"],
    }
    return {"PolicyVersion": version}


@operation("iam", "DeletePolicy")
def delete_policy(ctx: Context, params: Params) -> Params:
    """Delete a managed policy that is attached nowhere."""
    policy = _policy_of(ctx, params["PolicyArn"])
    if _attachments(ctx, policy["Arn"]):
        message = "Cannot delete a policy attached to entities."
        raise AwsError("DeleteConflict", message, 409)
    _policies(ctx).delete(policy["Arn"])
    return {}


@operation("iam", "SimulatePrincipalPolicy")
def simulate_principal_policy(ctx: Context, params: Params) -> Params:
    """Allow every action: the local AWS evaluates no policies, and says so as the source."""
    arn = params["PolicySourceArn"]
    if ":role/" in arn:
        role_of(ctx, arn.rpartition("/")[2])
    note = {
        "SourcePolicyId": "nvx-local-evaluates-no-policies",
        "SourcePolicyType": "none",
    }
    results = [
        {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": "allowed",
            "MatchedStatements": [note],
            "MissingContextValues": [],
        }
        for action in params["ActionNames"]
        for resource in params.get("ResourceArns") or ["*"]
    ]
    return {"EvaluationResults": results, "IsTruncated": False}


def _inline(ctx: Context, params: Params) -> dict[str, str]:
    inline: dict[str, str] = role_of(ctx, params["RoleName"])["Inline"]
    name = params["PolicyName"]
    if name not in inline:
        raise AwsError(
            "NoSuchEntity", f"The role policy with name {name} cannot be found.", 404
        )
    return inline


def _policies(ctx: Context) -> Table:
    return ctx.table("iam-policies", region="")


def _policy_of(ctx: Context, arn: str) -> dict[str, Any]:
    policy = _policies(ctx).get(arn)
    if policy is None:
        raise AwsError(
            "NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", 404
        )
    return policy


def _attachments(ctx: Context, arn: str) -> int:
    return sum(arn in role["Attached"] for _, role in roles(ctx).items())


def _shown(ctx: Context, policy: dict[str, Any]) -> Params:
    shown = {name: value for name, value in policy.items() if name != "Document"}
    return shown | {
        "DefaultVersionId": "v1",
        "AttachmentCount": _attachments(ctx, policy["Arn"]),
        "IsAttachable": True,
        "UpdateDate": policy["CreateDate"],
    }
