"""Scores of an evaluation recipe, read from the archive or the folder that its job left."""

from __future__ import annotations

from collections.abc import Mapping

from nvx.aws.call import Calls
from nvx.aws.objects import Objects, Place
from nvx.aws.streams import opened
from nvx.core.cloud import CloudError
from nvx.core.values import JsonValue
from nvx.kinds.common.archives import UnreadableArchiveError, files_in
from nvx.kinds.evaluation.reading import Reading, as_outputs
from nvx.kinds.evaluation.scores import UnreadableScoresError, newest_results, parse_scores

ARCHIVE = "output.tar.gz"


def read_scores(calls: Calls, output: str, job: str, *, base: bool) -> Mapping[str, JsonValue]:
    """The scores of a job as outputs of its record. What cannot be read is said, not raised."""
    try:
        reading = _read(calls, Place.parse(f"{output.rstrip('/')}/{job}/output/"))
    except (CloudError, ValueError) as failure:
        reading = Reading(detail=str(failure))
    return as_outputs({"base" if base else "tuned": reading})


def _read(calls: Calls, below: Place) -> Reading:
    """The newest result file below a place: in the archive, else by itself."""
    objects = Objects(calls)
    keys = [str(row["Key"]) for row in objects.listed(below)]
    archive = next((key for key in keys if key == f"{below.key}{ARCHIVE}"), None)
    if archive is not None:
        return _in_archive(calls, Place(below.bucket, archive))
    newest = newest_results(keys)
    if newest is None:
        return Reading(detail=f"no result file below {below}")
    file = Place(below.bucket, newest)
    return _parsed(objects.read(file) or b"", str(file))


def _in_archive(calls: Calls, place: Place) -> Reading:
    try:
        with opened(calls, place) as stream:
            found = files_in(stream, lambda name: newest_results([name]) is not None)
    except UnreadableArchiveError as failure:
        return Reading(uri=str(place), detail=f"{place} cannot be read: {failure}")
    newest = newest_results(found)
    if newest is None:
        return Reading(uri=str(place), detail=f"no result file in {place}")
    return _parsed(found[newest], str(place))


def _parsed(data: bytes, uri: str) -> Reading:
    try:
        return Reading(parse_scores(data), uri)
    except UnreadableScoresError as failure:
        return Reading(uri=uri, detail=f"{uri} cannot be read: {failure}")
