"""Die at every write of the state and every call, before and after its effect; then apply once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from nvx.core.planner import Options
from nvx.core.resource import Checked
from nvx.core.state import Status
from support.fuse import Crash, Fuse
from support.site import Site, block


def stack(rows: str = "one", **group: str) -> list[Checked]:
    return [
        block("model_group.g", **group),
        block("dataset.d", content=rows),
        block("dataset.d2", content="other", document=rows),
        block("fine_tune.a", source="dataset.d", group="model_group.g"),
        block("evaluation.e", source="fine_tune.a"),
        block("evaluation.f", source="dataset.d2"),
    ]


FIRST, EDITED = stack(), stack(rows="two", content="other")
TAGGED = [block("model_group.g", tags={"team": "a"}), *FIRST[1:-1]]
RENAMED = [
    FIRST[0],
    *FIRST[1:3],
    block("fine_tune.b", source="dataset.d", group="model_group.g"),
    block("evaluation.e", source="fine_tune.b"),
    FIRST[5],
]


@dataclass(frozen=True)
class Scenario:
    """What is there, what is done to it, and how many runs that starts."""

    before: Sequence[Sequence[Checked]]
    blocks: Sequence[Checked]
    runs: frozenset[int]
    rerun: Sequence[str] = ()
    destroy: bool = False
    lost_state: bool = False

    def site(self) -> Site:
        """A place as it is before."""
        site = Site()
        for blocks in self.before:
            site.apply(*blocks)
        if self.lost_state:
            site.shelf.snapshot, site.shelf.journal = None, []
        return site

    def work(self, site: Site, fuse: Fuse | None) -> None:
        """What dies."""
        site.apply(*self.blocks, rerun=self.rerun, destroy=self.destroy, fuse=fuse)

    def repeat(self, site: Site) -> None:
        """What makes it good: nothing is asked for twice."""
        site.apply(*self.blocks, destroy=self.destroy)


def scenario(
    before: Sequence[Sequence[Checked]], blocks: Sequence[Checked], *runs: int, **facts: Any
) -> Scenario:
    return Scenario(before, blocks, frozenset(runs), **facts)


SCENARIOS = {
    "apply": scenario([], FIRST, 3),
    "apply again": scenario([FIRST], FIRST, 0),
    "edit": scenario([FIRST], EDITED, 2),
    "revert": scenario([FIRST, EDITED], FIRST, 0),
    "tags and a removal": scenario([FIRST], TAGGED, 0),
    "rename": scenario([FIRST], RENAMED, 0),
    "rerun": scenario([FIRST], FIRST, 0, 2, rerun=["fine_tune.a"]),
    "destroy": scenario([FIRST, EDITED], EDITED, 0, destroy=True),
    "lost state": scenario([FIRST], FIRST, 0, lost_state=True),
}


def check(site: Site, one: Scenario, before: Counter[tuple[str, int]]) -> None:
    state = site.state
    assert state.problems() == ()
    assert state.intents == {}
    assert site.shelf.owner is None
    assert site.cloud.duplicates() == []
    assert max(site.cloud.starts().values(), default=0) <= 1
    assert (site.cloud.starts() - before).total() in one.runs
    assert site.cloud.unrecorded(site.records) == []
    assert max(Counter(r.id for r in site.records).values(), default=0) <= 1
    assert all(record.id in site.cloud.things for record in site.records)
    assert not site.plan(*one.blocks, options=Options(destroy=one.destroy)).pending


def standing(site: Site) -> dict[str, tuple[str, Status]]:
    return {str(r.address): (r.digest, r.status) for r in site.state.currents()}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_death_at_any_point_is_made_good_by_the_next_apply(name: str) -> None:
    one, counting = SCENARIOS[name], Fuse()
    whole = one.site()
    one.work(whole, counting)
    print(f"{name}: {len(counting.passed)} points: {Counter(counting.passed)}")  # noqa: T201
    for at, point in enumerate(counting.passed, 1):
        site = one.site()
        before = site.cloud.starts()
        with pytest.raises(Crash):
            one.work(site, Fuse(at))
        try:
            one.repeat(site)
            check(site, one, before)
            assert standing(site) == standing(whole)
        except AssertionError as failure:
            failure.add_note(f"{name}: died {point}, point {at} of {len(counting.passed)}")
            raise
