"""Look at what is not a run: kinds that list answer for many, the others one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nvx.core.address import Address
from nvx.core.cloud import CloudError
from nvx.core.kind import ResourceKind, Sighting, Target
from nvx.engine.desk import Desk

_Portion = tuple[ResourceKind, list[Target]]


def sightings(
    desk: Desk, targets: Iterable[Target], *, lenient: bool = False
) -> Mapping[Address, Sighting]:
    """What AWS shows for each target, asked in parallel.

    Raises CloudError; with `lenient`, targets whose look failed have no answer instead.
    """

    def ask(portion: _Portion) -> Mapping[Address, Sighting]:
        kind, many = portion
        try:
            return kind.observe(desk.scope, many)
        except CloudError:
            if lenient:
                return {}
            raise

    seen: dict[Address, Sighting] = {}
    for answer in desk.in_parallel(ask, _portions(desk, targets)):
        seen.update(answer)
    return seen


def _portions(desk: Desk, targets: Iterable[Target]) -> Iterator[_Portion]:
    many: dict[tuple[str, str], list[Target]] = {}
    for target in targets:
        one = target.declared or target.record
        if one is None:
            continue
        kind = desk.kind(one)
        if kind.bulk:
            many.setdefault((one.kind, one.variant), []).append(target)
        else:
            yield kind, [target]
    yield from ((desk.kinds[key], group) for key, group in many.items())
