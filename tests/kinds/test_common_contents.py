"""Statuses and documents of hub content."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.aws.hub import Content
from nvx.kinds.common.contents import STATUSES, document_in
from nvx.kinds.evaluator.registered import reference_in
from support.fake_calls import model_of


def test_every_status_of_the_service_is_known() -> None:
    shape = model_of("sagemaker").shape_for("HubContentStatus")
    assert set(STATUSES) == set(shape.metadata["enum"])


@given(st.text() | st.sampled_from(["[]", "{}", "null", '{"JsonContent": 3}', "[" * 100_000]))
def test_any_text_can_be_a_document(text: str) -> None:
    content = Content("n", "arn", "1.0.0", "Available", document=text)
    assert isinstance(document_in(content), dict)
    assert isinstance(reference_in(content), str)


@pytest.mark.parametrize("inner", ["{", "[]", "3", '{"Reference": "x"}'])
def test_inner_document_is_read_where_it_is_one(inner: str) -> None:
    outer = json.dumps({"SubType": "AWS/Evaluator", "JsonContent": inner})
    content = Content("n", "arn", "1.0.0", "Available", document=outer)
    assert reference_in(content) == ("x" if "Reference" in inner else "")
