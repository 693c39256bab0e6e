"""Blocks checked against the kinds: variant, fields, references, names, and each kind's own rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nvx.config.expand import Block
from nvx.config.links import Specs, cycles, linked
from nvx.config.model import validated
from nvx.config.subject import either, shown, with_nearest
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

    resources: list[Checked] = field(default_factory=list)
    specs: dict[Address, type[KindSpec] | None] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)


def catalogue_of(schemas: Sequence[type[KindSpec]]) -> Catalogue:
    """Kind variants by kind and variant."""
    found: dict[str, dict[str, type[KindSpec]]] = {}
    for spec in schemas:
        found.setdefault(spec.name, {})[spec.variant] = spec
    return found


def check_blocks(
    blocks: Sequence[Block], catalogue: Catalogue, stack: StackSettings | None, directory: str
) -> Findings:
    """Check every block; the kinds' own rules only where the stack's settings are known."""
    findings = Findings()
    for block in blocks:
        spec, problem = _variant_of(block, catalogue[block.address.kind])
        findings.specs[block.address] = spec
        findings.problems += [] if problem is None else [problem]
    for block in blocks:
        _check(block, findings, directory)
    findings.problems += cycles(blocks)
    if stack is not None:
        findings.problems += _same_names(findings.resources, findings.specs, stack)
        for resource in findings.resources:
            spec = findings.specs[resource.address]
            findings.problems += [] if spec is None else spec.check(resource, stack)
    return findings


def _variant_of(
    block: Block, variants: Mapping[str, type[KindSpec]]
) -> tuple[type[KindSpec] | None, Diagnostic | None]:
    """The variant that a block chooses; None where it does not say a known one."""
    only = variants.get("")
    if only is not None:
        return only, None
    word = next(iter(variants.values())).variant_field
    chosen: object = block.values.get(word)
    if chosen is UNKNOWN:
        return None, None
    if isinstance(chosen, str) and chosen in variants:
        return variants[chosen], None
    return None, _no_variant(block, word, variants)


def _no_variant(block: Block, word: str, variants: Iterable[str]) -> Diagnostic:
    allowed = f"it is {either([shown(name) for name in sorted(variants)])}"
    if word not in block.values:
        detail = f"{block.address} needs {word}; {allowed}"
        return error("missing_field", "Missing field", detail, at=block.declared_at)
    chosen = block.values[word]
    detail = f"{word} of {block.address} is {shown(chosen)}; {allowed}"
    at = block.subject.at((word,))
    detail = with_nearest(detail, str(chosen), variants)
    return error("not_allowed", "Value not allowed", detail, at=at)


def _check(block: Block, findings: Findings, directory: str) -> None:
    spec = findings.specs[block.address]
    if spec is None:
        return
    values, problems = linked(block, spec, findings.specs)
    if spec.variant_field not in spec.model.model_fields:
        values = {key: value for key, value in values.items() if key != spec.variant_field}
    config, found = validated(spec.model, values, block.subject)
    findings.problems += [*problems, *found]
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


def _same_names(
    resources: Iterable[Checked], specs: Specs, stack: StackSettings
) -> Iterable[Diagnostic]:
    """An error for each resource whose name in AWS an earlier one of its kind already has."""
    first: dict[tuple[str, str], Checked] = {}
    for resource in resources:
        spec = specs[resource.address]
        name = "" if spec is None else spec.content_name(resource, stack)
        other = first.setdefault((resource.kind, name), resource) if name else resource
        if other is not resource:
            yield error(
                "same_name",
                "Same name twice",
                f"{resource.address} and {other.address} (at {other.declared_at}) would both be "
                f'called "{name}" in AWS',
                at=resource.declared_at,
                hint="rename one of the two",
            )
