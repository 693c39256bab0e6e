from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.core.graph import CycleError, in_dependency_order

EDGES = st.dictionaries(
    st.integers(0, 15), st.frozensets(st.integers(0, 15), max_size=4), max_size=16
)


@given(EDGES)
def test_every_node_comes_after_what_it_depends_on_or_a_cycle_is_named(
    edges: dict[int, frozenset[int]],
) -> None:
    try:
        order = in_dependency_order(edges)
    except CycleError as cycle:
        nodes = [n for n in cycle.nodes if isinstance(n, int)]
        ring = [*nodes, nodes[0]]
        assert all(b in edges[a] for a, b in itertools.pairwise(ring))
        return
    place = {node: i for i, node in enumerate(order)}
    assert set(order) == set(edges)
    assert all(
        place[dep] < place[n] for n, deps in edges.items() for dep in deps if dep in edges
    )


@given(EDGES, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_of_the_input(
    edges: dict[int, frozenset[int]], shuffler: random.Random
) -> None:
    items = list(edges.items())
    shuffler.shuffle(items)

    def outcome(mapping: dict[int, frozenset[int]]) -> object:
        try:
            return in_dependency_order(mapping)
        except CycleError as cycle:
            return cycle.nodes

    assert outcome(edges) == outcome(dict(items))


def test_a_cycle_is_named_from_its_smallest_node() -> None:
    with pytest.raises(CycleError, match="b -> d -> c -> b"):
        in_dependency_order({"a": ["b"], "b": ["d"], "c": ["b"], "d": ["c"]})
