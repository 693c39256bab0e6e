"""Runs in tests: from the fields of a block to a wish and its intent, without a stack on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, Location
from nvx.core.digest import sha256_of
from nvx.core.kind import KindSpec
from nvx.core.names import run_name
from nvx.core.ports import Source
from nvx.core.resource import Checked, Declared, Nature, Scope, StackSettings, Wish
from nvx.core.state import Intent, Record, Status
from nvx.core.values import JsonValue, Reference, replaced
from nvx.engine.declare import declare
from nvx.kinds.common.model import Strict

ACCOUNT = "000000000000"
REGION = "us-west-2"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/nvx-local-execution"
APP = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:mlflow-app/app-EXAMPLE"
STACK = StackSettings(
    name="shop",
    region=REGION,
    account=ACCOUNT,
    role=ROLE,
    bucket=f"sagemaker-{REGION}-{ACCOUNT}",
)
LINEAGE = "11111111-2222-3333-4444-555555555555"
SCOPE = Scope(STACK, LINEAGE)


class FixedSources:
    """Identities that depend on the URI alone."""

    def rows(self, path: str, technique: str, family: str, at: Location) -> Source:
        """A file's."""
        return Source(sha256_of(path), 1)

    def code(self, path: str, at: Location) -> Source:
        """A folder's."""
        return Source(sha256_of(path), 1)

    def object(self, uri: str, at: Location) -> Source:
        """An object's."""
        return Source(sha256_of(uri), 1)


def checked(spec: type[KindSpec], name: str = "support", **fields: Any) -> Checked:
    """A block that passed its model. Raises pydantic.ValidationError for one that does not."""
    return Checked(
        address=Address(spec.name, name),
        kind=spec.name,
        variant=spec.variant,
        config=spec.model.model_validate(fields),
        directory="/stack",
        declared_at=Location("stack.toml", 1, 1),
    )


def problems(
    spec: type[KindSpec], stack: StackSettings = STACK, **fields: Any
) -> list[Diagnostic]:
    """What the kind has to say against a block, offline."""
    return list(spec.check(checked(spec, **fields), stack))


def declared(
    spec: type[KindSpec],
    name: str = "support",
    stack: StackSettings = STACK,
    others: Mapping[Address, str] | None = None,
    **fields: Any,
) -> Declared:
    """A declared resource; `others` are the digests of what it refers to."""
    resource = checked(spec, name, **fields)
    specs: dict[tuple[str, str], type[KindSpec]] = {(spec.name, spec.variant): spec}
    resources = [resource]
    for address in others or {}:
        specs[address.kind, "other"] = _other(address, (others or {})[address])
        resources.append(
            replace(
                resource, address=address, kind=address.kind, variant="other", config=Strict()
            )
        )
    found, _ = declare(resources, stack, specs, FixedSources())
    return next(one for one in found if one.address == resource.address)


def _other(address: Address, seed: str) -> type[Any]:
    from nvx.core.resource import Identity

    class Other:
        """A stand-in for what a block refers to."""

        nature = Nature.VERSIONED
        in_place = frozenset[str]()
        paid = False

        @classmethod
        def identity(cls, *_: object) -> Identity:
            return Identity(inputs={"seed": seed})

        @classmethod
        def content_name(cls, *_: object) -> str:
            return ""

    return Other


def wish_of(
    one: Declared,
    outputs: Mapping[Address, Mapping[str, JsonValue]] | None = None,
    scope: Scope = SCOPE,
) -> Wish:
    """A wish with its references resolved."""

    def output(reference: Reference) -> JsonValue:
        return (outputs or {})[reference.target][reference.output]

    config = {name: replaced(value, output) for name, value in one.config.items()}
    return Wish(scope, one, config)


def intent_of(one: Declared, attempt: int = 1, scope: Scope = SCOPE) -> Intent:
    """The claim of a wish."""
    name = one.name or run_name(scope.stack.name, one.address, one.digest, attempt)
    record = record_of(one, id_="", attempt=attempt)
    return Intent(
        id="intent",
        address=one.address,
        kind=one.kind,
        variant=one.variant,
        name=name,
        digest=one.digest,
        document="",
        attempt=attempt,
        token=sha256_of([one.digest, attempt]),
        begun_at="2026-01-01T00:00:00Z",
        draft=replace(record, name=name),
    )


def record_of(
    one: Declared,
    id_: str,
    outputs: Mapping[str, JsonValue] | None = None,
    attempt: int = 1,
) -> Record:
    """The record of a run that was started."""
    return Record(
        address=one.address,
        kind=one.kind,
        variant=one.variant,
        nature=one.nature,
        id=id_,
        name=one.name,
        digest=one.digest,
        status=Status.PENDING,
        attempt=attempt,
        inputs=one.inputs,
        wanted={**one.circumstance, **one.marks},
        outputs=outputs or {},
    )
