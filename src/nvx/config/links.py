"""References between blocks: whether they lead somewhere, to the right kind, and never in a circle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from pydantic import BaseModel

from nvx.config.annotations import reference_at
from nvx.config.depends import Use
from nvx.config.expand import Block
from nvx.config.scan import KeyPath
from nvx.config.subject import dotted, shown, with_nearest
from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, error
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
    model: type[BaseModel] = spec.model
    outputs: dict[tuple[KeyPath, Reference], Reference | None] = {}
    for use in block.uses:
        ref_to = reference_at(model, use.path)
        outputs[use.path, use.reference], found = _checked(block, use, ref_to, specs)
        problems += found
    values = dict(block.values)
    for key in {str(use.path[0]) for use in block.uses}:
        values[key] = _filled(values[key], (key,), lambda path, ref: outputs[path, ref])
    return values, problems


def _checked(
    block: Block, use: Use, ref_to: RefTo | None, specs: Specs
) -> tuple[Reference | None, list[Diagnostic]]:
    """The reference with its output named; None and the reason if it cannot stand."""
    if ref_to is None:
        detail = f"{_field(use)} takes no reference, and {use.reference} is one"
        return None, [_error("reference_not_allowed", "Reference not allowed", detail, use)]
    if use.reference.target == block.address:
        detail = f"{_field(use)} refers to the block that it is in"
        return None, [_error("self_reference", "Reference to itself", detail, use)]
    found = target_problem(use, specs)
    if found is None and ref_to.kinds and use.reference.target.kind not in ref_to.kinds:
        kinds = in_one_line(ref_to.kinds)
        detail = f"{_field(use)} takes a reference to {kinds}, and {use.reference} is none"
        found = _error("wrong_target", "Reference to the wrong kind", detail, use)
    if found is not None:
        return None, [found]
    output = use.reference.output or ref_to.output
    found = output_problem(use, output, specs) if output else None
    return (None, [found]) if found else (Reference(use.reference.target, output), [])


def target_problem(use: Use, specs: Specs) -> Diagnostic | None:
    """Why there is no such block."""
    target = use.reference.target
    if target in specs:
        return None
    detail = f"{use.reference}: {target} is not declared in this stack"
    detail = with_nearest(detail, str(target), (str(address) for address in specs))
    return _error("unknown_target", "Unknown target", detail, use)


def output_problem(use: Use, output: str, specs: Specs) -> Diagnostic | None:
    """Why its target has no such output."""
    target = use.reference.target
    spec = specs[target]
    if spec is None or (output and output in spec.outputs):
        return None
    names = sorted(spec.outputs)
    hint = f"{target} has the outputs {in_one_line(names)}" if names else ""
    if not output:
        detail = f"{use.reference} does not say which output of {target} it means"
        return _error("missing_output", "Missing output", detail, use, hint)
    detail = with_nearest(f"{target} has no output {shown(output)}", output, names)
    return _error("unknown_output", "Unknown output", detail, use, hint)


def _field(use: Use) -> str:
    return f"{dotted(use.path)} of {use.subject.title}"


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
    uses = {
        block.address: {use.reference.target: use for use in reversed(block.uses)}
        for block in blocks
    }
    ordered = sorted(uses, key=str)
    rank = {address: index for index, address in enumerate(ordered)}
    edges = {
        rank[address]: [rank[to] for to in targets if to in rank and to != address]
        for address, targets in uses.items()
    }
    for _ in range(_CYCLES_SHOWN):
        try:
            in_dependency_order(edges)
        except CycleError as cause:
            ring = [node for node in cause.nodes if isinstance(node, int)]
            yield _cycle([ordered[node] for node in ring], uses)
            edges = {node: targets for node, targets in edges.items() if node not in ring}
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
