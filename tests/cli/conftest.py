from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.project import Project, project


@pytest.fixture
def quickstart(tmp_path: Path) -> Iterator[Project]:
    with project(tmp_path, "quickstart") as made:
        yield made


@pytest.fixture
def applied(quickstart: Project) -> Project:
    quickstart.apply()
    quickstart.forget_calls()
    return quickstart
