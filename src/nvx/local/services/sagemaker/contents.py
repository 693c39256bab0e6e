"""Hub contents as they are kept: versions by number, newest first to be told apart."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from nvx.local import tags
from nvx.local.context import Context, Params
from nvx.local.services.sagemaker.refusals import invalid
from nvx.local.services.sagemaker.timetable import GONE, state_at

CONTENTS = "sagemaker.hub-contents"
NAMES = "sagemaker.hub-content-names"
TYPES = ("Model", "Notebook", "ModelReference", "DataSet", "JsonDoc")

_VERSION = re.compile(r"\d{1,4}\.\d{1,4}\.\d{1,4}")


def number_of(version: str) -> tuple[int, ...]:
    """A version as numbers, which is how versions compare: 1.0.10 is above 1.0.2."""
    if not _VERSION.fullmatch(version):
        raise invalid(f"HubContentVersion {version} must be <major>.<minor>.<patch>.")
    return tuple(int(part) for part in version.split("."))


def newest(versions: Iterable[str]) -> str | None:
    """The highest version, or None."""
    return max(versions, key=number_of, default=None)


def next_major(versions: Iterable[str]) -> str:
    """The version that an import without one gets."""
    highest = newest(versions)
    return "1.0.0" if highest is None else f"{number_of(highest)[0] + 1}.0.0"


class Shelf:
    """The versions of one content name of one hub."""

    def __init__(self, ctx: Context, hub: Params, content_type: str, name: str) -> None:
        self._ctx = ctx
        account = hub["HubArn"].split(":")[4]
        self._contents = ctx.table(CONTENTS, account=account)
        self._names = ctx.table(NAMES, account=account)
        self.key = f"{hub['HubName']}/{content_type}/{name}"
        self.arn = ctx.arn("sagemaker", f"hub-content/{self.key}", account=account)

    def versions(self) -> list[str]:
        """Every version that is not gone, lowest first."""
        index = self._names.get(self.key)
        if index is None:
            return []
        live = [version for version in index["Versions"] if self._live(version)]
        if live != index["Versions"]:
            self._keep(index, live)
        return live

    def get(self, version: str | None) -> Params | None:
        """The document of a version (of the newest where None), or None."""
        versions = self.versions()
        chosen = newest(versions) if version is None else version
        return self._contents.get(f"{self.key}/{chosen}") if chosen in versions else None

    def put(self, doc: Params) -> None:
        """Keep a version."""
        version = doc["HubContentVersion"]
        index = self._names.get(self.key)
        known = (
            {"Versions": [], "OriginalCreationTime": doc["CreationTime"]}
            if index is None
            else index
        )
        ordered = sorted({*known["Versions"], version}, key=number_of)
        self._names.put(self.key, {**known, "Versions": ordered})
        self._contents.put(f"{self.key}/{version}", doc)

    def first_created(self) -> datetime:
        """When the first version of this name was imported."""
        index = self._names.get(self.key) or {}
        moment: datetime = index["OriginalCreationTime"]
        return moment

    def _live(self, version: str) -> bool:
        doc = self._contents.get(f"{self.key}/{version}")
        return doc is not None and status_of(self._ctx, doc) != GONE

    def _keep(self, index: Params, live: list[str]) -> None:
        for version in set(index["Versions"]) - set(live):
            self._contents.delete(f"{self.key}/{version}")
        if live:
            self._names.put(self.key, {**index, "Versions": live})
        else:
            self._names.delete(self.key)
            tags.delete_all(self._ctx, self.arn)


def shelves(ctx: Context, hub: Params, content_type: str) -> list[Shelf]:
    """Every content name of a type in a hub, by name."""
    prefix = f"{hub['HubName']}/{content_type}/"
    names = ctx.table(NAMES, account=hub["HubArn"].split(":")[4])
    return [
        Shelf(ctx, hub, content_type, key.removeprefix(prefix))
        for key, _ in names.items()
        if key.startswith(prefix)
    ]


def is_empty(ctx: Context, hub: Params) -> bool:
    """Whether a hub holds no content that is not gone."""
    return not any(shelf.versions() for kind in TYPES for shelf in shelves(ctx, hub, kind))


def status_of(ctx: Context, doc: Params) -> str:
    """The state of a version now."""
    return state_at(doc["Timetable"], ctx.now)
