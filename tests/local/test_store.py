from __future__ import annotations

from datetime import UTC, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.local.store import Store, decode, encode

MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=2))]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | MOMENTS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.fixture(params=["memory", "disk"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return None if request.param == "memory" else tmp_path / "store.sqlite"


@given(st.dictionaries(st.text(), VALUES))
def test_a_document_decodes_to_what_was_encoded(doc: dict[str, Any]) -> None:
    assert decode(encode(doc)) == doc


@pytest.mark.parametrize("text", ["x", "2026-99-99", 7, None, ["a"]])
def test_a_document_that_looks_like_a_tag_stays_as_it_is(text: object) -> None:
    doc = {"outer": {"$nvx:time": text}, "other": {"$nvx:bytes": text}}
    assert decode(encode(doc)) == doc


def test_what_was_committed_is_there_after_a_restart(tmp_path: Path) -> None:
    first = Store(tmp_path / "s")
    table = first.table("jobs", "1", "r")
    table.put("a", {"n": 1})
    table.put("b", {"n": 2})
    first.commit()
    table.delete("b")
    first.commit()
    table.put("c", {"n": 3})
    first.close()
    second = Store(tmp_path / "s")
    assert second.table("jobs", "1", "r").items() == [("a", {"n": 1})]
    assert second.table("jobs", "2", "r").items() == []
    second.close()


def test_a_rollback_undoes_puts_deletes_and_changes_without_put(path: Path | None) -> None:
    store = Store(path)
    table = store.table("jobs", "1", "r")
    for key in ("changed", "deleted", "listed", "replaced"):
        table.put(key, {"inner": [key]})
    store.commit()
    before = {key: dict(doc) for key, doc in table.items()}
    store.rollback()
    found = table.get("changed")
    assert found is not None
    found["inner"].append("oops")
    table.delete("deleted")
    table.put("replaced", {"inner": []})
    table.put("new", {})
    store.rollback()
    assert dict(table.items()) == before
    store.rollback()
    table.items()[0][1].clear()
    store.rollback()
    assert dict(table.items()) == before
    store.close()


def test_a_sequence_counts_on_after_a_restart_and_not_after_a_rollback(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    assert [store.sequence("runs"), store.sequence("runs"), store.sequence("jobs")] == [1, 2, 1]
    store.commit()
    store.sequence("runs")
    store.rollback()
    store.close()
    again = Store(tmp_path / "s")
    assert again.sequence("runs") == 3
    again.close()


def test_scopes_name_every_account_and_region_with_documents(path: Path | None) -> None:
    store = Store(path)
    store.table("jobs", "2", "r").put("a", {})
    store.commit()
    store.table("jobs", "1", "r").put("a", {})
    store.table("other", "3", "r").put("a", {})
    assert store.scopes("jobs") == [("1", "r"), ("2", "r")]
    store.clear()
    assert store.scopes("jobs") == []
    store.close()


def test_a_failing_commit_leaves_the_disk_as_it_was(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    table = store.table("jobs", "1", "r")
    table.put("a", {"n": 1})
    store.commit()
    table.put("a", {"n": 2})
    table.put("b", {"n": object()})
    with pytest.raises(TypeError, match="a document cannot hold object"):
        store.commit()
    store.rollback()
    assert table.items() == [("a", {"n": 1})]
    store.close()
