"""Which records a new address takes over from one that is no longer declared. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nvx.core.address import Address
from nvx.core.resource import Declared, Nature
from nvx.core.state import State

_Key = tuple[str, str]


def renames(wished: Mapping[Address, Declared], state: State) -> Mapping[Address, Address]:
    """New addresses → the undeclared address whose records become theirs.

    A run is known again by its digest, what has a name that stays by that name. What an address
    stands for now comes before what it stood for once; no address gives its records to two.
    """
    orphans: dict[_Key, Address] = {}
    for is_current in (True, False):
        for key, address in _keys(wished, state, is_current=is_current):
            orphans.setdefault(key, address)
    found: dict[Address, Address] = {}
    given: set[Address] = set()
    for address in sorted(wished):
        before = orphans.get(_key(wished[address]))
        if before is None or before in given or _has_its_own(wished[address], state):
            continue
        found[address] = before
        given.add(before)
    return found


def _has_its_own(declared: Declared, state: State) -> bool:
    """Whether an address needs no other's records: for a run, it has one of the wished digest."""
    records = state.records.get(declared.address, ())
    if declared.nature is not Nature.RUN:
        return bool(records)
    return any(record.digest == declared.digest for record in records)


def _keys(
    wished: Mapping[Address, Declared], state: State, *, is_current: bool
) -> Iterator[tuple[_Key, Address]]:
    """What the records of undeclared addresses are known by."""
    for address in sorted(state.records):
        if address in wished:
            continue
        for record in state.records[address]:
            if record.current is is_current:
                by_digest = record.nature is Nature.RUN
                yield (record.kind, record.digest if by_digest else record.name), address


def _key(declared: Declared) -> _Key:
    """What a declared resource is known by; what has no name that stays is known by nothing."""
    return declared.kind, declared.digest if declared.nature is Nature.RUN else declared.name
