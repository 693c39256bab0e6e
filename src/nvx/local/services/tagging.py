"""The Resource Groups Tagging API: the tags of every service in one place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from nvx.local import tags
from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.paging import page

Row = TypeVar("Row", bound=tuple[str, object])

_SERVICE = "resourcegroupstaggingapi"
_TOKEN = "PaginationToken"  # noqa: S105  the name of a member
_TYPE = re.compile(r"[a-zA-Z0-9-]+(:[a-zA-Z0-9-]+)?")
_ARN = re.compile(r"arn:[a-z0-9-]+:([a-z0-9-]+):([a-z0-9-]*):(\d{12}|aws)?:(.+)", re.DOTALL)
_TYPELESS = {"s3": "bucket", "sns": "topic", "sqs": "queue"}
_PAGE = 100
_MOST_PER_PAGE = 100


@operation(_SERVICE, "GetResources")
def get_resources(ctx: Context, params: Params) -> Params:
    """The tagged resources that fit all filters, by ARN."""
    if params.get("ResourceARNList") and (params.get("TagFilters") or params.get(_TOKEN)):
        raise _invalid("ResourceARNList cannot be combined with TagFilters or PaginationToken.")
    size = params.get("ResourcesPerPage")
    if size is not None and not 1 <= size <= _MOST_PER_PAGE:
        raise _invalid(f"ResourcesPerPage must be between 1 and {_MOST_PER_PAGE}.")
    _check_filters(params)
    types = [_checked_type(name) for name in params.get("ResourceTypeFilters") or ()]
    rows = [
        (arn, found) for arn, found in tags.all_tagged(ctx) if _fits(arn, found, params, types)
    ]
    chosen, token = _page(rows, params, "ResourcesPerPage")
    shown = [{"ResourceARN": arn, "Tags": tags.to_list(found)} for arn, found in chosen]
    return {_TOKEN: token, "ResourceTagMappingList": shown}


@operation(_SERVICE, "TagResources")
def tag_resources(ctx: Context, params: Params) -> Params:
    """Add tags to resources of any service; those refused are listed."""
    return _each(ctx, params, lambda arn: tags.set_tags(ctx, arn, params["Tags"]))


@operation(_SERVICE, "UntagResources")
def untag_resources(ctx: Context, params: Params) -> Params:
    """Take tags from resources of any service; those refused are listed."""
    return _each(ctx, params, lambda arn: tags.remove_tags(ctx, arn, params["TagKeys"]))


@operation(_SERVICE, "GetTagKeys")
def get_tag_keys(ctx: Context, params: Params) -> Params:
    """Every tag key in use."""
    keys = sorted({key for _, found in tags.all_tagged(ctx) for key in found})
    chosen, token = _page([(key, key) for key in keys], params, "")
    return {_TOKEN: token, "TagKeys": [key for key, _ in chosen]}


@operation(_SERVICE, "GetTagValues")
def get_tag_values(ctx: Context, params: Params) -> Params:
    """Every value that a tag key has somewhere."""
    key = params["Key"]
    values = sorted({found[key] for _, found in tags.all_tagged(ctx) if key in found})
    chosen, token = _page([(value, value) for value in values], params, "")
    return {_TOKEN: token, "TagValues": [value for value, _ in chosen]}


def resource_type(arn: str) -> str:
    """The type of a resource as the filters name it: `sagemaker:training-job`, `s3:bucket`."""
    match = _ARN.fullmatch(arn)
    if match is None:
        return ""
    service, resource = match[1], match[4]
    if service in _TYPELESS:
        return f"{service}:{_TYPELESS[service]}"
    return f"{service}:{re.split('[:/]', resource, maxsplit=1)[0]}"


def _fits(arn: str, found: Mapping[str, str], params: Params, types: Sequence[str]) -> bool:
    if types and not any(_is_of(arn, name) for name in types):
        return False
    if params.get("ResourceARNList") and arn not in params["ResourceARNList"]:
        return False
    return all(
        wanted["Key"] in found
        and (not wanted.get("Values") or found[wanted["Key"]] in wanted["Values"])
        for wanted in params.get("TagFilters") or ()
    )


def _check_filters(params: Params) -> None:
    """Refuse a filter without key, which the model allows."""
    if not all(wanted.get("Key") for wanted in params.get("TagFilters") or ()):
        raise _invalid("A tag filter must have a key.")


def _is_of(arn: str, name: str) -> bool:
    found = resource_type(arn)
    return found == name or found.partition(":")[0] == name


def _checked_type(name: str) -> str:
    if not _TYPE.fullmatch(name):
        raise _invalid(f"The resource type {name!r} is not of the form service[:resourceType].")
    return name


def _page(rows: Sequence[Row], params: Params, size_member: str) -> tuple[list[Row], str]:
    """A page of rows; this API says "" where others leave the token out."""
    try:
        chosen, token = page(
            rows, params, size_member=size_member, token_member=_TOKEN, default=_PAGE
        )
    except AwsError as error:
        raise _invalid("The PaginationToken is not valid.") from error
    return chosen, token or ""


def _each(ctx: Context, params: Params, act: Callable[[str], None]) -> Params:
    failed = {}
    for arn in params["ResourceARNList"]:
        reason = _strange(ctx, arn)
        if reason is None:
            act(arn)
        else:
            failed[arn] = {
                "StatusCode": 400,
                "ErrorCode": "InvalidParameterException",
                "ErrorMessage": reason,
            }
    return {"FailedResourcesMap": failed}


def _strange(ctx: Context, arn: str) -> str | None:
    """Why the ARN is none that the caller may tag here; None where it is."""
    match = _ARN.fullmatch(arn)
    if match is None:
        return f"{arn} is not a valid ARN."
    if match[2] not in ("", ctx.region) or match[3] not in (None, ctx.account):
        return f"{arn} is not a resource of this account and region."
    return None


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)
