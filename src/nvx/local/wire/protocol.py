"""One door to the protocols: requests to members, members to replies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.model import OperationModel

from nvx.local.context import AwsError
from nvx.local.model import CBOR, JSON, QUERY, REST_XML
from nvx.local.quirks import refusal_code
from nvx.local.wire import cbor, query, rest_reply, rest_request, xml
from nvx.local.wire import json as tree
from nvx.local.wire.message import Reply, Request

_UNREADABLE = "SerializationException"


def parse(
    protocol: str, operation: OperationModel, request: Request, labels: Mapping[str, str]
) -> dict[str, Any]:
    """The members of a request. Raises AwsError where the body is not what it should be."""
    try:
        return _parsed(protocol, operation, request, labels)
    except AwsError as error:
        # The services that speak XML have no code of their own for values of the wrong type.
        if protocol in (QUERY, REST_XML) and error.code == _UNREADABLE:
            error.code = refusal_code(operation.service_model.service_name)
        raise


def _parsed(
    protocol: str, operation: OperationModel, request: Request, labels: Mapping[str, str]
) -> dict[str, Any]:
    try:
        if protocol == QUERY:
            return query.read(operation, request.form)
        if protocol in (JSON, CBOR):
            return _read_tree(operation, _load(protocol, request.data()))
        return rest_request.read(operation, request, labels, as_xml=protocol == REST_XML)
    except RecursionError as error:
        raise AwsError(_UNREADABLE, "The body is nested too deeply.") from error


def render(
    protocol: str, operation: OperationModel, value: Mapping[str, Any], request_id: str
) -> Reply:
    """The reply that carries the members of a value."""
    if protocol == QUERY:
        body = xml.dumps(query.build(operation, value, request_id))
        return Reply(200, {"Content-Type": "text/xml"}, body)
    if protocol in (JSON, CBOR):
        return _write_tree(protocol, operation, value)
    if protocol == REST_XML and operation.name == "GetBucketLocation":
        return rest_reply.write_location(value.get("LocationConstraint"))
    return rest_reply.write(operation, value, as_xml=protocol == REST_XML)


def _load(protocol: str, data: bytes) -> tree.Tree:
    if protocol == JSON:
        return tree.loads(data)
    try:
        return cbor.loads(data) if data else {}
    except cbor.CborError as error:
        raise AwsError(_UNREADABLE, f"The body is not CBOR: {error}.") from error


def _read_tree(operation: OperationModel, content: tree.Tree) -> dict[str, Any]:
    if operation.input_shape is None:
        return {}
    read: dict[str, Any] = tree.read(operation.input_shape, content)
    return read


def _write_tree(protocol: str, operation: OperationModel, value: Mapping[str, Any]) -> Reply:
    shape = operation.output_shape
    if protocol == CBOR:
        headers = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
        content = tree.write(shape, value, native=True) if shape else {}
        return Reply(200, headers, cbor.dumps(content))
    version = operation.metadata.get("jsonVersion", "1.1")
    headers = {"Content-Type": f"application/x-amz-json-{version}"}
    content = tree.write(shape, value) if shape else None
    return Reply(200, headers, b"" if content is None else json.dumps(content).encode())
