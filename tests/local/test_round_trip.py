from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from botocore.awsrequest import HeadersDict
from botocore.model import OperationModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from nvx.local.identify import Caller, target_of
from nvx.local.model import CBOR, JSON, QUERY, REST_JSON, REST_XML, service_model
from nvx.local.wire.message import Request, split_target
from nvx.local.wire.protocol import parse, render
from support.shapes import ShapeValues, pruned

SERVICES = (
    "sts",
    "iam",
    "s3",
    "lambda",
    "sagemaker",
    "logs",
    "resourcegroupstaggingapi",
    "bedrock",
)
SAMPLES = 10

INDISTINCT = {
    ("s3", "GetBucketLifecycle"),
    ("s3", "PutBucketLifecycle"),
    ("s3", "GetBucketNotification"),
    ("s3", "PutBucketNotification"),
    ("s3", "ListDirectoryBuckets"),
}
"""Operations whose requests may be those of others: deprecated, or told apart by the host."""


def cases() -> list[Any]:
    return [
        pytest.param(service, protocol, id=f"{service}-{protocol}")
        for service in SERVICES
        for protocol in protocols(service)
    ]


def protocols(service: str) -> list[str]:
    model = service_model(service)
    assert model is not None
    return list(model.metadata["protocols"])


def operations(service: str) -> list[OperationModel]:
    model = service_model(service)
    assert model is not None
    found = [model.operation_model(name) for name in model.operation_names]
    return [operation for operation in found if (service, operation.name) not in INDISTINCT]


def sent(protocol: str, operation: OperationModel, params: dict[str, Any]) -> Request:
    """The request botocore makes of the parameters."""
    made = create_serializer(protocol, include_validation=False).serialize_to_request(
        params, operation
    )
    path, query = split_target(made["url_path"])
    _, more = split_target("/?" + urlencode(made["query_string"] or {}, doseq=True))
    body = made["body"]
    if isinstance(body, dict):
        body = urlencode(body, quote_via=quote_plus).encode()
    headers = {key.lower(): str(value) for key, value in made["headers"].items()}
    return Request(made["method"], path, [*query, *more], headers, BytesIO(body))


def plain(params: dict[str, Any], *, prune: bool) -> Any:
    """Parameters with streams read, and without empty members where the wire drops those."""
    read = {
        name: value.read() if hasattr(value, "read") else value
        for name, value in params.items()
    }
    return pruned(read) if prune else read


def with_status(operation: OperationModel, value: dict[str, Any]) -> dict[str, Any]:
    """The value with the HTTP status, where a member stands for it: every reply has one."""
    for name, member in operation.output_shape.members.items():
        if member.serialization.get("location") == "statusCode":
            value.setdefault(name, operation.http.get("responseCode", 200))
    return value


def has_stream_of_events(operation: OperationModel) -> bool:
    return bool(operation.has_event_stream_input or operation.has_event_stream_output)


@pytest.mark.parametrize(("service", "protocol"), cases())
def test_any_request_that_botocore_serialises_is_parsed_to_the_same_parameters(
    service: str, protocol: str
) -> None:
    model = service_model(service)
    assert model is not None
    caller = Caller("000000000000", "eu-west-1", str(model.signing_name))
    for operation in operations(service):
        if operation.has_event_stream_input:
            continue
        for sample in range(SAMPLES):
            # In XML, botocore sends a carriage return bare: any parser reads a line feed.
            values = ShapeValues(
                f"{operation.name}/{sample}", without="\r" * (protocol == REST_XML)
            )
            params = values.structure(operation.input_shape)
            request = sent(protocol, operation, params)
            target = target_of(request, caller)
            assert (target.service, target.operation) == (service, operation.name)
            assert target.protocol == protocol
            found = parse(protocol, operation, request, target.labels)
            prune = protocol not in (JSON, CBOR)
            assert plain(found, prune=prune) == plain(params, prune=prune), operation.name


@pytest.mark.parametrize(("service", "protocol"), cases())
def test_any_reply_that_is_rendered_is_parsed_by_botocore_to_the_same_members(
    service: str, protocol: str
) -> None:
    parser = create_parser(protocol)
    for operation in operations(service):
        shape = operation.output_shape
        if shape is None or has_stream_of_events(operation):
            continue
        for sample in range(SAMPLES):
            # In XML the services tell whole seconds.
            values = ShapeValues(
                f"{operation.name}/{sample}", whole_seconds=protocol in (QUERY, REST_XML)
            )
            value = values.structure(shape)
            if operation.name == "GetBucketLocation":
                continue  # its root element is the value; a hook of botocore's client reads it
            reply = render(protocol, operation, value, "r-1")
            body: Any = reply.body
            payload = shape.serialization.get("payload")
            if payload and shape.members[payload].type_name == "blob":
                body = BytesIO(body)
            headers = HeadersDict(reply.headers)
            response = {"status_code": reply.status, "headers": headers, "body": body}
            found = parser.parse(response, shape)
            found.pop("ResponseMetadata")
            value = with_status(operation, value)
            prune = protocol not in (JSON, CBOR)
            assert plain(found, prune=prune) == plain(value, prune=prune), operation.name


def test_every_protocol_of_the_services_is_covered() -> None:
    covered = {protocol for service in SERVICES for protocol in protocols(service)}
    assert covered == {JSON, QUERY, REST_JSON, REST_XML, CBOR}
