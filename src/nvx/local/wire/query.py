"""The query protocol: a form in, XML out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from botocore.model import OperationModel, Shape

from nvx.local.model import wire_name
from nvx.local.wire.scalars import ISO, from_text
from nvx.local.wire.xml import build_members

_MAX_ITEMS = 10_000


def read(operation: OperationModel, form: list[tuple[str, str]]) -> dict[str, Any]:
    """The members of a request that stand in a form."""
    shape = operation.input_shape
    return {} if shape is None else _read_structure(shape, _tree(form))


def build(operation: OperationModel, value: Mapping[str, Any], request_id: str) -> Element:
    """The element of a reply."""
    attributes = {"xmlns": str(operation.service_model.metadata.get("xmlNamespace", ""))}
    root = Element(f"{operation.name}Response", attributes)
    shape = operation.output_shape
    if shape is not None:
        wrapper = shape.serialization.get("resultWrapper")
        build_members(shape, value, SubElement(root, wrapper) if wrapper else root)
    metadata = SubElement(root, "ResponseMetadata")
    SubElement(metadata, "RequestId").text = request_id
    return root


class _Node:
    """A dotted name of the form: its own text, and what stands below it."""

    __slots__ = ("below", "text")

    def __init__(self) -> None:
        self.text: str | None = None
        self.below: dict[str, _Node] = {}


def _tree(form: list[tuple[str, str]]) -> _Node:
    root = _Node()
    for name, text in form:
        node = root
        for part in name.split("."):
            node = node.below.setdefault(part, _Node())
        node.text = text
    return root


def _read(shape: Shape, node: _Node) -> Any:
    match shape.type_name:
        case "structure":
            return _read_structure(shape, node)
        case "list":
            return [_read(shape.member, item) for item in _items(shape, node, "member")]
        case "map":
            return dict(_read_entry(shape, item) for item in _items(shape, node, "entry"))
        case _:
            return from_text(shape, node.text or "", ISO)


def _read_structure(shape: Shape, node: _Node) -> dict[str, Any]:
    found = {}
    for name, member in shape.members.items():
        below = node.below.get(_member_name(member, name))
        if below is not None:
            found[name] = _read(member, below)
    return found


def _member_name(member: Shape, name: str) -> str:
    if member.type_name == "list" and member.serialization.get("flattened"):
        return str(member.member.serialization.get("name") or wire_name(member, name))
    return wire_name(member, name)


def _items(shape: Shape, node: _Node, default: str) -> list[_Node]:
    if not shape.serialization.get("flattened"):
        inner = wire_name(shape.member, default) if shape.type_name == "list" else default
        node = node.below.get(inner, _Node())
    numbered = [
        (int(number), item)
        for number, item in node.below.items()
        if number.isdecimal() and len(number) <= len(str(_MAX_ITEMS))
    ]
    return [item for _, item in sorted(numbered, key=lambda pair: pair[0])]


def _read_entry(shape: Shape, node: _Node) -> tuple[Any, Any]:
    key = node.below.get(wire_name(shape.key, "key"), _Node())
    value = node.below.get(wire_name(shape.value, "value"), _Node())
    return _read(shape.key, key), _read(shape.value, value)
