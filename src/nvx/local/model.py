"""Botocore's service models: what each service, operation and shape is called and looks like."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape

JSON = "json"
REST_JSON = "rest-json"
REST_XML = "rest-xml"
QUERY = "query"
CBOR = "smithy-rpc-v2-cbor"

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "tagging": ("resourcegroupstaggingapi",),
    "bedrock": ("bedrock", "bedrock-runtime"),
    "sagemaker": ("sagemaker", "sagemaker-runtime"),
    "s3express": ("s3",),
}
"""Services that share a name in the signature's scope, where it is not the service's own."""


@cache
def _loader() -> Loader:
    return Loader()


@cache
def service_model(service: str) -> ServiceModel | None:
    """The newest model of a service, or None where botocore knows no such service."""
    try:
        described = _loader().load_service_model(service, "service-2")
    except UnknownServiceError:
        return None
    return ServiceModel(described, service)


def family(signing_name: str) -> tuple[str, ...]:
    """The services a signature for this name may be meant for."""
    return FAMILIES.get(signing_name, (signing_name,))


def operation_model(service: str, operation: str) -> OperationModel | None:
    """The model of an operation, or None where the service has none of that name."""
    model = service_model(service)
    if model is None or operation not in _names(service):
        return None
    return model.operation_model(operation)


@cache
def _names(service: str) -> frozenset[str]:
    model = service_model(service)
    return frozenset(model.operation_names) if model else frozenset()


def protocol_of(service: str) -> str:
    """The protocol botocore speaks with the service: the newest one both know."""
    model = service_model(service)
    return str(model.resolved_protocol) if model else JSON


def rest_protocol(service: str) -> str | None:
    """The REST protocol of the service, or None where it is called by operation name."""
    protocol = protocol_of(service)
    return protocol if protocol in (REST_JSON, REST_XML) else None


def is_streaming(shape: Shape, member: str) -> bool:
    """Whether a payload member is a stream of bytes: given and taken as an open file."""
    described = shape._shape_model["members"][member]
    target = shape.members[member]
    return bool(
        target.type_name == "blob"
        and (described.get("streaming") or target._shape_model.get("streaming"))
    )


def wire_name(shape: Shape, member: str) -> str:
    """What a member is called on the wire."""
    return str(shape.serialization.get("name", member))
