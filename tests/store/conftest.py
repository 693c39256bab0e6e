"""A file store with a journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from nvx.store.file import FileStore
from support.state_sites import EMPTY, STEPS, opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "000000000000" / "us-east-1"


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    """A store with a snapshot and a journal of three writes."""
    made = opened(tmp_path)
    with made.lock("apply"):
        made.start(EMPTY)
        for step in STEPS:
            made.append(step)
    return made
