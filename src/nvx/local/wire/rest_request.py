"""REST requests: members in path, query, headers and body."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from botocore.model import OperationModel, Shape

from nvx.local.model import is_streaming, wire_name
from nvx.local.wire import json as tree
from nvx.local.wire import xml
from nvx.local.wire.message import Request
from nvx.local.wire.scalars import HTTP_DATE, ISO, from_text, malformed

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
