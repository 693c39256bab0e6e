"""Conditional requests: If-Match and its kin, on reads, copies, writes and deletes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from nvx.local.context import AwsError, Params
from nvx.local.services.s3.versions import Version, no_such_key


def check_write(params: Params, current: Version | None) -> None:
    """Refuse a write whose condition on the current object does not hold."""
    if_none_match, if_match = params.get("IfNoneMatch"), params.get("IfMatch")
    if if_none_match is not None:
        if if_none_match != "*":
            message = "A header you provided implies functionality that is not implemented"
            raise AwsError("NotImplemented", message, 501, members={"Header": "If-None-Match"})
        if current is not None:
            raise failed("If-None-Match")
    if if_match is not None:
        if current is None:
            raise no_such_key(params["Key"])
        if not same(if_match, current["ETag"]):
            raise failed("If-Match")


def check_delete(if_match: str | None, current: Version | None) -> None:
    """Refuse a delete of another object than the caller knows."""
    if if_match is not None and (current is None or not same(if_match, current["ETag"])):
        raise failed("If-Match")


def check_read(params: Params, version: Version) -> bool:
    """Whether the caller has this version already (304); refuses where If-Match fails (412)."""
    _check_expected(params, version, "If")
    return _known(params, version, "If")


def check_copy(params: Params, version: Version) -> None:
    """Refuse a copy whose conditions on the source do not hold."""
    _check_expected(params, version, "CopySourceIf")
    if _known(params, version, "CopySourceIf"):
        raise failed("x-amz-copy-source-If-None-Match")


def same(condition: str, etag: str) -> bool:
    """Whether an ETag is among those of a condition; quotes may be left out."""
    wanted = {value.strip().removeprefix("W/").strip('"') for value in condition.split(",")}
    return "*" in wanted or etag.strip('"') in wanted


def failed(condition: str) -> AwsError:
    """The refusal of a condition that does not hold."""
    message = "At least one of the pre-conditions you specified did not hold"
    return AwsError("PreconditionFailed", message, 412, members={"Condition": condition})


def _check_expected(params: Params, version: Version, prefix: str) -> None:
    """If-Match rules where both are given, as RFC 7232 wants it."""
    if_match = params.get(f"{prefix}Match")
    if if_match is not None:
        if not same(if_match, version["ETag"]):
            raise failed("If-Match")
        return
    since = params.get(f"{prefix}UnmodifiedSince")
    if since is not None and _modified_after(version, since):
        raise failed("If-Unmodified-Since")


def _known(params: Params, version: Version, prefix: str) -> bool:
    if_none_match = params.get(f"{prefix}NoneMatch")
    if if_none_match is not None:
        return same(if_none_match, version["ETag"])
    since = params.get(f"{prefix}ModifiedSince")
    return since is not None and not _modified_after(version, since)


def _modified_after(version: Version, since: Any) -> bool:
    """Header times have whole seconds, so must the object's."""
    if not isinstance(since, datetime):
        return True
    modified: datetime = version["LastModified"]
    return modified.replace(microsecond=0) > since
