"""The sites that every state store is tested on."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from nvx.core.ports import StateStore
from support.state_sites import (
    SITES,
    Site,
    begun,
)


@pytest.fixture(params=SITES)
def make_site(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Site]:
    """What makes sites, each apart from the others."""
    numbers = itertools.count()
    kind: Callable[[Path], Site] = request.param
    return lambda: kind(tmp_path / str(next(numbers)))


@pytest.fixture
def site(make_site: Callable[[], Site]) -> Site:
    return make_site()


@pytest.fixture
def store(site: Site) -> StateStore:
    """A store of a state that was started."""
    opened = site.open()
    begun(opened)
    return opened
