import hashlib
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.data.errors import DataError
from nvx.data.hashcache import RACY_NS, HashCache

ROWS = b'{"prompt": "p", "completion": "c"}\n'
LATER = 10 * RACY_NS


class Clock:
    """The time of a file's last change, plus what a test says."""

    def __init__(self, path: Path, after_ns: int = LATER) -> None:
        self._path = path
        self._after_ns = after_ns

    def __call__(self) -> int:
        found = self._path.stat()
        return max(found.st_mtime_ns, found.st_ctime_ns) + self._after_ns


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(ROWS)
    return path


def same_size_and_times(path: Path, content: bytes) -> None:
    """Change a file so that only its contents differ, as far as its stamp tells."""
    before = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_hash_is_remembered_across_commands(tmp_path: Path, data: Path) -> None:
    kept = tmp_path / "cache" / "hashes"
    first = HashCache(kept, now_ns=Clock(data))
    assert first.sha256(data) == hashlib.sha256(ROWS).hexdigest()
    first.save()
    kept.write_bytes(kept.read_bytes().replace(first.sha256(data).encode(), b"0" * 64))
    assert HashCache(kept).sha256(data) == "0" * 64
    data.write_bytes(ROWS * 2)
    assert HashCache(kept).sha256(data) == hashlib.sha256(ROWS * 2).hexdigest()


def test_a_file_changed_just_before_it_was_hashed_is_not_trusted(
    tmp_path: Path, data: Path
) -> None:
    cache = HashCache(tmp_path / "hashes", now_ns=Clock(data, after_ns=RACY_NS - 1))
    cache.sha256(data)
    same_size_and_times(data, ROWS.replace(b"p", b"q"))
    assert cache.sha256(data) == hashlib.sha256(ROWS.replace(b"p", b"q")).hexdigest()
    cache.save()
    assert not (tmp_path / "hashes").exists()


def test_a_row_check_is_remembered_for_its_technique(tmp_path: Path, data: Path) -> None:
    kept = tmp_path / "hashes"
    cache = HashCache(kept, now_ns=Clock(data))
    assert cache.scan(data, technique="sft", display="rows").rows == 1
    assert cache.scan(data, technique="dpo", display="rows").wrong_rows == 1
    cache.save()
    kept.write_bytes(kept.read_bytes().replace(b':sft:-":1', b':sft:-":7'))
    again = HashCache(kept)
    assert again.scan(data, technique="sft", display="rows").rows == 7
    assert again.scan(data, technique="sft", family="nova", display="rows").wrong_rows == 1
    assert again.scan(data, technique="dpo", display="rows").wrong_rows == 1


def test_a_scan_remembers_the_hash_for_those_who_want_only_that(data: Path) -> None:
    cache = HashCache(None, now_ns=Clock(data))
    found = cache.scan(data, technique=None, display="rows")
    assert cache.sha256(data) == found.sha256 == hashlib.sha256(ROWS).hexdigest()
    cache.save()


def test_a_missing_file_is_an_error_to_hash_and_a_problem_to_scan(tmp_path: Path) -> None:
    cache = HashCache(None)
    with pytest.raises(DataError, match=r"gone\.jsonl: No such file or directory"):
        cache.sha256(tmp_path / "gone.jsonl")
    [problem] = cache.scan(tmp_path / "gone.jsonl", technique=None, display="gone").problems
    assert problem.is_error


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, data: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = HashCache(tmp_path / "file" / "hashes", now_ns=Clock(data))
    cache.sha256(data)
    cache.save()


def test_saving_leaves_no_other_file(tmp_path: Path, data: Path) -> None:
    cache = HashCache(tmp_path / "cache" / "hashes", now_ns=Clock(data))
    cache.sha256(data)
    cache.save()
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["hashes"]


@given(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [
                b'{"format":"nvx.hashes/1","files":{"a":{}}}',
                b'{"format":"nvx.hashes/1","files":{"a":[]}}',
                b'{"format":"nvx.hashes/1","files":{"a":{"stamp":["x"],"sha256":"","rows":{}}}}',
                b'{"format":"nvx.hashes/1","files":{"a":{"stamp":[1],"sha256":1,"rows":{}}}}',
                b'{"format":"nvx.hashes/1","files":{"a":{"stamp":[1],"sha256":"","rows":{"b":""}}}}',
                b'{"format":"nvx.hashes/1","files":7}',
                b'{"format":"nvx.hashes/2","files":{}}',
            ]
        ),
    )
)
def test_any_bytes_as_a_cache_are_ignored(content: bytes) -> None:
    with TemporaryDirectory() as name:
        kept, data = Path(name, "hashes"), Path(name, "rows.jsonl")
        kept.write_bytes(content)
        data.write_bytes(ROWS)
        assert HashCache(kept).sha256(data) == hashlib.sha256(ROWS).hexdigest()
