from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.local.services.s3.listing import listing
from support.local_aws import refused

KEYS = ("a.txt", "dir/1", "dir/2", "dir/sub/3", "dir2/4", "é %+&<>/5", "z")
NAMES = st.text(alphabet="ab/", min_size=1, max_size=5)


@pytest.fixture
def filled(s3: Any) -> Any:
    for key in KEYS:
        s3.put_object(Bucket="box", Key=key, Body=key.encode())
    return s3


def keys(reply: Any) -> list[str]:
    return [row["Key"] for row in reply.get("Contents", [])]


def prefixes(reply: Any) -> list[str]:
    return [row["Prefix"] for row in reply.get("CommonPrefixes", [])]


def test_objects_are_listed_by_key(filled: Any) -> None:
    found = filled.list_objects_v2(Bucket="box")

    assert keys(found) == sorted(KEYS)
    assert (found["KeyCount"], found["IsTruncated"]) == (len(KEYS), False)


def test_a_prefix_and_a_delimiter_make_folders(filled: Any) -> None:
    found = filled.list_objects_v2(Bucket="box", Prefix="dir/", Delimiter="/")

    assert (keys(found), prefixes(found)) == (["dir/1", "dir/2"], ["dir/sub/"])
    top = filled.list_objects(Bucket="box", Delimiter="/")
    assert (keys(top), prefixes(top)) == (["a.txt", "z"], ["dir/", "dir2/", "é %+&<>/"])


@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("delimiter", ["", "/"])
@pytest.mark.parametrize("size", [1, 2, 100])
def test_pages_make_the_whole(filled: Any, operation: str, delimiter: str, size: int) -> None:
    whole = getattr(filled, operation)(Bucket="box", Delimiter=delimiter)
    pages = list(
        filled.get_paginator(operation).paginate(
            Bucket="box", Delimiter=delimiter, PaginationConfig={"PageSize": size}
        )
    )

    assert [key for page in pages for key in keys(page)] == keys(whole)
    assert [name for page in pages for name in prefixes(page)] == prefixes(whole)


def test_a_listing_can_start_behind_a_key(filled: Any) -> None:
    assert keys(filled.list_objects_v2(Bucket="box", StartAfter="dir2")) == [
        "dir2/4",
        "z",
        "é %+&<>/5",
    ]


def test_an_empty_page_is_possible(filled: Any) -> None:
    found = filled.list_objects_v2(Bucket="box", MaxKeys=0)

    assert (keys(found), found["IsTruncated"]) == ([], False)


def test_the_owner_is_shown_when_asked_for(filled: Any) -> None:
    assert "Owner" not in filled.list_objects_v2(Bucket="box")["Contents"][0]
    shown = filled.list_objects_v2(Bucket="box", FetchOwner=True)["Contents"][0]
    assert shown["Owner"]["ID"] == "000000000000"


def test_a_strange_token_is_refused(filled: Any) -> None:
    wanted = {"Bucket": "box", "ContinuationToken": "é"}

    assert refused(filled.list_objects_v2, **wanted) == ("InvalidArgument", 400)


def test_keys_are_encoded_only_when_asked_for(filled: Any) -> None:
    raw = filled.list_objects_v2(Bucket="box", Prefix="é", EncodingType="url")

    assert keys(raw) == ["%C3%A9%20%25%2B%26%3C%3E/5"]
    assert keys(filled.list_objects_v2(Bucket="box", Prefix="é")) == ["é %+&<>/5"]


@given(names=st.sets(NAMES), prefix=st.text("ab/", max_size=2), size=st.integers(1, 4))
def test_pages_of_any_size_make_the_whole(names: set[str], prefix: str, size: int) -> None:
    entries = [(name, name) for name in sorted(names)]
    params = {"Prefix": prefix, "Delimiter": "/"}
    whole = listing(entries, params, "", 10_000).rows
    rows, after = [], ""
    while True:
        page = listing(entries, params, after, size)
        rows += page.rows
        if not page.truncated:
            break
        after = page.rows[-1].name

    assert rows == whole
    assert len({row.name for row in rows}) == len(rows)
