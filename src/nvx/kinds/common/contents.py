"""One version of hub content: what it says, what it is to us."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nvx.aws.hub import Content
from nvx.core.kind import Observation
from nvx.core.resource import Scope
from nvx.core.state import Intent, Record, Status
from nvx.kinds.common.marks import Marks, as_list, marks_in_keywords

STATUSES: Mapping[str, Status] = {
    "Available": Status.READY,
    "Importing": Status.PENDING,
    "PendingImport": Status.PENDING,
    "ImportFailed": Status.FAILED,
    "Deleting": Status.DELETING,
    "PendingDelete": Status.DELETING,
    "DeleteFailed": Status.FAILED,
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What a new version is to say. `keywords` come before our marks."""

    document: str
    keywords: Sequence[str]
    description: str = ""
    tags: Mapping[str, str] | None = None


def recorded(record: Record) -> Observation:
    """A record as an observation: for a change in place that leaves all else as it was."""
    return Observation(
        id=record.id,
        status=record.status,
        name=record.name,
        digest=record.digest,
        document=record.document,
        attempt=record.attempt,
        address=record.address.mark,
        version=record.version,
    )


def import_params(
    intent: Intent, draft: Draft, marks: Marks, version: str
) -> Mapping[str, Any]:
    """What ImportHubContent is sent, the hub and the type aside."""
    params: dict[str, Any] = {
        "HubContentName": intent.name,
        "HubContentVersion": version,
        "HubContentDocument": draft.document,
        "HubContentSearchKeywords": [*draft.keywords, *marks.keywords()],
        "Tags": as_list({**(draft.tags or {}), **marks.owner_tags()}),
    }
    if draft.description:
        params["HubContentDescription"] = draft.description
    return params


def seen_as(scope: Scope, content: Content) -> Observation:
    """A version as an observation, without outputs."""
    marks = marks_in_keywords(content.keywords)
    return Observation(
        id=content.arn,
        # A status that nvx does not know is one that something still happens to.
        status=STATUSES.get(content.status, Status.PENDING),
        name=content.name,
        digest=marks.digest,
        document=marks.document,
        address=marks.address,
        lineage=marks.lineage,
        ours=marks.ours(scope),
        version=content.major,
        detail=content.failure,
        stage=content.status,
    )


def claimed(content: Content, scope: Scope, intent: Intent) -> bool:
    """Whether a version is ours and says what an intent was to make."""
    marks = marks_in_keywords(content.keywords)
    return marks.ours(scope) and marks.claims(intent)


def leaving(content: Content) -> bool:
    """Whether it is being deleted: it is still shown, and nothing may rely on it."""
    return STATUSES.get(content.status) is Status.DELETING


def failed(content: Content) -> bool:
    """Whether its import or its deletion failed. Its number stays used."""
    return STATUSES.get(content.status) is Status.FAILED


def last_live(contents: Sequence[Content]) -> Content | None:
    """The newest of versions (oldest first) that is not being deleted."""
    return next((c for c in reversed(contents) if not leaving(c)), None)


def document_in(content: Content) -> Mapping[str, Any]:
    """The document of a version; nothing where it is no JSON object."""
    try:
        found = json.loads(content.document)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
