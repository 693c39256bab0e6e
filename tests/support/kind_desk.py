"""What kinds are driven with in tests: a stack, declared resources, intents, records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, Location
from nvx.core.ports import Source, Sources
from nvx.core.resource import Checked, Declared, Scope, StackSettings, Wish
from nvx.core.state import Intent, Record, State
from nvx.data.hashcache import HashCache
from nvx.engine.create import draft
from nvx.engine.declare import declare
from nvx.engine.desk import Book
from nvx.kinds import all_specs
from nvx.kinds.common.sources import FileSources, Recorded

ACCOUNT = "123456789012"
REGION = "us-west-2"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/SageMakerNvx"
STACK = StackSettings("demo", REGION, account=ACCOUNT, role=ROLE, bucket="bucket")
SCOPE = Scope(STACK, "lineage-1")
BEGUN = "2026-01-01T00:00:00Z"
SPECS = {(spec.name, spec.variant): spec for spec in all_specs()}


def checked(
    kind: str, config: Mapping[str, Any], folder: Path, *, variant: str = "", name: str = "one"
) -> Checked:
    """A block that passed its model."""
    model = SPECS[kind, variant].model(**config)
    at = Location("stack.toml", 1, 1)
    return Checked(Address(kind, name), kind, variant, model, str(folder), at)


def problems(resource: Checked, stack: StackSettings = STACK) -> list[Diagnostic]:
    """What the kind's offline check says."""
    return list(SPECS[resource.kind, resource.variant].check(resource, stack))


def sources(objects: Mapping[str, Source] | None = None) -> Sources:
    """Local files, and objects as given."""
    return FileSources(Recorded(objects or {}), HashCache(None))


def declared(
    resource: Checked,
    stack: StackSettings = STACK,
    objects: Mapping[str, Source] | None = None,
) -> Declared:
    """The resource with its digest, as the engine makes it."""
    found, _ = declare([resource], stack, SPECS, sources(objects))
    return found[0]


def wish_for(one: Declared, scope: Scope = SCOPE, highest: int = 0) -> Wish:
    """What a step is to make true; the resource has no references."""
    return Wish(scope, one, dict(one.config), highest)  # type: ignore[arg-type]  # none to resolve


def intent_for(one: Declared, name: str = "", attempt: int = 1) -> Intent:
    """The claim of a create."""
    chosen = name or one.name
    return Intent(
        id="intent-1",
        address=one.address,
        kind=one.kind,
        variant=one.variant,
        name=chosen,
        digest=one.digest,
        document=one.document,
        attempt=attempt,
        token="t" * 64,
        begun_at=BEGUN,
        draft=_draft(one, chosen, attempt),
    )


def record_for(one: Declared, id_: str, name: str = "", **changes: Any) -> Record:
    """The record of a declared resource."""
    return replace(_draft(one, name or one.name, 1), id=id_, **changes)


def _draft(one: Declared, name: str, attempt: int) -> Record:
    book = Book(State("demo", ACCOUNT, REGION, "lineage-1"))
    return draft(book, one, name, attempt, BEGUN)
