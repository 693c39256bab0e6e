"""YAML recipes: what is read, what is refused, and that writing is the reverse of reading."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nvx.core.diagnostics import DiagnosticError, Location
from nvx.kinds.common.yaml_read import LARGEST, read_yaml
from nvx.kinds.common.yaml_write import yaml_text

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)


def read(text: str) -> Any:
    return read_yaml(text.encode(), "recipe.yaml").value


@given(st.dictionaries(_TEXT, _VALUES, min_size=1, max_size=5))
def test_what_is_written_reads_back_the_same(document: dict[str, Any]) -> None:
    assert read(yaml_text(document)) == document


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,9}", fullmatch=True), _SCALARS, min_size=1))
def test_other_yaml_readers_read_the_same(document: dict[str, Any]) -> None:
    assert yaml.safe_load(yaml_text(document)) == document


@given(st.binary(max_size=200) | _TEXT.map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(DiagnosticError):
        read_yaml(data, "recipe.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1e-5", 1e-5),
        ("a: 1.0e-05", 1e-5),
        ("a: null", None),
        ("a:", None),
        ("a: ''", ""),
        ("a: 'null'", "null"),
        ("a: yes", True),
        ("a: 128k", "128k"),
        ("a: 010", "010"),
        ("a: 1e999", "1e999"),
        ("a: [0.9, 1]", [0.9, 1]),
        ("a: {b: true}", {"b": True}),
    ],
)
def test_plain_scalars_are_what_a_recipe_means(text: str, value: object) -> None:
    assert read(text) == {"a": value}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &x 1\nb: *x", "anchors"),
        ("a: !!python/object:os.system x", "tags"),
        ("a: 1\na: 2", "twice"),
        ("a: 1\n---\nb: 2", "second"),
        ("{a: 1}: 2", "a key is text"),
        ("a: [1", "expected"),
        ("a: \t- x\n- 1", ""),
        ("[" * 100, "levels"),
        ('a: "\\U00110000"', ""),
        ("a: 1\n" * LARGEST, "bytes"),
    ],
)
def test_what_is_no_recipe_is_refused(text: str, words: str) -> None:
    with pytest.raises(DiagnosticError) as refused:
        read(text)
    (found,) = refused.value.diagnostics
    assert words in found.detail


def test_every_key_has_its_place() -> None:
    tree = read_yaml(b"run:\n  name: x\n  list: [1, 2]\n", "r.yaml")
    assert tree.at(("run", "name")) == Location("r.yaml", 2, 3)
    assert tree.at(("run", "list", 1)) == Location("r.yaml", 3, 13)
    assert tree.at(("run", "other")) == Location("r.yaml", 1, 1)


def test_floats_have_a_point_and_ambiguous_text_is_quoted() -> None:
    document: dict[str, Any] = {
        "a": 1e-05,
        "b": "",
        "c": "on",
        "d": "1:30",
        "e": "arn:aws:iam::1:role/x",
    }
    assert yaml_text(document) == (
        'a: 1.0e-05\nb: ""\nc: "on"\nd: "1:30"\ne: "arn:aws:iam::1:role/x"\n'
    )
