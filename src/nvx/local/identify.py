"""Who sent a request, and which operation of which service it is for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from nvx.local.context import AwsError
from nvx.local.model import (
    CBOR,
    JSON,
    QUERY,
    REST_JSON,
    family,
    operation_model,
    rest_protocol,
    service_model,
)
from nvx.local.wire.message import Request
from nvx.local.wire.route import route

NOBODY = "000000000000"
"""The account of access keys that are none: no real account has this number."""
DEFAULT_REGION = "us-east-1"

_CREDENTIAL = re.compile(r"Credential=([^,\s]+)")
_ACCOUNT = re.compile(r"(?:A[KS]IA)?(\d{12})")
_RPC_PATH = re.compile(r"/service/([^/]+)/operation/([^/]+)")
_FORM = "application/x-www-form-urlencoded"
_OLD_SCHEME = "AWS"
_STS_VERSION = "2011-06-15"


@dataclass(frozen=True, slots=True)
class Caller:
    """What the signature of a request says; it is not verified."""

    account: str
    region: str
    signing_name: str
    access_key: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """The operation a request is for, the protocol it speaks, the labels of its path."""

    service: str
    operation: str
    protocol: str
    labels: Mapping[str, str] = field(default_factory=dict)


def caller_of(request: Request) -> Caller:
    """The caller, from the signature in the header or in the query of a presigned URL."""
    found = _CREDENTIAL.search(request.header("authorization"))
    scope = found.group(1) if found else request.first("X-Amz-Credential")
    if not scope:
        old_key = request.first("AWSAccessKeyId") or _old_key(request)
        return Caller(_account(old_key), DEFAULT_REGION, _unsigned(request), old_key)
    key, *rest = scope.split("/")
    scoped = rest[1] if len(rest) > 3 else request.header("x-amz-region-set")
    region = scoped or DEFAULT_REGION
    name = (rest[-2] if len(rest) > 2 else "") or _unsigned(request)
    return Caller(_account(key), region.split(",")[0], name, key)


def target_of(request: Request, caller: Caller) -> Target:
    """The operation of a request; AwsError where it is for none."""
    services = family(caller.signing_name)
    named = _named(request, services)
    if named is not None:
        return named
    for service in services:
        protocol = rest_protocol(service)
        found = route(service, request) if protocol else None
        if protocol and found:
            return Target(service, found[0], protocol, found[1])
    return _nothing(request, services[0])


def protocol_guess(request: Request, caller: Caller) -> str:
    """The protocol to refuse a request in whose operation is unknown."""
    if request.header("smithy-protocol"):
        return CBOR
    if request.header("x-amz-target"):
        return JSON
    if request.header("content-type").startswith(_FORM):
        return QUERY
    return rest_protocol(family(caller.signing_name)[0]) or REST_JSON


def _account(access_key: str) -> str:
    found = _ACCOUNT.fullmatch(access_key)
    return found.group(1) if found else NOBODY


def _old_key(request: Request) -> str:
    """The access key of a signature of version 2, which names neither region nor service."""
    scheme, _, rest = request.header("authorization").partition(" ")
    return rest.partition(":")[0] if scheme == _OLD_SCHEME else ""


def _unsigned(request: Request) -> str:
    if request.header("content-type").startswith(_FORM) and request.method == "POST":
        version = dict(request.form).get("Version")
        return "sts" if version == _STS_VERSION else "iam"
    return "s3"


def _named(request: Request, services: tuple[str, ...]) -> Target | None:
    """The target of a protocol that names its operation, None of a REST request."""
    rpc = _RPC_PATH.fullmatch(request.path)
    if rpc and request.header("smithy-protocol"):
        return _by_name(services, rpc.group(2), CBOR)
    prefix, dot, name = request.header("x-amz-target").rpartition(".")
    if dot:
        meant = [service for service in services if _target_prefix(service) == prefix]
        return _by_name(tuple(meant) or services, name, JSON)
    if any(rest_protocol(service) for service in services):
        return None
    action = dict(request.form).get("Action") or request.first("Action")
    return _by_name(services, action, QUERY) if action else None


def _by_name(services: tuple[str, ...], name: str, protocol: str) -> Target:
    for service in services:
        if operation_model(service, name):
            return Target(service, name, protocol)
    if service_model(services[0]) is None:
        return Target(services[0], name, protocol)
    if protocol == QUERY:
        raise AwsError("InvalidAction", f"Could not find operation {name} of {services[0]}.")
    raise AwsError(
        "UnknownOperationException", f"{services[0]} has no operation {name!r}.", 404
    )


def _target_prefix(service: str) -> str:
    model = service_model(service)
    return str(model.metadata.get("targetPrefix", "")) if model else ""


def _nothing(request: Request, service: str) -> Target:
    if service_model(service) is None:
        return Target(service, f"{request.method} {request.path}", REST_JSON)
    raise AwsError(
        "UnknownOperationException",
        f"{service} has no operation for {request.method} {request.path}.",
        404,
    )
