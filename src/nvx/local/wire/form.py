"""Browser uploads to S3: a form whose file becomes the body of a PutObject."""

from __future__ import annotations

from dataclasses import dataclass
from email.parser import BytesHeaderParser
from io import BytesIO
from urllib.parse import quote, urlencode
from xml.etree.ElementTree import Element, SubElement

from nvx.local.context import AwsError
from nvx.local.wire.message import Reply, Request
from nvx.local.wire.xml import clean, dumps, loads

_FORM = "multipart/form-data"
_FILE = "file"
_FILENAME = "${filename}"
_CREDENTIAL = "x-amz-credential"
_SIGNING = ("x-amz-algorithm", _CREDENTIAL, "x-amz-date", "x-amz-signature")
_HEADERS = (
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-type",
    "expires",
)
_SUCCESS = 300
_CREATED = 201


@dataclass(frozen=True, slots=True)
class Upload:
    """A form as S3 reads it: fields by name in lower case, and the file."""

    bucket: str
    fields: dict[str, str]
    filename: str
    content: bytes

    @property
    def key(self) -> str:
        """The key, the name of the file filled in."""
        return self.fields["key"].replace(_FILENAME, self.filename)

    def request(self) -> Request:
        """The PutObject that stores the file."""
        fields = self.fields
        headers = {
            name: value
            for name, value in fields.items()
            if name in _HEADERS or (name.startswith("x-amz-") and name not in _SIGNING)
        }
        if "acl" in fields:
            headers["x-amz-acl"] = fields["acl"]
        if "tagging" in fields:
            headers["x-amz-tagging"] = _tags(fields["tagging"])
        headers["content-length"] = str(len(self.content))
        names = {"x-amz-credential": "X-Amz-Credential", "awsaccesskeyid": "AWSAccessKeyId"}
        query = [(wire, fields[name]) for name, wire in names.items() if name in fields]
        path = f"/{self.bucket}/{quote(self.key)}"
        return Request("PUT", path, query, headers, BytesIO(self.content))

    def reply(self, stored: Reply, endpoint: str) -> Reply:
        """What the browser gets for it: 204, the status it asked for, or a redirect."""
        if stored.status >= _SUCCESS:
            return stored
        etag = stored.headers.get("ETag", "")
        target = self.fields.get("success_action_redirect") or self.fields.get("redirect")
        location = f"{endpoint}/{self.bucket}/{quote(self.key)}"
        if target:
            sign = "&" if "?" in target else "?"
            told = urlencode({"bucket": self.bucket, "key": self.key, "etag": etag})
            return Reply(303, {**stored.headers, "Location": f"{target}{sign}{told}"})
        asked = self.fields.get("success_action_status")
        reply = Reply(
            int(asked) if asked in ("200", "201") else 204,
            {**stored.headers, "Location": location},
        )
        if reply.status == _CREATED:
            reply.headers["Content-Type"] = "application/xml"
            reply.body = _told({"Location": location, "Bucket": self.bucket, "Key": self.key,
                                "ETag": etag})  # fmt: skip
        return reply


def is_upload(request: Request) -> bool:
    """Whether a request is a form that holds a file for a bucket."""
    return (
        request.method == "POST"
        and request.header("content-type").lower().startswith(_FORM)
        and not request.header("authorization")
        and request.path.strip("/").count("/") == 0
    )


def read_upload(request: Request) -> Upload:
    """The form in the body of a request; AwsError where S3 cannot use it."""
    head = BytesHeaderParser().parsebytes(
        b"content-type: " + request.header("content-type").encode("latin-1", "replace")
    )
    boundary = head.get_boundary()
    if not boundary:
        raise AwsError("MalformedPOSTRequest", "The form has no boundary.")
    fields: dict[str, str] = {}
    for name, filename, content in _parts(
        request.data(), boundary.encode("latin-1", "replace")
    ):
        if name == _FILE:
            _demand_key(fields)
            return Upload(request.path.strip("/"), fields, filename, content)
        fields[name] = content.decode("utf-8", "replace")
    raise AwsError("InvalidArgument", "POST requires exactly one file upload per request.")


def _demand_key(fields: dict[str, str]) -> None:
    if not fields.get("key"):
        raise AwsError(
            "InvalidArgument",
            "Bucket POST must contain a field named 'key'.  If it is specified, please check the"
            " order of the fields.",
        )


def _parts(data: bytes, boundary: bytes) -> list[tuple[str, str, bytes]]:
    """Name, name of the file and content of every part, in order."""
    found = []
    for piece in (b"\r\n" + data).split(b"\r\n--" + boundary)[1:]:
        if piece.startswith(b"--"):
            break
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        described = BytesHeaderParser().parsebytes(head)
        name = described.get_param("name", "", header="content-disposition")
        found.append((str(name).lower(), described.get_filename() or "", content))
    return found


def _tags(text: str) -> str:
    """The tags of a Tagging document as the header holds them."""
    root = loads(text.encode())
    pairs = [
        [(node.text or "") for node in tag] for tag in (root.iter() if root is not None else ())
        if tag.tag.rpartition("}")[2] == "Tag"
    ]  # fmt: skip
    if any(len(pair) != len(("Key", "Value")) for pair in pairs):
        raise AwsError("MalformedXML", "A tag needs a key and a value.")
    return urlencode([(key, value) for key, value in pairs])


def _told(parts: dict[str, str]) -> bytes:
    root = Element("PostResponse")
    for name, value in parts.items():
        SubElement(root, name).text = clean(value)
    return dumps(root)
