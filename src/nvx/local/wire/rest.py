"""The parts of REST messages outside the body: path, query, headers, status."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from botocore.model import OperationModel, Shape

from nvx.local.context import AwsError
from nvx.local.model import is_streaming, wire_name
from nvx.local.wire import json as tree
from nvx.local.wire import xml
from nvx.local.wire.message import Reply, Request
from nvx.local.wire.scalars import HTTP_DATE, ISO, from_text, malformed, to_text

_HEADER_ITEM = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^,]*))\s*(?:,|$)')


def read(
    operation: OperationModel, request: Request, labels: Mapping[str, str], *, as_xml: bool
) -> dict[str, Any]:
    """All members of a request; `labels` are those of its path, decoded."""
    shape = operation.input_shape
    if shape is None:
        return {}
    found = {}
    for name, member in shape.members.items():
        value = _outside(shape, name, member, request, labels)
        if value is not None:
            found[name] = value
    payload = shape.serialization.get("payload")
    if payload:
        found.update(_read_payload(shape, payload, request, as_xml=as_xml))
    else:
        found |= _read_body(shape, request.data(), as_xml=as_xml)
    return found


def write(operation: OperationModel, value: Mapping[str, Any], *, as_xml: bool) -> Reply:
    """The reply that carries a value."""
    reply = Reply(int(operation.http.get("responseCode", 200)))
    shape = operation.output_shape
    if shape is None:
        return reply
    for name, member in shape.members.items():
        if value.get(name) is not None:
            _write_outside(reply, name, member, value[name])
    payload = shape.serialization.get("payload")
    if payload:
        _write_payload(reply, shape, payload, value, as_xml=as_xml)
    else:
        _write_body(reply, operation, shape, value, as_xml=as_xml)
    return reply


def _outside(
    shape: Shape, name: str, member: Shape, request: Request, labels: Mapping[str, str]
) -> Any:
    wire = wire_name(member, name)
    match member.serialization.get("location"):
        case "uri":
            return from_text(member, labels[wire], ISO) if wire in labels else None
        case "querystring":
            return _read_query(shape, member, wire, request.query)
        case "header":
            text = request.headers.get(wire.lower())
            return None if text is None else _read_header(member, text)
        case "headers":
            prefix = wire.lower()
            below = {
                key[len(prefix) :]: text
                for key, text in request.headers.items()
                if key.startswith(prefix)
            }
            return below or None
        case _:
            return None


def _read_query(shape: Shape, member: Shape, wire: str, query: list[tuple[str, str]]) -> Any:
    if member.type_name == "map":
        named = {wire_name(other, name) for name, other in shape.members.items()}
        rest = [(key, text) for key, text in query if key not in named]
        if member.value.type_name == "list":
            return {
                key: [text for other, text in rest if other == key] for key, _ in rest
            } or None
        return dict(rest) or None
    texts = [text for key, text in query if key == wire]
    if not texts:
        return None
    if member.type_name == "list":
        return [from_text(member.member, text, ISO) for text in texts]
    return from_text(member, texts[0], ISO)


def _read_header(member: Shape, text: str) -> Any:
    if member.type_name == "list":
        return [from_text(member.member, item, HTTP_DATE) for item in _header_items(text)]
    if member.serialization.get("jsonvalue"):
        try:
            return json.loads(base64.b64decode(text))
        except (ValueError, binascii.Error) as error:
            raise malformed(member, text) from error
    return from_text(member, text, HTTP_DATE)


def _header_items(text: str) -> list[str]:
    items = []
    for match in _HEADER_ITEM.finditer(text):
        quoted, bare = match.groups()
        if quoted is not None:
            items.append(re.sub(r"\\(.)", r"\1", quoted))
        elif bare.strip():
            items.append(bare.strip())
    return items


def _read_payload(
    shape: Shape, payload: str, request: Request, *, as_xml: bool
) -> dict[str, Any]:
    member = shape.members[payload]
    if is_streaming(shape, payload):
        request.body.seek(0)
        return {payload: request.body}
    data = request.data()
    if member.type_name == "blob":
        return {payload: data} if data else {}
    if member.type_name == "string":
        return {payload: data.decode("utf-8", "replace")} if data else {}
    if not data.strip():
        return {}
    if not as_xml:
        return {payload: tree.read(member, tree.loads(data))}
    root = xml.loads(data)
    return {} if root is None else {payload: xml.read(member, [root])}


def _read_body(shape: Shape, data: bytes, *, as_xml: bool) -> dict[str, Any]:
    inside = [
        name for name, item in shape.members.items() if "location" not in item.serialization
    ]
    if not inside or not data.strip():
        return {}
    if as_xml:
        root = xml.loads(data)
        found = {} if root is None else xml.read_structure(shape, root)
    else:
        found = tree.read(shape, tree.loads(data))
    return {name: value for name, value in found.items() if name in inside}


def _write_outside(reply: Reply, name: str, member: Shape, value: Any) -> None:
    match member.serialization.get("location"):
        case "statusCode":
            reply.status = int(value)
        case "header":
            reply.headers[wire_name(member, name)] = _header_text(member, value)
        case "headers":
            prefix = member.serialization.get("name", "")
            for key, text in value.items():
                reply.headers[prefix + key] = str(text)
        case _:
            return


def _header_text(member: Shape, value: Any) -> str:
    if member.type_name == "list":
        return ",".join(to_text(member.member, item, HTTP_DATE) for item in value)
    if member.serialization.get("jsonvalue"):
        return base64.b64encode(json.dumps(value, separators=(",", ":")).encode()).decode(
            "ascii"
        )
    return to_text(member, value, HTTP_DATE)


def _write_payload(
    reply: Reply, shape: Shape, payload: str, value: Mapping[str, Any], *, as_xml: bool
) -> None:
    member, content = shape.members[payload], value.get(payload)
    if content is None:
        return
    if member.type_name in ("blob", "string"):
        reply.body = content.encode() if isinstance(content, str) else content
    elif as_xml:
        root = Element("root")
        xml.build(member, content, root, wire_name(member, payload))
        _set_xml(reply, root[0])
    else:
        _set_json(reply, tree.write(member, content))


def _write_body(
    reply: Reply,
    operation: OperationModel,
    shape: Shape,
    value: Mapping[str, Any],
    *,
    as_xml: bool,
) -> None:
    inside = {
        name: value[name]
        for name, member in shape.members.items()
        if "location" not in member.serialization and value.get(name) is not None
    }
    if not as_xml:
        _set_json(reply, tree.write(shape, inside))
    elif any("location" not in member.serialization for member in shape.members.values()):
        name = operation.name.removeprefix("Get")
        root = Element(shape.serialization.get("name") or f"{name}Result")
        root.set("xmlns", str(operation.service_model.metadata.get("xmlNamespace") or S3_XMLNS))
        xml.build_members(shape, inside, root)
        _set_xml(reply, root)


S3_XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"


def _set_json(reply: Reply, content: tree.Tree) -> None:
    reply.body = json.dumps(content, separators=(",", ":")).encode()
    reply.headers.setdefault("Content-Type", "application/json")


def _set_xml(reply: Reply, root: Element) -> None:
    reply.body = xml.dumps(root)
    reply.headers["Content-Type"] = "application/xml"


def location_reply(operation: OperationModel, region: str | None) -> Reply:
    """GetBucketLocation's reply, the one whose root element is the value itself."""
    if operation.name != "GetBucketLocation":
        raise AwsError("InternalError", f"{operation.name} gives no location.", 500)
    root = Element("LocationConstraint", {"xmlns": S3_XMLNS})
    root.text = region
    reply = Reply(200)
    _set_xml(reply, root)
    return reply
