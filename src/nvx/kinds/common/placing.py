"""Where the bytes of datasets and prompts go: a content-addressed key, or the user's own object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from posixpath import basename

from nvx.aws.call import Calls
from nvx.aws.objects import Objects, Owner, Place, changed
from nvx.aws.uploads import MULTIPART_ABOVE, Upload, Uploads
from nvx.core.diagnostics import Diagnostic, error
from nvx.core.digest import sha256_of
from nvx.core.resource import Checked, StackSettings, Wish
from nvx.core.values import JsonValue, Value

SCHEME = "s3://"
_MIB = 1 << 20


def is_remote(source: str) -> bool:
    """Whether a source is an S3 object rather than a local file."""
    return source.startswith(SCHEME)


def local_path(directory: str, source: str) -> Path:
    """The file that a source names: relative paths start at the stack's folder."""
    return Path(directory) / source


def bucket_of(stack: StackSettings) -> str:
    """The stack's bucket, else the one that SageMaker uses by default."""
    return stack.bucket or f"sagemaker-{stack.region}-{stack.account}"


def place_facts(stack: StackSettings, source: str, *, copied: bool) -> Mapping[str, Value]:
    """What the document says of the place, as far as it is known before the account is."""
    if not copied:
        return {"uri": source}
    facts = {"bucket": stack.bucket, "prefix": stack.prefix, "file": basename(source)}
    return {name: value for name, value in facts.items() if value}


def source_problems(
    resource: Checked, source: str, *, copied: bool, endings: tuple[str, ...] = ()
) -> Iterable[Diagnostic]:
    """What is wrong with a source, judged by its text."""
    at = resource.at(("source",))
    if endings and not source.lower().endswith(endings):
        allowed = ", ".join(endings)
        yield error(
            "source", "Unknown file type", f'"{source}" ends in none of {allowed}', at=at
        )
    if not is_remote(source):
        if not copied:
            text = f'"{source}" is a local file: it has to be uploaded to be used'
            yield error("source", "Cannot stay where it is", text, at=at, hint="remove `copy`")
        return
    try:
        place = Place.parse(source)
    except ValueError as wrong:
        yield error("source", "Not an S3 URI", str(wrong), at=at)
        return
    if place.is_prefix:
        text = f"{source} is a prefix; one object is needed"
        yield error("source", "Not an object", text, at=at)


class Placing:
    """Brings the bytes of a wish to where its document will point. Raises CloudError."""

    def __init__(self, calls: Calls, folder: str) -> None:
        self._objects = Objects(calls)
        self._uploads = Uploads(calls)
        self._folder = folder

    def bring(self, wish: Wish, name: str, source: str, *, copied: bool) -> Place:
        """Upload, copy, or leave where it is; the place. Raises SourceChanged for other bytes."""
        planned = _identity(wish)
        if not copied:
            place = Place.parse(source)
            head = self._objects.head(place)
            if head is None or head.source.identity != planned:
                raise changed(source)
            return place
        stack = wish.scope.stack
        place = Place(bucket_of(stack), self._key(stack, name, planned, source))
        owner = Owner(stack.account, stack.name, stack.kms_key)
        if is_remote(source):
            self._objects.copy(Place.parse(source), place, planned, owner)
        else:
            path = local_path(wish.declared.directory, source)
            upload = Upload(path, place, str(planned["sha256"]), owner)
            self._uploads.send(upload, lambda sent, size: _tell(wish, sent, size))
        return place

    def _key(
        self, stack: StackSettings, name: str, planned: Mapping[str, JsonValue], source: str
    ) -> str:
        content = planned.get("sha256") or sha256_of(planned)
        parts = (stack.prefix, self._folder, name, str(content), basename(source))
        return "/".join(part.strip("/") for part in parts if part)


def _tell(wish: Wish, sent: int, size: int) -> None:
    """How far an upload is, where it is large enough to take its time."""
    if size > MULTIPART_ABOVE:
        wish.report(f"uploading {size // _MIB:,} MiB", sent / size)


def _identity(wish: Wish) -> Mapping[str, JsonValue]:
    """The identity of the source that was planned."""
    planned = wish.declared.inputs["source"]
    if not isinstance(planned, Mapping):
        raise TypeError(f"{wish.declared.address}: a source is known by its identity")
    return planned
