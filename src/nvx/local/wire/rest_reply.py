"""REST replies: members in status, headers and body."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from botocore.model import OperationModel, Shape

from nvx.local.model import wire_name
from nvx.local.wire import json as tree
from nvx.local.wire import xml
from nvx.local.wire.message import Reply
from nvx.local.wire.scalars import HTTP_DATE, to_text

_XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"
_ROOTS: Mapping[str, str] = {
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetObjectAcl": "AccessControlPolicy",
    "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListParts": "ListPartsResult",
}
"""Root elements of S3's replies (S3 API reference); botocore ignores them, other SDKs do not."""


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
        root = Element(_ROOTS.get(operation.name, f"{operation.name}Result"), {"xmlns": _XMLNS})
        xml.build_members(shape, inside, root)
        _set_xml(reply, root)


def _set_json(reply: Reply, content: tree.Tree) -> None:
    reply.body = json.dumps(content, separators=(",", ":")).encode()
    reply.headers.setdefault("Content-Type", "application/json")


def _set_xml(reply: Reply, root: Element) -> None:
    reply.body = xml.dumps(root)
    reply.headers["Content-Type"] = "application/xml"


def write_location(region: str | None) -> Reply:
    """The reply of S3's GetBucketLocation, the one whose root element is the value itself."""
    root = Element("LocationConstraint", {"xmlns": _XMLNS})
    root.text = region
    reply = Reply(200)
    _set_xml(reply, root)
    return reply
