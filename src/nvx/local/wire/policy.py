"""The policy of a form upload: until when, with which fields, of what size."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from nvx.local.context import AwsError
from nvx.local.wire.form import Upload

_SIZE = "content-length-range"
_FREE = ("policy", "x-amz-signature", "signature", "awsaccesskeyid")
_IGNORED = "x-ignore-"


def check_policy(upload: Upload, now: datetime) -> None:
    """Refuse a form that breaks its own policy; a form without one may do anything."""
    text = upload.fields.get("policy")
    if text is None:
        return
    policy = _read(text)
    if _end(policy) <= now:
        raise _against("Policy expired.")
    fields = {**upload.fields, "bucket": upload.bucket}
    named = set()
    for condition in _conditions(policy):
        rule, first, second = condition
        if rule == _SIZE:
            _check_size(len(upload.content), first, second)
            continue
        name = str(first).removeprefix("$").lower()
        named.add(name)
        value = fields.get(name, "")
        holds = value.startswith(str(second)) if rule == "starts-with" else value == str(second)
        if not holds:
            raise _against(f"Policy Condition failed: {json.dumps(condition)}")
    extra = sorted(set(upload.fields) - named - set(_FREE))
    if any(not name.startswith(_IGNORED) for name in extra):
        raise _against(f"Extra input fields: {', '.join(extra)}")


def _read(text: str) -> Mapping[str, Any]:
    try:
        policy = json.loads(base64.b64decode(text, validate=False))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise _invalid("Invalid Policy: Invalid JSON.") from error
    if not isinstance(policy, dict):
        raise _invalid("Invalid Policy: Invalid JSON.")
    return policy


def _end(policy: Mapping[str, Any]) -> datetime:
    try:
        end = datetime.fromisoformat(str(policy["expiration"]))
    except (KeyError, ValueError) as error:
        raise _invalid("Invalid Policy: Invalid 'expiration' value.") from error
    return end.replace(tzinfo=end.tzinfo or UTC)


def _conditions(policy: Mapping[str, Any]) -> list[Sequence[Any]]:
    """Every condition as (rule, field, value) or (content-length-range, low, high)."""
    found: list[Sequence[Any]] = []
    given = policy.get("conditions")
    for condition in given if isinstance(given, list) else [None]:
        if isinstance(condition, dict):
            found += [["eq", f"${name}", value] for name, value in condition.items()]
        elif isinstance(condition, list) and len(condition) == len(("rule", "field", "value")):
            found.append([str(condition[0]).lower(), *condition[1:]])
        else:
            raise _invalid("Invalid Policy: Invalid Simple-Condition.")
    return found


def _check_size(size: int, low: Any, high: Any) -> None:
    try:
        smallest, largest = int(low), int(high)
    except (TypeError, ValueError, OverflowError) as error:
        raise _invalid("Invalid Policy: Invalid content-length-range.") from error
    members = {"ProposedSize": size}
    if size < smallest:
        text = "Your proposed upload is smaller than the minimum allowed size"
        members["MinSizeAllowed"] = smallest
        raise AwsError("EntityTooSmall", text, members=members)
    if size > largest:
        text = "Your proposed upload exceeds the maximum allowed size"
        members["MaxSizeAllowed"] = largest
        raise AwsError("EntityTooLarge", text, members=members)


def _against(what: str) -> AwsError:
    return AwsError("AccessDenied", f"Invalid according to Policy: {what}", 403)


def _invalid(what: str) -> AwsError:
    return AwsError("InvalidPolicyDocument", what)
