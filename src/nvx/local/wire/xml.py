"""XML elements by shape: bodies of rest-xml, replies of query."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring, tostring

from botocore.model import Shape

from nvx.local.context import AwsError
from nvx.local.model import wire_name
from nvx.local.wire.scalars import ISO, from_text, to_text

_NAMESPACE = re.compile(r"{.*}")
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters XML 1.0 cannot hold, not even as references."""
_NOT_VALID = (
    "The XML you provided was not well-formed or did not validate against our published schema"
)


def loads(data: bytes) -> Element | None:
    """The root element of a body, None of an empty one. Document types are refused."""
    if not data.strip():
        return None
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        raise AwsError("MalformedXML", "The XML may not hold a document type.")
    try:
        return fromstring(data)  # noqa: S314  entities are refused above
    except (ParseError, ValueError, LookupError) as error:
        raise AwsError("MalformedXML", _NOT_VALID) from error


def dumps(root: Element) -> bytes:
    """The bytes of an element, with a declaration."""
    text: bytes = tostring(root, encoding="utf-8")
    # A bare carriage return would come out of any parser as a line feed.
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.replace(b"\r", b"&#13;")


def read(shape: Shape, nodes: list[Element]) -> Any:
    """The Python value of an element, or of the elements of a flattened list or map."""
    match shape.type_name:
        case "structure":
            return read_structure(shape, nodes[0])
        case "list":
            return [read(shape.member, [node]) for node in _entries(shape, nodes)]
        case "map":
            return dict(_read_entry(shape, node) for node in _entries(shape, nodes))
        case _:
            return _read_scalar(shape, nodes[0].text or "")


def _read_scalar(shape: Shape, text: str) -> Any:
    try:
        return from_text(shape, text, ISO)
    except AwsError as error:
        raise AwsError("MalformedXML", _NOT_VALID) from error


def read_structure(shape: Shape, node: Element) -> dict[str, Any]:
    """The members found below an element."""
    children: dict[str, list[Element]] = {}
    for child in node:
        children.setdefault(_tag(child), []).append(child)
    found = {}
    for name, member in shape.members.items():
        wire = wire_name(member, name)
        if member.serialization.get("xmlAttribute"):
            value = node.get(wire) or node.get(wire.replace("xsi:", _XSI))
            if value is not None:
                found[name] = value
            continue
        nodes = children.get(wire) or children.get(_item_name(member) or wire)
        if nodes and "location" not in member.serialization:
            found[name] = read(member, nodes)
    return found


def build(shape: Shape, value: Any, parent: Element, name: str) -> None:
    """Add the element (or elements) of a value below a parent."""
    match shape.type_name:
        case "structure":
            node = SubElement(parent, name, namespace(shape))
            build_members(shape, value, node)
        case "list":
            _build_list(shape, value, parent, name)
        case "map":
            _build_map(shape, value, parent, name)
        case _:
            node = SubElement(parent, name)
            node.text = clean(to_text(shape, _whole(value), ISO))


def build_members(shape: Shape, value: Any, node: Element) -> None:
    """Add the members of a structure that stand in the body below its element."""
    for name, member in shape.members.items():
        item = value.get(name)
        if item is None or "location" in member.serialization:
            continue
        if member.serialization.get("xmlAttribute"):
            node.set(wire_name(member, name), str(item))
        else:
            build(member, item, node, wire_name(member, name))


def namespace(shape: Shape) -> dict[str, str]:
    """The attributes that declare a shape's XML namespace."""
    declared = shape.serialization.get("xmlNamespace")
    if not declared:
        return {}
    if isinstance(declared, str):
        return {"xmlns": declared}
    prefix = declared.get("prefix")
    return {f"xmlns:{prefix}" if prefix else "xmlns": declared["uri"]}


def clean(text: str) -> str:
    """A text without the characters XML cannot hold."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def _whole(value: Any) -> Any:
    """A moment without its fraction: XML services tell whole seconds, as their headers do."""
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def _build_list(shape: Shape, value: Any, parent: Element, name: str) -> None:
    flat = shape.serialization.get("flattened")
    inner = _item_name(shape) or (name if flat else "member")
    node = parent if flat else SubElement(parent, name)
    for item in value:
        build(shape.member, item, node, inner)


def _build_map(shape: Shape, value: Any, parent: Element, name: str) -> None:
    flat = shape.serialization.get("flattened")
    node = parent if flat else SubElement(parent, name)
    for key, item in value.items():
        entry = SubElement(node, name if flat else "entry")
        build(shape.key, key, entry, wire_name(shape.key, "key"))
        build(shape.value, item, entry, wire_name(shape.value, "value"))


def _read_entry(shape: Shape, node: Element) -> tuple[Any, Any]:
    parts = {_tag(child): child for child in node}
    key = parts.get(wire_name(shape.key, "key"))
    value = parts.get(wire_name(shape.value, "value"))
    if key is None or value is None:
        raise AwsError("MalformedXML", "An entry of a map lacks its key or its value.")
    return read(shape.key, [key]), read(shape.value, [value])


def _entries(shape: Shape, nodes: list[Element]) -> list[Element]:
    return nodes if shape.serialization.get("flattened") else list(nodes[0])


def _item_name(shape: Shape) -> str | None:
    """What the items of a list are called: their own name counts for flattened lists too."""
    return shape.member.serialization.get("name") if shape.type_name == "list" else None


def _tag(node: Element) -> str:
    return _NAMESPACE.sub("", node.tag)
