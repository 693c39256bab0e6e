"""Identities of files and objects, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from nvx.aws.objects import Objects
from nvx.core.cloud import NotFound, Rejected, Throttled
from nvx.core.diagnostics import DiagnosticError, Location
from nvx.core.ports import Source
from nvx.data.hashcache import HashCache
from nvx.kinds.common.sources import FileSources, FromAws, Recorded
from support.fake_calls import Answer, FakeCalls

AT = Location("stack.toml", 3, 1)
URI = "s3://bucket/key"


def _from_aws(answer: Answer) -> tuple[FromAws, FakeCalls]:
    calls = FakeCalls({"s3.HeadObject": [answer]})
    return FromAws(lambda: Objects(calls)), calls


def test_object_is_asked_for_once() -> None:
    source, calls = _from_aws({"ETag": '"e"', "ContentLength": 3})
    assert source(URI, AT) == source(URI, AT) == Source("", 3, '"e"')
    assert calls.operations == ["s3.HeadObject"]


def test_aws_is_not_opened_before_the_first_question() -> None:
    def never() -> Objects:
        raise AssertionError("opened")

    FileSources(FromAws(never), HashCache(None))


@pytest.mark.parametrize(
    ("error", "summary"),
    [
        (NotFound("no"), "S3 object not found"),
        (Rejected("forbidden"), "S3 object not readable"),
    ],
)
def test_object_without_identity_is_a_diagnostic_at_its_place(
    error: Exception, summary: str
) -> None:
    source, _ = _from_aws(error)
    with pytest.raises(DiagnosticError) as caught:
        source(URI, AT)
    found = caught.value.diagnostics[0]
    assert (found.summary, found.location) == (summary, AT)


def test_text_that_is_no_uri_is_a_diagnostic() -> None:
    source, _ = _from_aws({})
    with pytest.raises(DiagnosticError, match="S3 object not readable"):
        source("s3://NO", AT)


def test_trouble_with_aws_is_not_the_fault_of_the_stack() -> None:
    source, _ = _from_aws(Throttled("slow"))
    with pytest.raises(Throttled):
        source(URI, AT)


def test_recorded_identity_needs_no_aws() -> None:
    known = Source("", 3, "e")
    sources = FileSources(Recorded({URI: known}), HashCache(None))
    assert sources.object(URI, AT) is known
    with pytest.raises(DiagnosticError, match="S3 object not known"):
        sources.object(URI + "2", AT)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    sources = FileSources(Recorded({}), HashCache(None))
    for path in (tmp_path / "none.jsonl", tmp_path, tmp_path / "nul\0.jsonl"):
        with pytest.raises(DiagnosticError):
            sources.rows(str(path), "sft", "", AT)
    with pytest.raises(DiagnosticError):
        sources.code(str(tmp_path / "none.py"), AT)


def test_code_is_known_by_its_bytes(tmp_path: Path) -> None:
    sources = FileSources(Recorded({}), HashCache(None))
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("x = 1")
    first, second = (sources.code(str(tmp_path / name), AT) for name in ("a.py", "b.py"))
    assert first == second
