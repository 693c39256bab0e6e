from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.local.context import AwsError
from nvx.local.paging import page

NAMES = st.lists(st.text(min_size=1, max_size=4), unique=True, max_size=30)


def rows(names: list[str]) -> list[tuple[str, dict[str, Any]]]:
    return [(name, {"name": name}) for name in names]


def everything(names: list[str], size: int) -> list[str]:
    found: list[str] = []
    token: str | None = None
    while True:
        chosen, token = page(rows(names), {"MaxResults": size, "NextToken": token})
        found += [name for name, _ in chosen]
        if token is None:
            return found


@given(NAMES, st.integers(1, 7))
def test_the_pages_of_a_list_are_the_list(names: list[str], size: int) -> None:
    assert everything(names, size) == names


@given(NAMES.filter(bool), st.integers(1, 7), st.booleans(), st.text(min_size=1, max_size=4))
def test_a_row_that_comes_or_goes_between_pages_makes_no_other_row_missing_or_double(
    names: list[str], size: int, descending: bool, extra: str
) -> None:
    names = sorted(names, reverse=descending)
    first, token = page(rows(names), {"MaxResults": size})
    seen = [name for name, _ in first]
    changed = sorted({*names, extra} - {seen[-1]}, reverse=descending)
    while token:
        chosen, token = page(rows(changed), {"MaxResults": size, "NextToken": token})
        seen += [name for name, _ in chosen]
    assert len(seen) == len(set(seen))
    assert set(names) <= {*seen, extra} or extra == seen[-1]


def test_the_default_page_has_ten_rows_and_the_last_page_no_token() -> None:
    names = [f"{number:02}" for number in range(20)]
    chosen, token = page(rows(names), {})
    assert [name for name, _ in chosen] == names[:10]
    assert page(rows(names), {"NextToken": token}) == (rows(names)[10:], None)
    assert page([], {}) == ([], None)


def test_rows_of_any_kind_are_named_by_the_key() -> None:
    chosen, token = page(
        [3, 2, 1],
        {"size": 2, "marker": None},
        size_member="size",
        token_member="marker",  # noqa: S106  the name of a member
        key=lambda row: (row, "x"),
    )
    assert chosen == [3, 2]
    rest = page(
        [3, 1],
        {"marker": token},
        token_member="marker",  # noqa: S106  the name of a member
        key=lambda row: (row, "x"),
    )
    assert rest == ([1], None)


@pytest.mark.parametrize(
    "token", ["rubbish", "é", "bnVsbA==", "WzEsMiwzXQ==", "WyJhIiwgImIiXQ=="]
)
def test_a_token_that_makes_no_sense_is_refused(token: str) -> None:
    with pytest.raises(AwsError) as caught:
        page(rows(["a"]), {"NextToken": token})
    assert caught.value.code == "ValidationException"


def test_rows_without_an_order_go_on_at_the_place_of_a_row_that_has_gone() -> None:
    rows_now = [("b", 1), ("a", 2), (3, 3), ("c", 4)]
    _, token = page(rows_now, {"MaxResults": 2})
    assert page([("b", 1), (3, 3), ("c", 4)], {"NextToken": token}) == ([("c", 4)], None)


def test_a_token_of_another_list_is_refused_where_its_names_cannot_be_compared() -> None:
    _, token = page(rows(["a", "b"]), {"MaxResults": 1})
    with pytest.raises(AwsError, match="not a token of this list"):
        page([(1, None), (2, None)], {"NextToken": token})
