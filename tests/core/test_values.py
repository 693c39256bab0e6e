from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.core.address import Address
from nvx.core.diff import ABSENT, field_changes
from nvx.core.digest import digest_of, sha256_of
from nvx.core.values import Reference, Template, Value, canonical, normal, references, replaced

NUMBERS = {
    0.0: "0",
    1e21: "1e+21",
    1e20: "100000000000000000000",
    1e-6: "0.000001",
    1e-7: "1e-7",
    123.456: "123.456",
    5e-324: "5e-324",
    1.7976931348623157e308: "1.7976931348623157e+308",
    9.999999999999997e22: "9.999999999999997e+22",
    333333333.33333329: "333333333.3333333",
    1e-5: "0.00001",
    -0.5: "-0.5",
}
"""Number → text, from the samples of RFC 8785, appendix B."""

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(("number", "text"), NUMBERS.items())
def test_numbers_are_written_as_ecmascript_does(number: float, text: str) -> None:
    assert canonical(number) == text


def test_keys_are_sorted_by_utf_16_code_units() -> None:
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\x80", "\u00f6"]
    ordered = ["\r", "1", "\x80", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    text = canonical(dict.fromkeys(keys, 0))
    assert list(json.loads(text)) == ordered


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_json_does_not_have_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="JSON has no"):
        canonical(number)


@given(JSON)
def test_canonical_json_reads_back_equal(value: object) -> None:
    text = canonical(value)  # type: ignore[arg-type]  # drawn as JSON
    assert json.loads(text, parse_int=float) == value


@given(JSON)
def test_canonical_text_is_a_fixed_point(value: object) -> None:
    text = canonical(normal(value))  # type: ignore[arg-type]  # drawn as JSON
    assert canonical(normal(json.loads(text))) == text


@given(
    st.dictionaries(st.text(), JSON, max_size=4), st.dictionaries(st.text(), JSON, max_size=4)
)
def test_diff_is_empty_exactly_if_canonical_forms_are_equal(
    a: dict[str, None], b: dict[str, None]
) -> None:
    assert (field_changes(a, b) == ()) == (canonical(normal(a)) == canonical(normal(b)))


def test_true_is_not_one() -> None:
    (change,) = field_changes({"a": 1}, {"a": True})
    assert (change.before, change.after) == (1, True)


def test_absent_is_not_null() -> None:
    (change,) = field_changes({}, {"a": None})
    assert (change.before, change.after) == (ABSENT, None)


def test_a_reference_enters_as_the_digest_of_its_target() -> None:
    target, renamed = Address("dataset", "a"), Address("dataset", "b")
    digest = digest_of("fine_tune", "sft", {"dataset": Reference(target, "arn")}, {target: "D"})
    same = digest_of("fine_tune", "sft", {"dataset": Reference(renamed, "arn")}, {renamed: "D"})
    other = digest_of("fine_tune", "sft", {"dataset": Reference(target, "arn")}, {target: "E"})
    assert digest == same != other


def test_integral_floats_are_integers() -> None:
    assert sha256_of({"a": 2.0}) == sha256_of({"a": 2})


def test_references_are_found_and_replaced_at_any_depth() -> None:
    one, two = Reference(Address("a", "x"), "arn"), Reference(Address("b", "y"), "uri")
    value: Value = {"l": [1, one], "t": Template(("s3://", two, "/k"))}
    assert list(references(value)) == [one, two]
    assert replaced(value, lambda r: r.output.upper()) == {"l": [1, "ARN"], "t": "s3://URI/k"}
