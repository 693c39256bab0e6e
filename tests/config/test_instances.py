"""Locals, `for_each` and `matrix`: what stacks that use them stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nvx.core.address import Address
from nvx.core.diagnostics import DiagnosticError
from nvx.core.digest import sha256_of
from nvx.core.resource import Declared
from nvx.core.values import Reference, Template
from support.valley import FINE_TUNE, HEAD, SUPPORT, codes, crops, declared, labels, load, toml


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('["a", "b"]', {"a": "a", "b": "b"}),
        ("[1, 2.5, true]", {"1": 1, "2.5": 2.5, "true": True}),
        ("[1e-5]", {"1e-05": 1e-5}),
        ('{ small = 1, "x y" = [2] }', {"small": 1, "x y": [2]}),
        ('"${var.list}"', {"p": "p", "q": "q"}),
        ('"${local.table.inner}"', {"k": "v"}),
        ('["${stack.name}-1"]', {"valley-1": "valley-1"}),
        ("[]", {}),
        ("{}", {}),
        ('["quote\\"and\\\\slash"]', {'quote"and\\slash': 'quote"and\\slash'}),
    ],
)
def test_for_each_gives_keys_and_values_with_their_types(
    tmp_path: Path, written: str, expected: Mapping[str, object]
) -> None:
    text = (
        f'{HEAD}[variables.list]\ntype = "list"\ndefault = ["p", "q"]\n'
        '[locals]\ntable = { inner = { k = "v" } }\n'
        f'[crop.many]\nfor_each = {written}\nsort = "wheat"\nlabel = "<${{each.key}}>"\n'
        'fields = { a = { seed = "${each.key}" } }\n'
        "[output.used]\n"
        'value = ["${var.list}", "${local.table}"]\n'
    )
    stack = load(tmp_path, text)
    addresses = [Address("crop", "many", key) for key in expected]
    assert [r.address for r in stack.resources] == addresses
    assert list(labels(stack).values()) == [f"<{key}>" for key in expected]
    assert stack.warnings == ()


def test_a_value_keeps_its_type_and_tables_their_fields(tmp_path: Path) -> None:
    text = (
        HEAD + "[crop.many]\nfor_each = { a = { depth = 2.5, f = { rows = 3, seed = 'x' } } }\n"
        'sort = "wheat"\ndepth = "${each.value.depth}"\nfields = { one = "${each.value.f}" }\n'
    )
    (crop,) = crops(load(tmp_path, text)).values()
    assert crop.depth == 2.5
    assert crop.fields["one"].rows == 3


def test_a_matrix_is_the_product_of_its_lists_in_declared_order(tmp_path: Path) -> None:
    text = (
        HEAD + '[crop.many]\nmatrix = { b = ["x", "y"], a = [1, 2] }\nsort = "wheat"\n'
        'label = "${each.value.b}${each.value.a}"\n[output.one]\n'
        "value = '${crop.many[\"y,1\"].arn}'\n"
    )
    stack = load(tmp_path, text)
    assert labels(stack) == {
        'crop.many["x,1"]': "x1",
        'crop.many["x,2"]': "x2",
        'crop.many["y,1"]': "y1",
        'crop.many["y,2"]': "y2",
    }
    assert stack.outputs["one"].value == Reference(Address("crop", "many", "y,1"), "arn")


def test_a_matrix_with_an_empty_list_stands_for_nothing_and_uses_its_names(
    tmp_path: Path,
) -> None:
    text = (
        HEAD + '[variables.x]\ndefault = "a"\n[crop.many]\nmatrix = { a = ["x"], b = [] }\n'
        'sort = "wheat"\nlabel = "${each.key}${var.x}"\n'
    )
    stack = load(tmp_path, text)
    assert stack.resources == ()
    assert stack.warnings == ()


def test_lists_may_hold_references_whose_slug_is_the_key(tmp_path: Path) -> None:
    text = (
        HEAD
        + '[farm.north]\nsoil = "clay"\n[farm.more]\nfor_each = ["Big One"]\nsoil = "sand"\n'
        '[crop.many]\nsort = "wheat"\nfarm = "${each.value.farm}"\nlabel = "at ${each.value.farm}"\n'
        "matrix.farm = ['${farm.north}', '${farm.more[\"Big One\"]}']\n"
    )
    found = crops(load(tmp_path, text))
    north, big = Address("farm", "north"), Address("farm", "more", "Big One")
    assert list(found) == ['crop.many["north"]', 'crop.many["more-big-one"]']
    assert [crop.farm for crop in found.values()] == [
        Reference(north, "arn"),
        Reference(big, "arn"),
    ]
    assert found['crop.many["north"]'].label == Template(("at ", Reference(north, "arn")))


def test_keys_of_references_are_made_of_names(tmp_path: Path) -> None:
    text = (
        HEAD + '[farm.many]\nfor_each = { "a,1" = 1, b = 2 }\nsoil = "clay"\n'
        '[crop.many]\nfor_each = ["a", "b"]\nsort = "wheat"\n'
        "farm = '${farm.many[\"${local.keys.a}\"]}'\n"
        "depends_on = ['farm.many[\"b\"]', '${farm.many[\"a,${var.one}\"]}']\n"
        '[locals]\nkeys = { a = "b" }\n[variables.one]\ntype = "integer"\ndefault = 1\n'
    )
    farm = Address("farm", "many")
    for crop in crops(load(tmp_path, text)).values():
        assert crop.farm == Reference(Address("farm", "many", "b"), "arn")
        assert [str(r) for r in crop.depends_on] == [f'${{{farm}["b"]}}', f'${{{farm}["a,1"]}}']


def test_an_instance_may_refer_to_another_of_its_block(tmp_path: Path) -> None:
    text = (
        HEAD + '[crop.many]\nfor_each = { a = "b", b = "c" }\nsort = "wheat"\n'
        "label = '${crop.many[\"${each.value}\"]}'\n"
    )
    assert codes(tmp_path, text) == ["unknown_instance"]
    assert codes(tmp_path, text.replace('b = "c"', 'b = "a"')) == ["cycle"]


def test_what_cannot_be_listed_is_told_once_and_its_references_are_not(tmp_path: Path) -> None:
    text = (
        HEAD + '[farm.many]\nfor_each = "${var.none}"\nsoil = "clay"\ntitle = "${each.kee}"\n'
        '[crop.one]\nsort = "wheat"\nfarm = \'${farm.many["x"]}\'\n'
    )
    assert codes(tmp_path, text) == ["unknown_name", "unknown_name"]


def test_a_value_of_a_list_may_be_wrong_in_one_element(tmp_path: Path) -> None:
    text = (
        HEAD + '[variables.f]\ntype = "list"\ndefault = [1]\n[crop.one]\nsort = "wheat"\n'
        'farms = "${var.f}"\n'
    )
    assert codes(tmp_path, text) == ["wrong_type"]


def test_a_thousand_references_that_miss_are_told_shortly(tmp_path: Path) -> None:
    ten = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"
    text = (
        HEAD + f'[farm.many]\nmatrix = {{ a = {ten}, b = {ten}, c = {ten} }}\nsoil = "clay"\n'
        f'[crop.many]\nmatrix = {{ a = {ten}, b = {ten}, c = {ten} }}\nsort = "wheat"\n'
        "farm = '${farm.many[\"${each.key}!\"]}'\n"
    )
    with pytest.raises(DiagnosticError) as caught:
        load(tmp_path, text)
    *_, last = caught.value.diagnostics
    assert len(caught.value.diagnostics) == 5
    assert any("995 more problems" in d.detail for d in caught.value.diagnostics)
    assert last.hint.startswith('its keys are "0,0,0", "0,0,1"')


KEYS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]).filter(str.isprintable),
    min_size=1,
    max_size=8,
)
PARTS = st.fixed_dictionaries(
    {"steps": st.integers(1, 10_000), "rate": st.floats(1e-7, 1e-2), "more": st.booleans()}
)


def by_hand(parts: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """Every fine-tune and its evaluation, written out."""
    return SUPPORT + "".join(
        f"[fine_tune.f{index}]\n{FINE_TUNE}description = {toml('of ' + key.replace('${', '$${'))}\n"
        f"hyperparameters = {{ max_steps = {part['steps']}, learning_rate = {toml(part['rate'])} }}\n"
        f'[evaluation.e{index}]\ntype = "benchmark"\nmodel = "${{fine_tune.f{index}}}"\n'
        f'benchmark = "mmlu"\nrepeat = {index + 1}\n'
        for index, (key, part) in enumerate(parts)
    )


def told_apart(found: Sequence[Declared]) -> list[tuple[object, ...]]:
    """Resources by everything but their address."""
    rows = [(d.kind, d.digest, sha256_of(d.inputs), sha256_of(d.marks)) for d in found]
    return sorted(rows)


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(KEYS, PARTS),
        max_size=4,
        unique_by=(lambda p: p[0], lambda p: (p[1]["steps"], p[1]["rate"])),
    )
)
def test_a_for_each_is_what_its_blocks_written_by_hand_are_digests_included(
    parts: list[tuple[str, Mapping[str, Any]]],
) -> None:
    numbers = {key: index + 1 for index, (key, _) in enumerate(parts)}
    many = (
        SUPPORT + f"[locals]\nparts = {toml(dict(parts))}\nbase = 'mmlu'\n"
        f'[fine_tune.f]\nfor_each = "${{local.parts}}"\n{FINE_TUNE}'
        'description = "of ${each.key}"\n'
        'hyperparameters = { max_steps = "${each.value.steps}",'
        ' learning_rate = "${each.value.rate}" }\n'
        f'[evaluation.e]\nfor_each = {toml(numbers)}\ntype = "benchmark"\n'
        "model = '${fine_tune.f[\"${each.key}\"]}'\n"
        'benchmark = "${local.base}"\nrepeat = "${each.value}"\n'
    )
    assert told_apart(declared(many)) == told_apart(declared(by_hand(parts)))


@settings(max_examples=25)
@given(
    st.lists(st.integers(1, 99), max_size=4, unique=True),
    st.lists(st.sampled_from(["mmlu", "bbh", "gpqa", "math"]), max_size=4, unique=True),
)
def test_a_matrix_is_what_its_blocks_written_by_hand_are_digests_included(
    steps: list[int], benchmarks: list[str]
) -> None:
    tunes = "".join(
        f"[fine_tune.f{count}]\n{FINE_TUNE}hyperparameters = {{ max_steps = {count} }}\n"
        for count in steps
    )
    references = [f"${{fine_tune.f{count}}}" for count in steps]
    many = (
        f"{SUPPORT}{tunes}[evaluation.suite]\n"
        f"matrix = {{ model = {toml(references)}, benchmark = {toml(benchmarks)} }}\n"
        'type = "benchmark"\nmodel = "${each.value.model}"\nbenchmark = "${each.value.benchmark}"\n'
    )
    apart = f"{SUPPORT}{tunes}" + "".join(
        f'[evaluation.e{i}]\ntype = "benchmark"\nmodel = "{model}"\nbenchmark = "{benchmark}"\n'
        for i, (model, benchmark) in enumerate(product(references, benchmarks))
    )
    assert told_apart(declared(many)) == told_apart(declared(apart))


def test_the_digest_does_not_depend_on_the_key_or_the_form_of_the_block() -> None:
    one = f"{SUPPORT}[fine_tune.a]\n{FINE_TUNE}"
    (plain,) = declared(one)
    for words in ('for_each = ["x"]', "for_each = { y = 1 }", 'matrix = { z = ["p"] }'):
        (instance,) = declared(one.replace("method", f"{words}\nmethod"))
        assert instance.address.key
        assert instance.digest == plain.digest
