"""Datasets offline: what is checked, what is in the digest, what in the document."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nvx.core.diagnostics import DiagnosticError
from nvx.core.ports import Source
from nvx.core.resource import Declared
from support.kind_desk import ROLE, STACK, checked, declared, problems

ROWS = '{"prompt": "2+2?", "completion": "4"}\n'
REMOTE = "s3://raw/in/rows.jsonl"
OTHER_ROLE = ROLE + "Other"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rows.jsonl").write_text(ROWS)
    (tmp_path / "same.jsonl").write_text(ROWS)
    (tmp_path / "more.jsonl").write_text(ROWS * 2)
    return tmp_path


def _declared(folder: Path, **config: Any) -> Declared:
    return declared(checked("dataset", {"source": "rows.jsonl", **config}, folder))


def test_digest_is_the_bytes_alone(folder: Path) -> None:
    one = _declared(folder)
    assert one.digest == _declared(folder, source="same.jsonl").digest
    assert one.digest != _declared(folder, source="more.jsonl").digest
    same = _declared(
        folder,
        technique="sft",
        role=OTHER_ROLE,
        domain="d-1",
        name="named",
        description="text",
        tags={"a": "b"},
        protect=True,
    )
    assert same.digest == one.digest


def test_object_with_the_same_bytes_has_the_same_digest(folder: Path) -> None:
    local = _declared(folder)
    known = local.inputs["source"]
    assert isinstance(known, dict)
    remote = checked("dataset", {"source": REMOTE}, folder)
    found = declared(remote, objects={REMOTE: Source(known["sha256"], len(ROWS), "etag")})
    assert found.digest == local.digest
    assert found.document != local.document or found.name == local.name


@pytest.mark.parametrize(
    "config",
    [{"technique": "sft"}, {"role": OTHER_ROLE}, {"domain": "d-1"}, {"name": "named"}],
)
def test_document_changes_with_what_it_says(folder: Path, config: dict[str, Any]) -> None:
    assert _declared(folder, **config).document != _declared(folder).document


def test_description_and_tags_are_in_neither_hash(folder: Path) -> None:
    marked = _declared(folder, description="text", tags={"a": "b"})
    assert (marked.digest, marked.document) == (
        _declared(folder).digest,
        _declared(folder).document,
    )
    assert marked.marks == {"description": "text", "tags": {"a": "b"}}


def test_tags_of_the_stack_are_tags_of_the_dataset(folder: Path) -> None:
    stack = replace(STACK, tags={"team": "a", "cost": "1"})
    resource = checked("dataset", {"source": "rows.jsonl", "tags": {"team": "b"}}, folder)
    assert declared(resource, stack).marks["tags"] == {"team": "b", "cost": "1"}


def test_rows_are_counted_and_the_role_that_reads_is_recorded(folder: Path) -> None:
    one = _declared(folder, source="more.jsonl")
    assert one.circumstance == {"role": ROLE, "rows": 2}


def test_problems_of_rows_are_problems_of_the_stack(folder: Path) -> None:
    (folder / "bad.jsonl").write_bytes(b"\xff\xfe not json\n{")
    with pytest.raises(DiagnosticError) as caught:
        _declared(folder, source="bad.jsonl", technique="sft")
    assert caught.value.diagnostics


def test_absent_file_is_named_where_it_is_written(folder: Path) -> None:
    with pytest.raises(DiagnosticError) as caught:
        _declared(folder, source="none.jsonl")
    assert "none.jsonl" in caught.value.diagnostics[0].detail
    assert caught.value.diagnostics[0].location is not None


def test_object_that_no_record_knows(folder: Path) -> None:
    with pytest.raises(DiagnosticError, match="S3 object not known"):
        declared(checked("dataset", {"source": REMOTE}, folder))


def test_object_that_is_too_large(folder: Path) -> None:
    huge = Source("", 2 * 1024**3, "etag")
    with pytest.raises(DiagnosticError, match="Dataset too large"):
        declared(checked("dataset", {"source": REMOTE}, folder), objects={REMOTE: huge})


@pytest.mark.parametrize(
    ("config", "summary"),
    [
        ({"source": "rows.txt"}, "Unknown file type"),
        ({"source": "s3://B/rows.jsonl"}, "Not an S3 URI"),
        ({"source": "rows.jsonl", "copy": False}, "Cannot stay where it is"),
        ({"source": "rows.jsonl", "tags": {"nvx:stack": "x"}}, "Reserved tag"),
        ({"source": "rows.jsonl", "tags": {"AWS:x": "x"}}, "Reserved tag"),
        ({"source": "rows.jsonl", "tags": {"a;b": "x"}}, "Not a tag"),
        ({"source": "rows.jsonl", "tags": {"a": "x" * 257}}, "Not a tag"),
        ({"source": "rows.jsonl", "tags": {str(i): "" for i in range(46)}}, "Too many tags"),
    ],
)
def test_problem_is_found_offline(folder: Path, config: dict[str, Any], summary: str) -> None:
    assert [p.summary for p in problems(checked("dataset", config, folder))] == [summary]


def test_prefix_is_no_dataset(folder: Path) -> None:
    found = problems(checked("dataset", {"source": "s3://raw/in/"}, folder))
    assert [p.summary for p in found] == ["Unknown file type", "Not an object"]


def test_some_role_is_needed(folder: Path) -> None:
    resource = checked("dataset", {"source": "rows.jsonl"}, folder)
    found = problems(resource, replace(STACK, role=""))
    assert [p.summary for p in found] == ["Missing setting"]


def test_sound_dataset_has_no_problems(folder: Path) -> None:
    assert problems(checked("dataset", {"source": "rows.jsonl"}, folder)) == []
    assert problems(checked("dataset", {"source": REMOTE, "copy": False}, folder)) == []
