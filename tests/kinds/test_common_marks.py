"""Marks: built, read back, never mistaken."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nvx.aws.requests import problems_of
from nvx.core.address import Address
from nvx.core.resource import Scope, StackSettings
from nvx.kinds.common.marks import (
    Marks,
    as_list,
    as_mapping,
    marks_in_keywords,
    marks_in_tags,
    user_tags,
)
from support.fake_calls import model_of

HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
KEYS = st.none() | st.text(max_size=60).filter(lambda t: t.isprintable())
ADDRESSES = st.builds(
    Address, st.just("dataset"), st.from_regex(r"[a-z][a-z0-9_-]{0,39}", fullmatch=True), KEYS
)
MARKS = st.builds(
    lambda address, digest, document, attempt: Marks(
        "demo", address.mark, digest, document, attempt, "lineage-1"
    ),
    ADDRESSES,
    HEX,
    HEX,
    st.integers(1, 99),
)
SCOPE = Scope(StackSettings("demo", "us-west-2"), "lineage-1")


@given(MARKS)
def test_property_tags_round_trip(marks: Marks) -> None:
    assert marks_in_tags(as_mapping(as_list(marks.tags()))) == replace(marks, document="")


@given(MARKS)
def test_property_keywords_round_trip(marks: Marks) -> None:
    words = ["method:uploaded", *marks.keywords(), "@domain:d-x", "nocolon"]
    assert marks_in_keywords(words) == replace(marks, attempt=1)


@given(MARKS)
def test_property_aws_takes_every_mark(marks: Marks) -> None:
    group = {"ModelPackageGroupName": "g", "Tags": as_list(marks.tags())}
    content = {
        "HubName": "h",
        "HubContentType": "DataSet",
        "HubContentName": "n",
        "DocumentSchemaVersion": "2.0.0",
        "HubContentDocument": "{}",
        "HubContentSearchKeywords": marks.keywords(),
    }
    assert problems_of(model_of("sagemaker"), "CreateModelPackageGroup", group) == []
    assert problems_of(model_of("sagemaker"), "ImportHubContent", content) == []


@given(
    st.dictionaries(st.text(max_size=20), st.text(max_size=20)), st.lists(st.text(max_size=40))
)
def test_property_any_tags_and_keywords_can_be_read(
    tags: dict[str, str], words: list[str]
) -> None:
    assert marks_in_tags({"nvx:attempt": "x", **tags}).attempt >= 0
    assert isinstance(marks_in_keywords(words), Marks)


def test_ours_is_the_stack_and_its_lineage() -> None:
    marks = Marks("demo", lineage="lineage-1")
    assert marks.ours(SCOPE)
    assert not Marks("other", lineage="lineage-1").ours(SCOPE)
    assert not Marks("demo", lineage="lineage-2").ours(SCOPE)
    assert Marks("demo", lineage="lineage-2").ours(Scope(SCOPE.stack, ""))
    assert not Marks().ours(SCOPE)


def test_user_tags_are_text() -> None:
    assert user_tags({"tags": {"a": "b"}}) == {"a": "b"}
    assert user_tags({}) == {}
