"""Where the files of a recipe go: content-addressed keys that end in the name that is asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from io import BytesIO
from posixpath import basename

from nvx.aws.call import Calls
from nvx.aws.objects import Objects, Owner, Place, checksum, same_object, taken
from nvx.aws.uploads import Upload, Uploads
from nvx.core.cloud import AlreadyExists, NotFound, Rejected, Uncertain
from nvx.core.digest import sha256_of
from nvx.core.resource import StackSettings, Wish
from nvx.core.values import JsonValue
from nvx.kinds.common.nova_request import RECIPE_FILE
from nvx.kinds.common.placing import bucket_of, is_remote, local_path


class NovaPlacing:
    """Brings recipes and rows to S3. Raises CloudError."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._objects = Objects(calls)
        self._uploads = Uploads(calls)

    def recipe(self, stack: StackSettings, text: str) -> Place:
        """Upload a recipe to a folder that holds nothing else; its place."""
        data = text.encode()
        sha256 = hashlib.sha256(data).hexdigest()
        place = _place(stack, "recipes", sha256, RECIPE_FILE)
        if not self._there(place, sha256):
            self._put(stack, place, data, sha256)
        return place

    def rows(self, wish: Wish, source: str, planned: JsonValue, names: tuple[str, ...]) -> str:
        """Bring rows to where their file has one of `names`, the first by choice; the URI.

        `planned` is their identity: an object of another dataset has none here, and is taken as it is.
        """
        stack, name = wish.scope.stack, _name(source, names)
        owner = Owner(stack.account, stack.name, stack.kms_key)
        if not is_remote(source):
            known = planned if isinstance(planned, Mapping) else {}
            sha256 = str(known.get("sha256", ""))
            place = _place(stack, "rows", sha256, name)
            path = local_path(wish.declared.directory, source)
            self._uploads.send(Upload(path, place, sha256, owner))
            return str(place)
        named_by_itself = isinstance(planned, Mapping) and "ref" in planned
        if named_by_itself and basename(source) == name:
            return source
        identity = self._identity(source) if named_by_itself else planned
        if not isinstance(identity, Mapping):
            raise Rejected(f"{source} has no known identity")
        content = str(identity.get("sha256") or sha256_of(identity))
        place = _place(stack, "rows", content, name)
        self._objects.copy(Place.parse(source), place, identity, owner)
        return str(place)

    def _identity(self, source: str) -> Mapping[str, JsonValue]:
        head = self._objects.head(Place.parse(source))
        if head is None:
            raise NotFound(f"there is no object {source}", operation="s3.HeadObject")
        return head.source.identity

    def _there(self, place: Place, sha256: str) -> bool:
        try:
            return same_object(self._objects.head(place), sha256)
        except Rejected:
            return False  # without s3:ListBucket an absent object is "forbidden"

    def _put(self, stack: StackSettings, place: Place, data: bytes, sha256: str) -> None:
        owner = Owner(stack.account, stack.name, stack.kms_key)
        params = {
            **owner.put(place, sha256),
            "Body": BytesIO(data),
            "ChecksumSHA256": checksum(sha256),
            "IfNoneMatch": "*",
        }
        try:
            self._calls.call("s3", "PutObject", params)
        except AlreadyExists as error:  # somebody was faster, or our own first try did it
            if not same_object(self._objects.head(place), sha256):
                raise taken(place) from error
        except Uncertain:
            if not same_object(self._objects.head(place), sha256):
                raise


def planned_rows(
    stack: StackSettings, source: str, planned: JsonValue, names: tuple[str, ...]
) -> str:
    """Where rows will be, without bringing them there; "" where that is not known yet."""
    if not isinstance(planned, Mapping) or "ref" in planned:
        return source if is_remote(source) else ""
    content = str(planned.get("sha256") or sha256_of(planned))
    return str(_place(stack, "rows", content, _name(source, names)))


def _place(stack: StackSettings, folder: str, content: str, name: str) -> Place:
    parts = (stack.prefix, folder, content, name)
    return Place(bucket_of(stack), "/".join(part.strip("/") for part in parts if part))


def _name(source: str, names: tuple[str, ...]) -> str:
    """The file's own name where it is one of those asked for, else the first of them."""
    own = basename(source)
    return own if own in names or not names else names[0]
