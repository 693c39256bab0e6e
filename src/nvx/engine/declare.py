"""From checked blocks to declared resources: order, identity, digests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, DiagnosticError, error, in_order
from nvx.core.digest import digest_of, document_digest, pinned
from nvx.core.graph import CycleError, in_dependency_order
from nvx.core.kind import KindSpec
from nvx.core.names import LIMIT
from nvx.core.ports import Sources
from nvx.core.resource import Checked, Declared, Identity, Nature, StackSettings
from nvx.core.values import Reference, Value, references, replaced

Specs = Mapping[tuple[str, str], type[KindSpec]]


def declare(
    resources: Sequence[Checked], stack: StackSettings, specs: Specs, sources: Sources
) -> tuple[tuple[Declared, ...], tuple[Diagnostic, ...]]:
    """Every resource with its digest, dependencies first, and the warnings met on the way.

    Reads the files and objects that the stack names. Raises DiagnosticError with every problem.
    """
    by_address = {r.address: r for r in resources}
    edges = {r.address: edges_of(r) for r in resources}
    digests: dict[Address, str] = {}
    declared: list[Declared] = []
    problems: list[Diagnostic] = []
    for address in _ordered(edges, by_address):
        resource = by_address[address]
        spec = specs[resource.kind, resource.variant]
        try:
            identity = spec.identity(resource, stack, sources)
        except DiagnosticError as failure:
            problems += failure.diagnostics
            digests[address] = ""
            continue
        problems += identity.problems
        one = _declared(resource, identity, spec, stack, digests, edges[address])
        digests[address] = one.digest
        declared.append(one)
    problems += _twins(declared)
    if any(p.is_error for p in problems):
        raise DiagnosticError(in_order(problems))
    return tuple(declared), in_order(problems)


def edges_of(resource: Checked) -> tuple[Address, ...]:
    """Every resource that a block refers to, sorted."""
    values = dict(_fields(resource.config))
    return tuple(sorted({r.target for r in references(values)}))


def _fields(config: Any) -> Sequence[tuple[str, Value]]:
    """The fields of a pydantic model, references kept as they are."""
    return [(name, getattr(config, name)) for name in type(config).model_fields]


def _ordered(
    edges: Mapping[Address, Sequence[Address]], resources: Mapping[Address, Checked]
) -> Sequence[Address]:
    try:
        return in_dependency_order(edges)
    except CycleError as cycle:
        first = resources[cycle.nodes[0]]  # type: ignore[index]  # the nodes are addresses
        problem = error("cycle", "Dependency cycle", f"{cycle}.", at=first.declared_at)
        raise DiagnosticError([problem]) from None


def _declared(
    resource: Checked,
    identity: Identity,
    spec: type[KindSpec],
    stack: StackSettings,
    digests: Mapping[Address, str],
    edges: tuple[Address, ...],
) -> Declared:
    digest = digest_of(resource.kind, resource.variant, identity.inputs, digests)
    document = ""
    if spec.nature is Nature.VERSIONED:
        document = document_digest(digest, _plain(identity.document))
    upstreams = tuple(sorted({r.target for r in references(identity.inputs)}))
    inputs = pinned(identity.inputs, digests)
    if not isinstance(inputs, Mapping):
        raise TypeError("inputs are a mapping")
    return Declared(
        address=resource.address,
        kind=resource.kind,
        variant=resource.variant,
        nature=spec.nature,
        digest=digest,
        document=document,
        config=dict(_fields(resource.config)),
        inputs=inputs,
        circumstance=_plain(identity.circumstance),
        marks=_plain(identity.marks),
        policy=identity.policy,
        edges=tuple(sorted({*edges, *identity.depends_on})),
        upstreams=upstreams,
        refs={k: v.target for k, v in identity.inputs.items() if isinstance(v, Reference)},
        in_place=spec.in_place,
        name=spec.content_name(resource, stack),
        name_limit=getattr(spec, "name_limit", LIMIT),
        paid=spec.paid,
        declared_at=resource.declared_at,
        directory=resource.directory,
    )


def _plain(values: Mapping[str, Value]) -> Mapping[str, Any]:
    """Values with references as text: an edge, never an identity."""
    return {name: replaced(value, str) for name, value in values.items()}


def _twins(declared: Sequence[Declared]) -> list[Diagnostic]:
    """Two runs of one digest would be one run: an error that shows both places."""
    first: dict[tuple[str, str], Declared] = {}
    problems = []
    for one in declared:
        if one.nature is not Nature.RUN:
            continue
        other = first.setdefault((one.kind, one.digest), one)
        if other is not one:
            problems.append(
                error(
                    "equal-runs",
                    "Two runs are the same",
                    f"{one.address} would run exactly what {other.address} ({other.declared_at}) runs:"
                    " the same inputs give the same digest.",
                    at=one.declared_at,
                    hint="remove one of them, or set a different `repeat` to run it more than once",
                )
            )
    return problems
