"""Blocks checked against the kinds: variant, fields, references, names, and each kind's own rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nvx.config.expand import Block, Expanded
from nvx.config.links import Targets, cycles, linked, missing_target
from nvx.config.model import validated
from nvx.config.subject import either, shown, with_nearest
from nvx.config.told import Told
from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, error
from nvx.core.kind import KindSpec
from nvx.core.resource import Checked, StackSettings
from nvx.core.values import UNKNOWN

Catalogue = Mapping[str, Mapping[str, type[KindSpec]]]
"""Kind → variant → what it is; variant "" for a kind without variants."""


@dataclass(slots=True)
class Findings:
    """What checking gives: resources, what each block's kind is, and everything that is wrong."""

    targets: Targets
    resources: list[Checked] = field(default_factory=list)
    problems: list[Told] = field(default_factory=list)

    def tell(self, address: Address, problems: Iterable[Diagnostic]) -> None:
        """Keep what is wrong with the resource of an address."""
        self.problems += [(address, problem) for problem in problems]


def catalogue_of(schemas: Catalogue | Sequence[type[KindSpec]]) -> Catalogue:
    """Kind variants by kind and variant; a catalogue as it is, which may load them late."""
    if isinstance(schemas, Mapping):
        return schemas
    found: dict[str, dict[str, type[KindSpec]]] = {}
    for spec in schemas:
        found.setdefault(spec.name, {})[spec.variant] = spec
    return found


def check_blocks(
    expanded: Expanded, catalogue: Catalogue, stack: StackSettings | None, directory: str
) -> Findings:
    """Check every block; the kinds' own rules only where the stack's settings are known."""
    blocks = expanded.blocks
    findings = Findings(Targets(expanded.keys))
    for block in blocks:
        spec, problems = _variant_of(block, catalogue[block.address.kind])
        findings.targets.specs[block.address] = spec
        findings.tell(block.address, problems)
    for address, use in expanded.heads:
        findings.tell(address, missing_target(use, findings.targets))
    for block in blocks:
        _check(block, findings, directory)
    for address, found in cycles(blocks):
        findings.tell(address, [found])
    findings.resources = _joined(findings.resources, blocks)
    if stack is not None:
        _check_rules(findings, stack)
    return findings


def _check_rules(findings: Findings, stack: StackSettings) -> None:
    """What the kinds know, and that no two resources have the same name in AWS."""
    for resource, found in _same_names(findings, stack):
        findings.tell(resource.address, [found])
    for resource in findings.resources:
        spec = findings.targets.specs[resource.address]
        if spec is not None:
            findings.tell(resource.address, spec.check(resource, stack))


def _variant_of(
    block: Block, variants: Mapping[str, type[KindSpec]]
) -> tuple[type[KindSpec] | None, Sequence[Diagnostic]]:
    """The variant that a block chooses; None where it does not say a known one."""
    only = variants.get("")
    if only is not None:
        return only, ()
    word = next(iter(variants.values())).variant_field
    chosen: object = block.values.get(word)
    if chosen is UNKNOWN:
        return None, ()
    if isinstance(chosen, str) and chosen in variants:
        return variants[chosen], ()
    return None, [_no_variant(block, word, variants)]


def _no_variant(block: Block, word: str, variants: Mapping[str, type[KindSpec]]) -> Diagnostic:
    allowed = f"it is {either([shown(name) for name in sorted(variants)])}"
    if word not in block.values:
        detail = f"{block.address} needs {word}; {allowed}"
        return error("missing_field", "Missing field", detail, at=block.declared_at)
    chosen = block.values[word]
    at = block.subject.at((word,))
    why = _elsewhere(variants).get(str(chosen))
    if why is not None:
        detail = f"{word} of {block.address} is {shown(chosen)}; {why}"
        return error("not_allowed", "Value not allowed", detail, at=at)
    detail = f"{word} of {block.address} is {shown(chosen)}; {allowed}"
    detail = with_nearest(detail, str(chosen), variants)
    return error("not_allowed", "Value not allowed", detail, at=at)


def _elsewhere(variants: Mapping[str, type[KindSpec]]) -> Mapping[str, str]:
    """Variants that AWS has and nvx does not offer, with what to do instead."""
    found: dict[str, str] = {}
    for spec in variants.values():
        found |= getattr(spec, "elsewhere", {})
    return found


def _check(block: Block, findings: Findings, directory: str) -> None:
    spec = findings.targets.specs[block.address]
    if spec is None:
        return
    values, problems = linked(block, spec, findings.targets)
    if spec.variant_field not in spec.model.model_fields:
        values = {key: value for key, value in values.items() if key != spec.variant_field}
    config, found = validated(spec.model, values, block.subject)
    findings.tell(block.address, (*problems, *found))
    if config is None or problems:
        return
    resource = Checked(
        block.address,
        spec.name,
        spec.variant,
        config,
        directory,
        block.declared_at,
        block.places,
    )
    findings.resources.append(resource)


def _joined(resources: Sequence[Checked], blocks: Sequence[Block]) -> list[Checked]:
    """The resources, each with those that it refers to: some rules reach over an edge."""
    known = {resource.address: resource for resource in resources}
    named = {block.address: [use.reference.target for use in block.uses] for block in blocks}
    targets = {
        address: {to: known[to] for to in addresses if to in known}
        for address, addresses in named.items()
    }
    return [
        replace(one, targets=targets[one.address]) if targets[one.address] else one
        for one in resources
    ]


def _same_names(
    findings: Findings, stack: StackSettings
) -> Iterator[tuple[Checked, Diagnostic]]:
    """An error for each resource whose name in AWS an earlier one of its kind already has."""
    first: dict[tuple[str, str], Checked] = {}
    for resource in findings.resources:
        spec = findings.targets.specs[resource.address]
        name = "" if spec is None else spec.content_name(resource, stack)
        other = first.setdefault((resource.kind, name), resource) if name else resource
        if other is resource:
            continue
        is_sibling = other.address.name == resource.address.name
        yield (
            resource,
            error(
                "same_name",
                "Same name twice",
                f"{resource.address} and {other.address} (at {other.declared_at}) would both be "
                f'called "{name}" in AWS',
                at=resource.declared_at,
                hint="write ${each.key} in the name" if is_sibling else "rename one of the two",
            ),
        )
