"""What is wrong with the instances of a block, told once where it is the same in many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, Location

Told: TypeAlias = tuple[Address, Diagnostic]
"""A problem and the resource that it is about."""
Keys: TypeAlias = Mapping[Address, Sequence[str] | None]
"""Blocks with `for_each` or `matrix` → the keys of their instances; None where they are unknown."""

_SHOWN = 5
"""How many different problems of one sort at one place are told."""


def told_once(problems: Iterable[Told], keys: Keys) -> Iterator[Diagnostic]:
    """The problems in their order, equal ones of several instances of a block as one."""
    groups: dict[tuple[Address, Diagnostic], list[Told]] = {}
    for address, found in problems:
        block = replace(address, key=None)
        groups.setdefault((block, _without_key(found, address, block)), []).append(
            (address, found)
        )
    places: dict[tuple[Address, str, Location | None], list[Diagnostic]] = {}
    for (block, general), members in groups.items():
        instances = keys.get(block)
        if instances is None or members[0][0].key is None:
            yield from (found for _, found in members)
            continue
        here = places.setdefault((block, general.code, general.location), [])
        here.append(_told(members, general, block, len(instances)))
    for here in places.values():
        yield from _first(here)


def _first(problems: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """As many problems of one sort at one place as are told; the last says how many there are."""
    more = len(problems) - _SHOWN
    if more <= 0:
        yield from problems
        return
    *shown, last = problems[:_SHOWN]
    yield from shown
    yield replace(last, detail=f"{last.detail} ({more:,} more problems like this one)")


def _without_key(found: Diagnostic, address: Address, block: Address) -> Diagnostic:
    if address.key is None:
        return found
    own, general = str(address), str(block)
    return replace(
        found, detail=found.detail.replace(own, general), hint=found.hint.replace(own, general)
    )


def _told(
    members: Sequence[Told], general: Diagnostic, block: Address, total: int
) -> Diagnostic:
    address, found = members[0]
    if len(members) == 1:
        return found if str(address) in found.detail else _led(found, str(address))
    if len(members) == total:
        count = f"in all {total:,} instances"
        known = str(block) in general.detail
        return _led(general, count if known else f"{block}, {count}")
    count = f"in {len(members):,} of {total:,} instances"
    known = str(address) in found.detail
    return _led(found, count if known else f"{count}, first {address}")


def _led(found: Diagnostic, words: str) -> Diagnostic:
    return replace(found, detail=f"{words}: {found.detail}" if found.detail else words)
