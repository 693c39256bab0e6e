"""Where the identities of files and objects come from: local files, S3, or what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from nvx.aws.objects import Objects, Place
from nvx.core.cloud import NotFound, Rejected
from nvx.core.diagnostics import DiagnosticError, Location, error
from nvx.core.ports import Source
from nvx.data.errors import DataError
from nvx.data.hashcache import HashCache
from nvx.data.tree import hash_tree

ObjectIdentity = Callable[[str, Location], Source]
"""Gives the identity of an `s3://` object or prefix. Raises DiagnosticError where there is none."""


class FromAws:
    """Identities of S3 objects, asked once for each URI. AWS is opened by the first question."""

    def __init__(self, objects: Callable[[], Objects]) -> None:
        self._make = objects
        self._known: dict[str, Source] = {}

    def __call__(self, uri: str, at: Location) -> Source:
        """The identity of an object or prefix. Raises DiagnosticError where there is none."""
        if uri not in self._known:
            try:
                self._known[uri] = self._objects.identity(Place.parse(uri))
            except NotFound as absent:
                raise _no_source("S3 object not found", absent.message, at) from absent
            except (Rejected, ValueError) as refused:
                raise _no_source("S3 object not readable", str(refused), at) from refused
        return self._known[uri]

    @cached_property
    def _objects(self) -> Objects:
        return self._make()


class Recorded:
    """Identities of S3 objects as they were recorded: what `--no-refresh` works with."""

    def __init__(self, identities: Mapping[str, Source]) -> None:
        self._identities = identities

    def __call__(self, uri: str, at: Location) -> Source:
        """The recorded identity. Raises DiagnosticError for an object that no record knows."""
        if uri not in self._identities:
            text = f"no record holds the identity of {uri}"
            hint = "plan without --no-refresh once"
            raise _no_source("S3 object not known", text, at, hint=hint)
        return self._identities[uri]


class FileSources:
    """`core.ports.Sources`: local files through the hash cache, objects through what it is given."""

    def __init__(self, objects: ObjectIdentity, cache: HashCache) -> None:
        self._object = objects
        self._cache = cache

    def rows(self, path: str, technique: str, family: str, at: Location) -> Source:
        """A local file of rows, each checked. Raises DiagnosticError for a file that cannot be read."""
        found = self._cache.scan(
            Path(path), technique=technique or None, family=family or None, display=path
        )
        if not found.sha256:
            why = "; ".join(problem.detail for problem in found.problems)
            raise _no_source("Source not readable", why or path, at)
        return Source(found.sha256, found.size, rows=found.rows, problems=found.problems)

    def code(self, path: str, at: Location) -> Source:
        """A local file or folder as code. Raises DiagnosticError where it cannot be read."""
        try:
            return Source(hash_tree(Path(path), self._cache.sha256), 0)
        except DataError as failure:
            raise _no_source("Source not readable", str(failure), at) from failure

    def object(self, uri: str, at: Location) -> Source:
        """An `s3://` object or prefix. Raises DiagnosticError where there is none."""
        return self._object(uri, at)


def _no_source(summary: str, detail: str, at: Location, hint: str = "") -> DiagnosticError:
    return DiagnosticError([error("source", summary, detail, at=at, hint=hint)])
