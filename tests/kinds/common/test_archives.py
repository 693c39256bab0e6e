"""Archives that jobs leave: what is wanted is found, and no archive does harm."""

from __future__ import annotations

import gzip
import io
import tarfile
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.kinds.common import archives
from nvx.kinds.common.archives import UnreadableArchiveError, files_in


def packed(
    *entries: tarfile.TarInfo | tuple[str, bytes], form: int = tarfile.PAX_FORMAT
) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                archive.addfile(entry)
            else:
                info = tarfile.TarInfo(entry[0])
                info.size = len(entry[1])
                archive.addfile(info, io.BytesIO(entry[1]))
    return gzip.compress(buffer.getvalue(), mtime=0)


def read(data: bytes, name: str = "wanted") -> dict[str, bytes]:
    return dict(files_in(io.BytesIO(data), lambda found: found.endswith(name)))


@given(
    st.dictionaries(
        st.text("abc/é", min_size=1, max_size=150).map(lambda text: text.strip("/") + "x"),
        st.binary(max_size=1500),
        max_size=5,
    ),
    st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]),
)
def test_every_file_comes_out_as_it_went_in(files: dict[str, bytes], form: int) -> None:
    data = packed(*files.items(), form=form)
    assert dict(files_in(io.BytesIO(data), lambda name: True)) == files


@given(st.binary(max_size=2000), st.booleans())
def test_any_bytes_are_read_or_refused(data: bytes, zipped: bool) -> None:
    with suppress(UnreadableArchiveError):
        read(gzip.compress(data, mtime=0) if zipped else data)


@given(st.integers(0, 3000))
def test_a_cut_archive_is_read_or_refused(length: int) -> None:
    whole = packed(("a/wanted", b"x" * 9000), ("other", b"y" * 700))
    with suppress(UnreadableArchiveError):
        assert read(whole[:length]).get("a/wanted", b"x" * 9000) == b"x" * 9000


def test_paths_out_of_the_archive_links_and_devices_are_only_names() -> None:
    link = tarfile.TarInfo("link/wanted")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    device = tarfile.TarInfo("device/wanted")
    device.type = tarfile.CHRTYPE
    data = packed(link, device, ("../../etc/wanted", b"1"), ("/abs/wanted", b"2"))
    assert read(data) == {"../../etc/wanted": b"1", "/abs/wanted": b"2"}


def test_a_bomb_is_refused_in_flat_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST_ARCHIVE", 32 * 1024**2)
    header = tarfile.TarInfo("details.parquet")
    header.size = 64 * 1024**2
    data = gzip.compress(header.tobuf() + b"\0" * header.size, mtime=0)
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableArchiveError, match="unpacks to more"):
            read(data)
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024**2
    finally:
        tracemalloc.stop()


def test_a_name_without_end_is_refused() -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 1024**3
    with pytest.raises(UnreadableArchiveError, match="name without end"):
        read(gzip.compress(header.tobuf(tarfile.USTAR_FORMAT), mtime=0))


def test_a_wanted_file_that_is_too_large_is_passed_over() -> None:
    size = archives.LARGEST_FILE + 1
    data = packed(("big/wanted", b"\0" * size), ("small/wanted", b"1"))
    assert read(data) == {"small/wanted": b"1"}


def test_too_many_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_MANY", 3)
    with pytest.raises(UnreadableArchiveError, match="more than 3"):
        read(packed(*((f"{number}", b"") for number in range(5))))
