"""Whatever bytes come: a function or a refusal, never a broken server."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nvx.local.context import AwsError
from nvx.local.services.lambda_.code import code_of
from nvx.local.services.lambda_.register import Named, named
from support.local_aws import context, zipped

GOOD = zipped(app="def handler(event, context):\n    return event\n" * 9, other="x = 1")
CTX = context("lambda")


@given(st.binary(max_size=200))
def test_any_bytes_are_code_or_are_refused(data: bytes) -> None:
    try:
        assert code_of(CTX, {"ZipFile": data})["CodeSize"] == len(data)
    except AwsError as error:
        assert error.code == "InvalidParameterValueException"  # noqa: PT017  no other code


@settings(max_examples=300)
@given(place=st.integers(0, len(GOOD) - 1), value=st.integers(0, 255), cut=st.booleans())
def test_any_damage_to_a_zip_is_code_or_is_refused(place: int, value: int, cut: bool) -> None:
    rest = b"" if cut else GOOD[place + 1 :]
    try:
        code_of(CTX, {"ZipFile": GOOD[:place] + bytes([value]) + rest})
    except AwsError as error:
        assert error.code == "InvalidParameterValueException"  # noqa: PT017  no other code


@given(st.text(max_size=90))
def test_any_text_names_a_function_or_is_refused(text: str) -> None:
    try:
        found = named({"FunctionName": text})
    except AwsError as error:
        assert error.status == 400  # noqa: PT017  no other status
        return
    assert isinstance(found, Named)
    assert found.name in text
