"""References between blocks: whether they lead somewhere, to the right kind, and never in a circle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from nvx.config.annotations import reference_at
from nvx.config.depends import Use
from nvx.config.expand import Block
from nvx.config.scan import KeyPath
from nvx.config.subject import dotted
from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, error, nearest
from nvx.core.graph import CycleError, in_dependency_order
from nvx.core.kind import KindSpec
from nvx.core.ports import in_one_line
from nvx.core.resource import RefTo
from nvx.core.values import UNKNOWN, Reference, Template, Value

Specs: TypeAlias = Mapping[Address, "type[KindSpec] | None"]
"""Every declared address → its kind variant; None where the block does not say a known one."""

_CYCLES_SHOWN = 10


def linked(
    block: Block, spec: type[KindSpec], specs: Specs
) -> tuple[Mapping[str, Value], list[Diagnostic]]:
    """The block's values with every reference naming its output, and what is wrong with references."""
    if not block.uses:
        return block.values, []
    problems: list[Diagnostic] = []
    outputs: dict[tuple[KeyPath, Reference], Reference | None] = {}
    for use in block.uses:
        ref_to = reference_at(spec.model, use.path)
        outputs[use.path, use.reference], found = _checked(block, use, ref_to, specs)
        problems += found
    values = {
        key: _filled(value, (key,), lambda path, ref: outputs[path, ref])
        for key, value in block.values.items()
    }
    return values, problems


def _checked(
    block: Block, use: Use, ref_to: RefTo | None, specs: Specs
) -> tuple[Reference | None, list[Diagnostic]]:
    """The reference with its output named; None and the reason if it cannot stand."""
    field = f"{dotted(use.path)} of {block.address}"
    if ref_to is None:
        detail = f"{field} takes no reference, and {use.reference} is one"
        return None, [_error("reference_not_allowed", "Reference not allowed", detail, use)]
    if use.reference.target == block.address:
        detail = f"{field} refers to the block that it is in"
        return None, [_error("self_reference", "Reference to itself", detail, use)]
    found = target_problem(use, specs)
    if found is None and ref_to.kinds and use.reference.target.kind not in ref_to.kinds:
        kinds = in_one_line(ref_to.kinds)
        detail = f"{field} takes a reference to {kinds}, and {use.reference} is none"
        found = _error("wrong_target", "Reference to the wrong kind", detail, use)
    if found is not None:
        return None, [found]
    named = replace(use.reference, output=use.reference.output or ref_to.output)
    found = output_problem(replace(use, reference=named), specs) if named.output else None
    return (named, []) if found is None else (None, [found])


def target_problem(use: Use, specs: Specs) -> Diagnostic | None:
    """Why there is no such block."""
    target = use.reference.target
    if target in specs:
        return None
    close = nearest(str(target), (str(address) for address in specs))
    detail = f"{use.reference}: {target} is not declared in this stack.{close}"
    return _error("unknown_target", "Unknown target", detail, use)


def output_problem(use: Use, specs: Specs) -> Diagnostic | None:
    """Why its target has no such output."""
    target, output = use.reference.target, use.reference.output
    spec = specs[target]
    if spec is None or (output and output in spec.outputs):
        return None
    names = sorted(spec.outputs)
    hint = f"{target} has the outputs {in_one_line(names)}" if names else ""
    if not output:
        detail = f"{use.reference} does not say which output of {target} it means"
        return _error("missing_output", "Missing output", detail, use, hint)
    detail = f'{target} has no output "{output}".{nearest(output, names)}'
    return _error("unknown_output", "Unknown output", detail, use, hint)


def _error(code: str, summary: str, detail: str, use: Use, hint: str = "") -> Diagnostic:
    return error(code, summary, detail, at=use.at, hint=hint)


_Fill: TypeAlias = Callable[[KeyPath, Reference], Reference | None]


def _filled(value: Value, path: KeyPath, fill: _Fill) -> Any:
    """The value with each reference replaced; UNKNOWN where there is none to put in its place."""
    if isinstance(value, Reference):
        return fill(path, value) or UNKNOWN
    if isinstance(value, Template):
        parts = [p if isinstance(p, str) else fill(path, p) for p in value.parts]
        known = tuple(part for part in parts if part is not None)
        return Template(known) if len(known) == len(parts) else UNKNOWN
    if isinstance(value, Mapping):
        return {key: _filled(inner, (*path, key), fill) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, (*path, i), fill) for i, inner in enumerate(value)]
    return value


def cycles(blocks: Sequence[Block]) -> Iterator[Diagnostic]:
    """An error for each circle of references, at its first edge, with the place of every other."""
    edges = {
        block.address: {
            use.reference.target: use
            for use in reversed(block.uses)
            if use.reference.target != block.address
        }
        for block in blocks
    }
    for _ in range(_CYCLES_SHOWN):
        try:
            in_dependency_order(edges)
        except CycleError as cause:
            ring = [address for address in cause.nodes if isinstance(address, Address)]
            yield _cycle(ring, edges)
            edges = {address: uses for address, uses in edges.items() if address not in ring}
        else:
            return


def _cycle(
    ring: Sequence[Address], edges: Mapping[Address, Mapping[Address, Use]]
) -> Diagnostic:
    following = (*ring[1:], ring[0])
    steps = [
        f"{source} refers to {target} at {edges[source][target].at}"
        for source, target in zip(ring, following, strict=True)
    ]
    return error(
        "cycle",
        "Circle of references",
        f"{in_one_line(steps)}: none of them can be made first",
        at=edges[ring[0]][following[0]].at,
        hint="remove one of these references",
    )
