"""STS: who one is, and short-lived credentials."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from nvx.local.context import Context, Params, operation

_SESSIONS = "sts/sessions"
_TOKEN_HEADER = "x-amz-security-token"  # noqa: S105  the name of a header
_HOUR = 3600
_HALF_DAY = 43200


@operation("sts", "GetCallerIdentity")
def get_caller_identity(ctx: Context, _params: Params) -> Params:
    """The role session of the caller, or the root of its account."""
    session = ctx.table(_SESSIONS, region="").get(ctx.headers.get(_TOKEN_HEADER, ""))
    if session:
        return {"UserId": session["id"], "Account": ctx.account, "Arn": session["arn"]}
    return {
        "UserId": ctx.account,
        "Account": ctx.account,
        "Arn": f"arn:{ctx.partition}:iam::{ctx.account}:root",
    }


@operation("sts", "GetSessionToken")
def get_session_token(ctx: Context, params: Params) -> Params:
    """Credentials that work like the caller's own."""
    seconds = params.get("DurationSeconds", _HALF_DAY)
    return {"Credentials": _credentials(ctx, seconds)}


@operation("sts", "AssumeRole")
def assume_role(ctx: Context, params: Params) -> Params:
    """Credentials of a role's session; the role need not exist."""
    owner, resource = (*params["RoleArn"].split(":", 5), *[""] * 5)[4:6]
    account = owner or ctx.account
    role, session = resource.rpartition("/")[2], params["RoleSessionName"]
    user = {
        "AssumedRoleId": f"AROA{_digest(params['RoleArn'])[:17].upper()}:{session}",
        "Arn": f"arn:{ctx.partition}:sts::{account}:assumed-role/{role}/{session}",
    }
    credentials = _credentials(ctx, params.get("DurationSeconds", _HOUR), account)
    ctx.table(_SESSIONS, account=account, region="").put(
        credentials["SessionToken"], {"id": user["AssumedRoleId"], "arn": user["Arn"]}
    )
    return {"Credentials": credentials, "AssumedRoleUser": user}


def _credentials(ctx: Context, seconds: int, account: str | None = None) -> Params:
    """Credentials whose access key holds the account's number: it tells callers apart."""
    return {
        "AccessKeyId": f"ASIA{account or ctx.account}",
        "SecretAccessKey": _digest(ctx.request_id, "secret")[:40],
        "SessionToken": _digest(ctx.request_id, "session"),
        "Expiration": (ctx.now + timedelta(seconds=seconds)).replace(microsecond=0),
    }


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
