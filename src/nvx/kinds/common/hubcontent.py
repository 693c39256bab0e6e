"""What datasets and evaluators share: versions of one name in the AI registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from nvx.aws.hub import Content, Hub, Shelf, registry, version_in
from nvx.aws.hub import without_version as name_arn
from nvx.aws.tags import Tags
from nvx.core.address import Address
from nvx.core.cloud import AlreadyExists, Limited, Uncertain
from nvx.core.kind import Observation, Sighting, Target
from nvx.core.ports import Clock
from nvx.core.resource import Scope, Wish
from nvx.core.state import Intent, Record, Status
from nvx.core.values import JsonValue
from nvx.kinds.common.contents import (
    Draft,
    claimed,
    failed,
    import_params,
    last_live,
    leaving,
    recorded,
    seen_as,
)
from nvx.kinds.common.marks import Marks, marks_in_keywords, marks_of, user_tags
from nvx.kinds.common.registry import Registry

_TRIES = 5


class Reader(Protocol):
    """Reads a kind's outputs out of the document of a version."""

    def __call__(
        self, content: Content, inputs: Mapping[str, JsonValue], facts: Mapping[str, JsonValue]
    ) -> Mapping[str, JsonValue]:
        """The outputs; `inputs` are the pinned ones, `facts` the circumstance beside them."""
        ...


class Versions:
    """Versions of one content type, for one kind. Raises CloudError."""

    def __init__(self, hub: Hub, tags: Tags, type_: str, read: Reader, clock: Clock) -> None:
        self._hub = hub
        self._tags = tags
        self._type = type_
        self._read = read
        self._registry = Registry(hub, clock)

    def observe(self, scope: Scope, targets: Sequence[Target]) -> Mapping[Address, Sighting]:
        """One listing for all targets; what it does not show is asked for by name."""
        shelf, prefix = self._shelf(scope), f"{scope.stack.name}-"
        of_stack = all(target.name.startswith(prefix) for target in targets)
        rows = self._hub.newest(shelf, prefix if of_stack else "")
        return {t.address: self._sighting(scope, shelf, t, rows.get(t.name)) for t in targets}

    def find(self, scope: Scope, intent: Intent) -> Observation | None:
        """The newest version of the intent's name, if it says what the intent was to make."""
        shelf = self._shelf(scope)
        newest = last_live(self._hub.versions(shelf, intent.name))
        if newest is None or not claimed(newest, scope, intent):
            return None
        return self._whole(scope, shelf, newest, intent.draft.inputs, intent.draft.ran_with)

    def import_version(self, wish: Wish, intent: Intent, draft: Draft) -> Observation:
        """Import the next version, or adopt the newest where it says the same.

        Numbers only rise, over everything ever recorded or listed: a number that is used by somebody
        else is passed over.
        """
        scope, shelf = wish.scope, self._shelf(wish.scope)
        self._registry.open(scope)
        listed = self._hub.versions(shelf, intent.name)
        newest = last_live(listed)
        if newest is not None and claimed(newest, scope, intent) and not failed(newest):
            return self._made(wish, shelf, newest)
        number = max([wish.highest, *(content.major for content in listed)]) + 1
        for major in range(number, number + _TRIES):
            made = self._import(scope, shelf, intent, draft, f"{major}.0.0")
            if made is not None:
                return self._made(wish, shelf, made)
        taken = f"versions {number}.0.0 to {number + _TRIES - 1}.0.0 of {intent.name} are taken"
        raise Limited(taken, operation="sagemaker.ImportHubContent")

    def retag(self, wish: Wish, record: Record) -> Observation:
        """Bring the tags to the wish. They belong to the name: all its versions share them."""
        before, now = user_tags(record.wanted), user_tags(wish.declared.marks)
        self._tags.change(name_arn(record.id), now, before)
        return replace(recorded(record), ours=True)

    def delete(self, scope: Scope, record: Record) -> None:
        """Delete exactly the version that the record names."""
        shelf, version = self._shelf(scope), version_in(record.id)
        try:
            self._hub.delete(shelf, record.name, version)
        except AlreadyExists:  # "in use": it is on its way out already, or still on its way in
            found = self._hub.describe(shelf, record.name, version)
            if found is not None and not leaving(found):
                raise

    def others(self, scope: Scope, record: Record) -> Iterable[Marks]:
        """The marks of the other versions of a record's name that stay."""
        for content in self._hub.versions(self._shelf(scope), record.name):
            if content.version != version_in(record.id) and not leaving(content):
                yield marks_in_keywords(content.keywords)

    def _shelf(self, scope: Scope) -> Shelf:
        stack = scope.stack
        return Shelf(registry(stack.region, stack.account), self._type)

    def _sighting(
        self, scope: Scope, shelf: Shelf, target: Target, row: Content | None
    ) -> Sighting:
        record = target.record
        if row is None and record is None:
            return Sighting(None)
        if row is None or leaving(row):
            row = self._newest(shelf, target.name)
        if row is None:
            gone = record is not None and self._gone(shelf, record)
            return Sighting(None, recorded_gone=gone)
        seen = self._observed(scope, shelf, target, row)
        other = record is not None and record.id != row.arn and not seen.ours
        return Sighting(seen, other and record is not None and self._gone(shelf, record))

    def _newest(self, shelf: Shelf, name: str) -> Content | None:
        """The newest version of a name that is not being deleted, whatever the listing showed."""
        content = self._hub.describe(shelf, name)
        if content is None or not leaving(content):
            return content
        return last_live(self._hub.versions(shelf, name))

    def _gone(self, shelf: Shelf, record: Record) -> bool:
        """Whether the recorded version is proven to be absent: only its own Describe proves it."""
        content = self._hub.describe(shelf, record.name, version_in(record.id))
        return content is None or leaving(content)

    def _observed(
        self, scope: Scope, shelf: Shelf, target: Target, row: Content
    ) -> Observation:
        """A row of the listing; described only where its document or its failure matters."""
        declared, seen = target.declared, seen_as(scope, row)
        known = target.record is not None and target.record.id == row.arn
        if seen.status is Status.FAILED and not row.failure:
            row = self._hub.describe(shelf, row.name, row.version) or row
            return replace(seen, detail=row.failure)
        wished = declared is not None and (seen.digest, seen.document) == (
            declared.digest,
            declared.document,
        )
        if known or not wished or declared is None:
            return seen
        return self._whole(scope, shelf, row, declared.inputs, declared.circumstance)

    def _whole(
        self,
        scope: Scope,
        shelf: Shelf,
        row: Content,
        inputs: Mapping[str, JsonValue],
        facts: Mapping[str, JsonValue],
    ) -> Observation:
        """A version with the outputs that its document holds."""
        content = row
        if not row.document:
            content = self._hub.describe(shelf, row.name, row.version) or row
        return replace(seen_as(scope, content), outputs=self._read(content, inputs, facts))

    def _made(self, wish: Wish, shelf: Shelf, content: Content) -> Observation:
        declared = wish.declared
        return self._whole(wish.scope, shelf, content, declared.inputs, declared.circumstance)

    def _import(
        self, scope: Scope, shelf: Shelf, intent: Intent, draft: Draft, version: str
    ) -> Content | None:
        """The version as it was imported now or by an earlier try; None where the number is taken."""
        marks = marks_of(scope, intent)
        params = import_params(intent, draft, marks, version)
        try:
            arn = self._hub.import_content(shelf, params)
        except AlreadyExists:
            found = self._hub.describe(shelf, intent.name, version)
            if found is None:
                unseen = f"{intent.name} {version} exists, but cannot be described yet"
                raise Uncertain(unseen, operation="sagemaker.ImportHubContent") from None
            return found if claimed(found, scope, intent) and not failed(found) else None
        keywords = params["HubContentSearchKeywords"]
        return Content(intent.name, arn, version, "Importing", keywords, draft.document)
