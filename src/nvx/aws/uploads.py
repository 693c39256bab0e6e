"""Uploads to content-addressed places: sent once, and never over something else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from nvx.aws.call import Calls
from nvx.aws.objects import Objects, Owner, Place, changed, checksum, same_object, taken
from nvx.core.cloud import AlreadyExists, CloudError, Rejected, Uncertain

MULTIPART_ABOVE = 64 * 1024**2
PART = 16 * 1024**2

Progress = Callable[[int, int], None]
"""Takes the bytes sent so far and the bytes in all."""

_OTHER_BYTES = frozenset({"BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch"})


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way: where to, what it has to be, whose it will be."""

    path: Path
    to: Place
    sha256: str
    owner: Owner


class Uploads:
    """Sends files to S3."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._objects = Objects(calls)

    def send(self, upload: Upload, progress: Progress = lambda sent, size: None) -> None:
        """Send a file unless its bytes are there. Raises SourceChanged for other bytes than planned."""
        if self._there(upload):
            return
        try:
            with upload.path.open("rb") as file:
                self._send(upload, file, progress)
        except OSError as error:
            raise Rejected(f"{upload.path}: {error.strerror}") from error
        except AlreadyExists as error:  # somebody was faster, or our own first try did it
            if not same_object(self._objects.head(upload.to), upload.sha256):
                raise taken(upload.to) from error
        except Uncertain:
            if not same_object(self._objects.head(upload.to), upload.sha256):
                raise

    def _there(self, upload: Upload) -> bool:
        try:
            return same_object(self._objects.head(upload.to), upload.sha256)
        except Rejected:
            return False  # without s3:ListBucket an absent object is "forbidden"

    def _send(self, upload: Upload, file: BinaryIO, progress: Progress) -> None:
        size = upload.path.stat().st_size
        if size > MULTIPART_ABOVE:
            self._send_parts(upload, file, lambda sent: progress(sent, size))
            return
        params = {
            **upload.owner.put(upload.to, upload.sha256),
            "Body": file,
            "ChecksumSHA256": checksum(upload.sha256),
            "IfNoneMatch": "*",
        }
        try:
            self._calls.call("s3", "PutObject", params)
        except Rejected as error:
            if error.code in _OTHER_BYTES:
                raise changed(upload.path) from error
            raise
        progress(size, size)

    def _send_parts(
        self, upload: Upload, file: BinaryIO, progress: Callable[[int], None]
    ) -> None:
        params = {
            **upload.owner.put(upload.to, upload.sha256),
            "ChecksumAlgorithm": "SHA256",
            "ChecksumType": "COMPOSITE",
        }
        begun = self._calls.call("s3", "CreateMultipartUpload", params)
        of = {**upload.owner.at(upload.to), "UploadId": begun["UploadId"]}
        try:
            parts = list(self._parts(upload, file, of, progress))
            self._calls.call(
                "s3",
                "CompleteMultipartUpload",
                {**of, "MultipartUpload": {"Parts": parts}, "IfNoneMatch": "*"},
            )
        except Exception:
            self._abort(of)
            raise

    def _parts(
        self,
        upload: Upload,
        file: BinaryIO,
        of: dict[str, Any],
        progress: Callable[[int], None],
    ) -> Iterator[dict[str, Any]]:
        """Send each part. Raises SourceChanged after the last one if the whole is something else."""
        whole, sent = hashlib.sha256(), 0
        for number, body in enumerate(iter(lambda: file.read(PART), b""), start=1):
            whole.update(body)
            sha256 = checksum(hashlib.sha256(body).hexdigest())
            params = {**of, "PartNumber": number, "Body": body, "ChecksumSHA256": sha256}
            reply = self._calls.call("s3", "UploadPart", params)
            sent += len(body)
            progress(sent)
            yield {"PartNumber": number, "ETag": reply["ETag"], "ChecksumSHA256": sha256}
        if whole.hexdigest() != upload.sha256:
            raise changed(upload.path)

    def _abort(self, of: dict[str, Any]) -> None:
        try:
            self._calls.call("s3", "AbortMultipartUpload", of)
        except CloudError:
            return  # the first error is the one to tell; a completed upload cannot be aborted
