from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.config.find import find_stacks
from nvx.config.load import SIZE_LIMIT, load, parse_document, read_document
from nvx.config.project import Project, find_project, read_project
from nvx.core.diagnostics import DiagnosticError, Location


def codes(path: Path) -> list[str]:
    return [found.code for found in read_document(str(path))[1]]


def written(path: Path, data: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_a_folder_gives_its_files_in_order(tmp_path: Path) -> None:
    for name in ("b.toml", "a.toml", "nvx.toml", ".hidden.toml", "c.txt", "sub/d.toml"):
        written(tmp_path / name, "x = 1\n")
    loaded = load(str(tmp_path))
    assert [Path(d.file).name for d in loaded.documents] == ["a.toml", "b.toml"]
    assert loaded.directory == str(tmp_path)
    assert loaded.problems == ()


def test_a_file_is_a_stack_in_its_folder(tmp_path: Path) -> None:
    file = written(tmp_path / "one.toml", "x = 1\r\ny = 2\r\n")
    loaded = load(str(file))
    assert loaded.directory == str(tmp_path)
    assert loaded.documents[0].tables == {"x": 1, "y": 2}
    assert loaded.documents[0].places[("y",)] == Location(str(file), 2, 1)


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    assert codes(tmp_path / "none.toml") == ["unreadable"]
    assert codes(tmp_path) == ["unreadable"]
    assert codes(Path("nul\0.toml")) == ["unreadable"]
    assert codes(written(tmp_path / "large.toml", b"#" * (SIZE_LIMIT + 1))) == [
        "file_too_large"
    ]
    assert codes(written(tmp_path / "limit.toml", b"#" * SIZE_LIMIT)) == []
    assert codes(written(tmp_path / "bom.toml", b"\xef\xbb\xbfx = 1")) == ["byte_order_mark"]
    assert codes(written(tmp_path / "latin.toml", b"x = '\xe9'")) == ["not_utf8"]
    assert codes(written(tmp_path / "utf16.toml", "x = 1".encode("utf-16"))) == ["not_utf8"]
    assert codes(written(tmp_path / "deep.toml", "x = " + "[" * 5000)) == ["too_deep"]
    assert codes(written(tmp_path / "keys.toml", ".".join("a" * 5000) + " = 1")) == ["too_deep"]
    assert codes(written(tmp_path / "digits.toml", "x = " + "9" * 5000)) == ["toml_value"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    assert codes(tmp_path / "pipe.toml") == ["unreadable"]


def test_invalid_utf8_is_placed_in_characters(tmp_path: Path) -> None:
    file = written(tmp_path / "x.toml", b"a = 1\nb = '\xc3\xa9\xff'\n")
    (found,) = read_document(str(file))[1]
    assert found.location == Location(str(file), 2, 7)


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_gives_one_diagnostic_at_a_place(text: str) -> None:
    document, problems = parse_document("x.toml", text)
    assert (document is None) == (len(problems) == 1)
    for found in problems:
        assert found.location is not None


def test_stacks_are_found_below_a_folder(tmp_path: Path) -> None:
    for name in ("b/s.toml", "a/x/s.toml", "a/x/deep/s.toml", "a/data/s.toml", ".git/s.toml"):
        written(tmp_path / name, "")
    written(tmp_path / "nvx.toml", "")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    found = [Path(stack).relative_to(tmp_path) for stack in find_stacks([str(tmp_path)])]
    assert [str(path) for path in found] == ["a/x", "b"]
    file = str(tmp_path / "b" / "s.toml")
    assert find_stacks([file, file]) == [file]


def test_without_paths_the_stacks_folder_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "stacks" / "one" / "s.toml", "")
    assert find_stacks() == ["stacks/one"]


def test_every_path_without_a_stack_is_told(tmp_path: Path) -> None:
    with pytest.raises(DiagnosticError) as caught:
        find_stacks([str(tmp_path), str(tmp_path / "none"), "nul\0"])
    assert [found.code for found in caught.value.diagnostics] == ["no_stack"] * 3


def test_a_project_file_counts_for_the_folders_below_it(tmp_path: Path) -> None:
    text = 'endpoint_url = "http://127.0.0.1:4566"\n[state]\npath = "s"\n[unproven]\na = "b"\n'
    written(tmp_path / "nvx.toml", text)
    below = tmp_path / "x" / "y"
    below.mkdir(parents=True)
    expected = Project(str(tmp_path), "local", "s", "http://127.0.0.1:4566", {"a": "b"})
    assert find_project(str(below)) == expected
    assert Project("x").state_path == "state"


def test_a_wrong_project_file_is_told_in_full(tmp_path: Path) -> None:
    text = 'endpont_url = "x"\n[state]\nbackend = "s4"\npth = "x"\n[unproven]\na = 1\n'
    file = written(tmp_path / "nvx.toml", text)
    with pytest.raises(DiagnosticError) as caught:
        read_project(str(file))
    found = [
        (d.code, d.location and d.location.line, d.line_text) for d in caught.value.diagnostics
    ]
    assert found == [
        ("unknown_field", 1, 'endpont_url = "x"'),
        ("not_allowed", 3, 'backend = "s4"'),
        ("unknown_field", 4, 'pth = "x"'),
        ("wrong_type", 6, "a = 1"),
    ]
    with pytest.raises(DiagnosticError):
        read_project(str(written(tmp_path / "nvx.toml", "x =")))
