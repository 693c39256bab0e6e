"""Whether SageMaker can assume a role."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from nvx.local.context import AwsError, Context
from nvx.local.services.sagemaker.arns import last_part, parse
from nvx.local.services.sagemaker.refusals import invalid

_PRINCIPAL = "sagemaker.amazonaws.com"


def check_role(ctx: Context, arn: str) -> None:
    """Refuse a role that is absent, of another account, too young, or does not trust SageMaker."""
    parts = parse(arn)
    if parts is None or parts.account != ctx.account:
        raise invalid("RoleArn: Cross-account pass role is not allowed.")
    if not is_assumable(ctx, arn, _PRINCIPAL):
        raise invalid(
            f"Could not assume role {arn}. Please ensure that the role exists and allows principal "
            f"'{_PRINCIPAL}' to assume the role."
        )


def is_assumable(ctx: Context, arn: str, principal: str) -> bool:
    """Whether a role is there, old enough to be used, and trusts a service."""
    try:
        role = ctx.call("iam", "GetRole", {"RoleName": last_part(arn)})["Role"]
    except AwsError:
        return False
    usable_from = role["CreateDate"] + timedelta(seconds=ctx.settings.iam_lag)
    trusted = principal in _principals(role.get("AssumeRolePolicyDocument"))
    return role["Arn"] == arn and trusted and bool(usable_from <= ctx.now)


def _principals(policy: Any) -> set[str]:
    try:
        document = json.loads(unquote(policy)) if isinstance(policy, str) else policy
        statements = document["Statement"]
    except (ValueError, TypeError, KeyError):
        return set()
    if isinstance(statements, dict):
        statements = [statements]
    found: set[str] = set()
    for statement in statements:
        if statement.get("Effect") == "Allow" and isinstance(statement.get("Principal"), dict):
            services = statement["Principal"].get("Service", [])
            found |= {services} if isinstance(services, str) else set(services)
    return found
