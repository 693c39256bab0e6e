from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from nvx.local.blobs import Blobs


@pytest.fixture(params=["memory", "disk"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return Blobs(None if request.param == "memory" else tmp_path / "blobs")


@pytest.mark.parametrize("data", [b"", b"x", b"ab" * (1 << 20)])
def test_a_body_is_kept_by_the_hash_of_its_bytes(blobs: Blobs, data: bytes) -> None:
    sha = blobs.put(data)
    assert sha == hashlib.sha256(data).hexdigest()
    assert blobs.put_file(io.BytesIO(data)) == sha
    assert blobs.get(sha) == data
    assert blobs.size(sha) == len(data)
    assert sha in blobs


def test_a_file_on_disk_can_be_put(blobs: Blobs, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"data")
    assert blobs.get(blobs.put_file(source)) == b"data"


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", "", "xyz"])
def test_a_name_that_is_no_kept_hash_is_not_there(blobs: Blobs, name: str) -> None:
    assert name not in blobs
    with pytest.raises(KeyError):
        blobs.get(name)
    with pytest.raises(KeyError):
        blobs.size(name)


def test_blobs_on_disk_are_found_again_and_leave_no_parts(tmp_path: Path) -> None:
    sha = Blobs(tmp_path).put(b"data")
    assert Blobs(tmp_path).get(sha) == b"data"
    assert [path.name for path in tmp_path.iterdir()] == [sha[:2]]
