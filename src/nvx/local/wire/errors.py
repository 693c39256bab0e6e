"""Refusals, in the form each protocol has for them."""

from __future__ import annotations

import json
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from botocore.model import Shape

from nvx.local.context import AwsError
from nvx.local.model import CBOR, JSON, QUERY, REST_XML, service_model, wire_name
from nvx.local.wire import cbor
from nvx.local.wire import json as tree
from nvx.local.wire.message import Reply
from nvx.local.wire.xml import build, clean, dumps

_SERVER_FAULT = 500


def error_reply(
    protocol: str, service: str, error: AwsError, request_id: str, *, head: bool = False
) -> Reply:
    """The reply of a refusal; one to a HEAD request has no body."""
    reply = Reply(error.status, dict(error.headers))
    reply.headers.setdefault("x-amzn-errortype", error.code)
    if head:
        return reply
    if protocol in (QUERY, REST_XML):
        root = (
            _query(service, error, request_id) if protocol == QUERY else _s3(error, request_id)
        )
        reply.body = dumps(root)
        reply.headers["Content-Type"] = "text/xml" if protocol == QUERY else "application/xml"
        return reply
    content = _content(service, error)
    if protocol == CBOR:
        reply.body = cbor.dumps({"__type": error.code, **content})
        reply.headers["Content-Type"] = "application/cbor"
        reply.headers["smithy-protocol"] = "rpc-v2-cbor"
        return reply
    typed = {"__type": error.code, **content} if protocol == JSON else content
    reply.body = json.dumps(typed, default=str).encode()
    reply.headers["Content-Type"] = (
        "application/x-amz-json-1.1" if protocol == JSON else "application/json"
    )
    return reply


def error_shape(service: str, code: str) -> Shape | None:
    """The model's shape of an error, found by its wire code, or None."""
    model = service_model(service)
    if model is None:
        return None
    shape = model.shape_for_error_code(code)
    return shape if shape is not None and shape.type_name == "structure" else None


def _content(service: str, error: AwsError) -> dict[str, Any]:
    shape = error_shape(service, error.code)
    content: dict[str, Any] = {"message": error.message}
    if shape is None:
        return {**error.members, **content}
    for name, member in shape.members.items():
        if name.lower() == "message":
            content[wire_name(member, name)] = error.message
        elif error.members.get(name) is not None:
            content[wire_name(member, name)] = tree.write(member, error.members[name])
    return content


def _query(service: str, error: AwsError, request_id: str) -> Element:
    model = service_model(service)
    uri = str(model.metadata.get("xmlNamespace", "")) if model else ""
    root = Element("ErrorResponse", {"xmlns": uri})
    node = SubElement(root, "Error")
    SubElement(node, "Type").text = "Receiver" if error.status >= _SERVER_FAULT else "Sender"
    SubElement(node, "Code").text = error.code
    SubElement(node, "Message").text = clean(error.message)
    shape = error_shape(service, error.code)
    for name, member in shape.members.items() if shape else ():
        if error.members.get(name) is not None:
            build(member, error.members[name], node, wire_name(member, name))
    SubElement(root, "RequestId").text = request_id
    return root


def _s3(error: AwsError, request_id: str) -> Element:
    root = Element("Error")
    parts = {
        "Code": error.code,
        "Message": error.message,
        **error.members,
        "RequestId": request_id,
        "HostId": "nvx-local",
    }
    for name, value in parts.items():
        SubElement(root, name).text = clean(str(value))
    return root
