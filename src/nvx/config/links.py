"""References between blocks: whether they lead somewhere, to the right kind, and never in a circle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from pydantic import BaseModel

from nvx.config.annotations import reference_at
from nvx.config.depends import Use
from nvx.config.expand import Block
from nvx.config.scan import KeyPath
from nvx.config.subject import dotted, shown, with_nearest
from nvx.config.told import Keys
from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, error
from nvx.core.graph import CycleError, in_dependency_order
from nvx.core.kind import KindSpec
from nvx.core.ports import in_one_line
from nvx.core.resource import RefTo
from nvx.core.values import UNKNOWN, Reference, Template, Value

_CYCLES_SHOWN = 10
_GUESSES = 50
"""How many misses get a suggestion: finding one takes the longer the more names there are."""
_KEYS_SHOWN = 10


@dataclass(slots=True)
class Targets:
    """What references may lead to."""

    keys: Keys
    specs: dict[Address, type[KindSpec] | None] = field(default_factory=dict)
    """Every declared address → its kind variant; None where the block does not say a known one."""
    _guesses: int = 0

    def with_nearest(self, sentence: str, word: str, allowed: Iterable[str]) -> str:
        """A sentence with a suggestion, as long as there are few of them."""
        self._guesses += 1
        return with_nearest(sentence, word, allowed) if self._guesses <= _GUESSES else sentence


def linked(
    block: Block, spec: type[KindSpec], targets: Targets
) -> tuple[Mapping[str, Value], list[Diagnostic]]:
    """The block's values with every reference naming its output, and what is wrong with references."""
    if not block.uses:
        return block.values, []
    problems: list[Diagnostic] = []
    model: type[BaseModel] = spec.model
    outputs: dict[tuple[KeyPath, Reference], Reference | None] = {}
    for use in block.uses:
        ref_to = reference_at(model, use.path)
        outputs[use.path, use.reference], found = _checked(block, use, ref_to, targets)
        problems += found
    values = dict(block.values)
    for key in {str(use.path[0]) for use in block.uses}:
        values[key] = _filled(values[key], (key,), lambda path, ref: outputs[path, ref])
    return values, problems


def _checked(
    block: Block, use: Use, ref_to: RefTo | None, targets: Targets
) -> tuple[Reference | None, list[Diagnostic]]:
    """The reference with its output named; None and the reason if it cannot stand."""
    if ref_to is None:
        detail = f"{_field(use)} takes no reference, and {use.reference} is one"
        return None, [_error("reference_not_allowed", "Reference not allowed", detail, use)]
    if use.reference.target == block.address:
        detail = f"{_field(use)} refers to the block that it is in"
        return None, [_error("self_reference", "Reference to itself", detail, use)]
    if use.reference.target not in targets.specs:
        return None, [] if use.is_carried else missing_target(use, targets)
    if ref_to.kinds and use.reference.target.kind not in ref_to.kinds:
        kinds = in_one_line(ref_to.kinds)
        detail = f"{_field(use)} takes a reference to {kinds}, and {use.reference} is none"
        return None, [_error("wrong_target", "Reference to the wrong kind", detail, use)]
    output = use.reference.output or ref_to.output
    found = output_problem(use, output, targets) if output else None
    return (None, [found]) if found else (Reference(use.reference.target, output), [])


def missing_target(use: Use, targets: Targets) -> list[Diagnostic]:
    """Why nothing has the address of a reference; nothing where another diagnostic says it."""
    target = use.reference.target
    if target in targets.specs:
        return []
    block = replace(target, key=None)
    if block in targets.keys:
        keys = targets.keys[block]
        return [] if keys is None else [_no_instance(use, block, keys, targets)]
    if target.key is not None and block in targets.specs:
        detail = f"{use.reference}: {block} is one resource, without for_each and matrix"
        hint = f"write {Reference(block, use.reference.output)}"
        return [_error("no_instances", "Not a block of many", detail, use, hint)]
    detail = f"{use.reference}: {target} is not declared in this stack"
    blocks = {str(replace(address, key=None)) for address in (*targets.specs, *targets.keys)}
    detail = targets.with_nearest(detail, str(block), blocks)
    return [_error("unknown_target", "Unknown target", detail, use)]


def _no_instance(use: Use, block: Address, keys: Sequence[str], targets: Targets) -> Diagnostic:
    """A reference to a block of many that names no instance of it."""
    target = use.reference.target
    more = [f"{len(keys) - _KEYS_SHOWN:,} more"] if len(keys) > _KEYS_SHOWN else []
    listed = in_one_line([*map(shown, keys[:_KEYS_SHOWN]), *more])
    hint = f"its keys are {listed}" if keys else "its for_each or matrix is empty"
    if target.key is None:
        detail = (
            f"{use.reference}: {block} is many resources, and a reference names one of them"
        )
        if keys:
            example = Reference(replace(block, key=keys[0]), use.reference.output)
            hint = f"write {example}; {hint}"
        return _error("missing_key", "Missing key", detail, use, hint)
    detail = f"{use.reference}: {block} has no instance {shown(target.key)}"
    detail = targets.with_nearest(detail, target.key, keys)
    return _error("unknown_instance", "Unknown instance", detail, use, hint)


def output_problem(use: Use, output: str, targets: Targets) -> Diagnostic | None:
    """Why its target has no such output."""
    target = use.reference.target
    spec = targets.specs[target]
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


def cycles(blocks: Sequence[Block]) -> Iterator[tuple[Address, Diagnostic]]:
    """An error for each circle of references, at its first edge, with the place of every other.

    Of circles through instances of the same blocks, one is told.
    """
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
            addresses = [ordered[node] for node in ring]
            yield addresses[0], _cycle(addresses, uses)
            told = {replace(address, key=None) for address in addresses}
            edges = {
                node: targets
                for node, targets in edges.items()
                if replace(ordered[node], key=None) not in told
            }
        else:
            return


def _block_of(address: Address) -> Address:
    return replace(address, key=None)


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
