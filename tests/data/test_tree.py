import hashlib
import os
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_STORED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.data.errors import DataError
from nvx.data.tree import build_zip, hash_tree

CODE = b"def lambda_handler(event, context):\n    return []\n"
NAMES = st.text("ab", min_size=1, max_size=2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "reward"
    (path / "units").mkdir(parents=True)
    (path / "lambda_function.py").write_bytes(CODE)
    (path / "units" / "table.json").write_bytes(b"{}")
    return path


def test_the_hash_of_a_file_is_that_of_its_bytes_whatever_its_name(tmp_path: Path) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_bytes(CODE)
        assert hash_tree(tmp_path / name) == hashlib.sha256(CODE).hexdigest()


def test_the_hash_of_a_folder_is_of_its_relative_names_and_bytes(folder: Path) -> None:
    before = hash_tree(folder)
    moved = folder.rename(folder.with_name("other"))
    os.utime(moved / "lambda_function.py", (1, 1))
    assert hash_tree(moved) == before
    (moved / "units").rename(moved / "measures")
    assert hash_tree(moved) != before


def test_what_python_and_editors_leave_behind_does_not_count(folder: Path) -> None:
    hashed, zipped = hash_tree(folder), build_zip(folder)
    (folder / "units" / "__pycache__").mkdir()
    (folder / "units" / "__pycache__" / "x.pyc").write_bytes(b"1")
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_bytes(b"2")
    assert (hash_tree(folder), build_zip(folder)) == (hashed, zipped)


def test_a_zip_is_stored_sorted_and_has_fixed_times_and_modes(folder: Path) -> None:
    with ZipFile(BytesIO(build_zip(folder))) as archive:
        entries = archive.infolist()
        assert archive.read("lambda_function.py") == CODE
    assert [entry.filename for entry in entries] == ["lambda_function.py", "units/table.json"]
    for entry in entries:
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.external_attr == 0o100644 << 16
        assert entry.create_system == 3
        assert entry.compress_type == ZIP_STORED


def test_a_single_file_becomes_the_entry(tmp_path: Path) -> None:
    (tmp_path / "exact.py").write_bytes(CODE)
    zipped = build_zip(tmp_path / "exact.py")
    with ZipFile(BytesIO(zipped)) as archive:
        assert archive.namelist() == ["lambda_function.py"]
    golden = "1d1fa11d167298cb188504915536dd60d4064e37fb902b118a86d69e0f1d53d1"
    assert hashlib.sha256(zipped).hexdigest() == golden


@given(st.dictionaries(NAMES, st.binary(max_size=20), min_size=1, max_size=5))
def test_equal_sources_give_equal_hashes_and_zips_in_whatever_order_they_were_written(
    files: dict[str, bytes],
) -> None:
    seen = set()
    for names in (sorted(files), sorted(files, reverse=True)):
        with TemporaryDirectory() as name:
            for each in names:
                (Path(name) / each).write_bytes(files[each])
            seen.add((hash_tree(Path(name)), build_zip(Path(name), min(files))))
    assert len(seen) == 1


def test_a_link_inside_counts_as_its_file(folder: Path) -> None:
    (folder / "copy.json").symlink_to("units/table.json")
    with ZipFile(BytesIO(build_zip(folder))) as archive:
        assert archive.read("copy.json") == b"{}"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("../secret", "the link leads out of the folder"),
        ("units", "a link to a folder; only files may be linked"),
        (".", "a link to a folder; only files may be linked"),
        ("gone", "No such file or directory"),
    ],
)
def test_links_that_lead_astray_are_refused(folder: Path, target: str, reason: str) -> None:
    (folder.parent / "secret").write_bytes(b"key")
    (folder / "link").symlink_to(target)
    with pytest.raises(DataError, match=reason):
        hash_tree(folder)
    with pytest.raises(DataError, match=reason):
        build_zip(folder)


def test_a_folder_without_the_entry_or_without_files_is_refused(folder: Path) -> None:
    with pytest.raises(DataError, match=r"the folder has no main\.py, which Lambda starts"):
        build_zip(folder, "main.py")
    empty = folder.parent / "empty"
    empty.mkdir()
    with pytest.raises(DataError, match="the folder has no files"):
        hash_tree(empty)


def test_a_zip_larger_than_lambda_takes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.py"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    with pytest.raises(DataError, match="larger than 52,428,800 bytes"):
        build_zip(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="it is not a regular file"):
        hash_tree(tmp_path / "pipe")
