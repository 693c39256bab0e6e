"""Where a fine-tune recipe left its weights: the manifest in the archive of its job."""

from __future__ import annotations

import json
from collections.abc import Mapping

from nvx.aws.call import Calls
from nvx.aws.objects import Place
from nvx.aws.streams import opened
from nvx.core.cloud import CloudError
from nvx.core.values import JsonValue
from nvx.kinds.common.archives import UnreadableArchiveError, files_in

_MANIFEST = "manifest.json"


def read_checkpoint(calls: Calls, output: str, job: str) -> Mapping[str, JsonValue]:
    """The checkpoint as an output of a record. What cannot be read is said, not raised."""
    try:
        place = Place.parse(f"{output.rstrip('/')}/{job}/output/output.tar.gz")
        with opened(calls, place) as stream:
            found = files_in(stream, _is_manifest)
    except (CloudError, UnreadableArchiveError, ValueError) as failure:
        return {"checkpoint_detail": str(failure)}
    uri = next((uri for data in found.values() if (uri := _checkpoint(data))), "")
    if not uri:
        return {"checkpoint_detail": f"no manifest in {place} names a checkpoint"}
    return {"checkpoint_uri": uri}


def _is_manifest(name: str) -> bool:
    return name.rpartition("/")[2] == _MANIFEST


def _checkpoint(data: bytes) -> str:
    try:
        manifest = json.loads(data)
    except (ValueError, RecursionError):
        return ""
    uri = manifest.get("checkpoint_s3_bucket") if isinstance(manifest, dict) else None
    return uri if isinstance(uri, str) and uri.startswith("s3://") else ""
