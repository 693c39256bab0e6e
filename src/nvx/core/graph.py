"""The graph of dependencies: order, cycles, neighbours."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Protocol, TypeVar


class _Ordered(Hashable, Protocol):
    def __lt__(self, other: Any, /) -> bool: ...


N = TypeVar("N", bound=_Ordered)


class CycleError(ValueError):
    """A dependency that leads back to itself; `nodes` is the way round, its first node not repeated."""

    def __init__(self, nodes: tuple[object, ...]) -> None:
        self.nodes = nodes
        super().__init__(" -> ".join(map(str, (*nodes, nodes[0]))))


def in_dependency_order(edges: Mapping[N, Iterable[N]]) -> tuple[N, ...]:
    """Every node after what it depends on; among equals, in their own order.

    `edges` maps each node to the nodes that it depends on. Raises CycleError. The answer does not
    depend on the order of the mapping.
    """
    waiting = {node: {dep for dep in deps if dep in edges} for node, deps in edges.items()}
    dependants: dict[N, list[N]] = {node: [] for node in edges}
    for node, deps in waiting.items():
        for dep in deps:
            dependants[dep].append(node)
    ready = [node for node, deps in waiting.items() if not deps]
    heapq.heapify(ready)
    ordered: list[N] = []
    while ready:
        node = heapq.heappop(ready)
        ordered.append(node)
        for dependant in dependants[node]:
            waiting[dependant].discard(node)
            if not waiting[dependant]:
                heapq.heappush(ready, dependant)
    if len(ordered) < len(edges):
        raise CycleError(_cycle({n: d for n, d in waiting.items() if d}))
    return tuple(ordered)


def _cycle(left: Mapping[N, set[N]]) -> tuple[N, ...]:
    """A way round among nodes that all wait for another, starting at its smallest node."""
    node = min(left)
    path: dict[N, int] = {}
    while node not in path:
        path[node] = len(path)
        node = min(dep for dep in left[node] if dep in left)
    ring = list(path)[path[node] :]
    start = ring.index(min(ring))
    return tuple(ring[start:] + ring[:start])
