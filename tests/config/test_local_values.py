from __future__ import annotations

from pathlib import Path

from support.valley import HEAD, crops, load


def test_locals_are_made_of_variables_and_of_each_other_in_any_order(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        HEAD + '[locals]\na = ["${local.b}", "x-${local.b}"]\nb = "${local.c.depth}"\n',
        '[locals]\nc = { depth = "${var.d}", of = "${stack.name}" }\n'
        '[variables.d]\ntype = "number"\ndefault = 1.5\n'
        '[crop.one]\nsort = "wheat"\ndepth = "${local.b}"\n'
        '[output.all]\nvalue = ["${local.a}", "${local.c}"]\n',
    )
    assert crops(stack)["crop.one"].depth == 1.5
    assert stack.outputs["all"].value == [[1.5, "x-1.5"], {"depth": 1.5, "of": "valley"}]
    assert stack.warnings == ()


def test_a_literal_mark_stays_literal_however_often_a_local_is_used(tmp_path: Path) -> None:
    text = (
        HEAD + '[locals]\na = "$${var.x}"\nb = "${local.a}"\n[output.x]\nvalue = "${local.b}"\n'
    )
    assert load(tmp_path, text).outputs["x"].value == "${var.x}"


def test_an_unused_local_is_a_warning_only(tmp_path: Path) -> None:
    warnings = load(tmp_path, HEAD + "[locals]\nx = 1\n").warnings
    assert [(w.code, w.line_text) for w in warnings] == [("unused_local", "x = 1")]


def test_names_lead_into_tables_of_variables_too(tmp_path: Path) -> None:
    text = (
        HEAD + '[variables.x]\ntype = "table"\ndefault = { a = { b-1 = true } }\n'
        '[output.x]\nvalue = "${var.x.a.b-1}"\n'
    )
    assert load(tmp_path, text).outputs["x"].value is True
