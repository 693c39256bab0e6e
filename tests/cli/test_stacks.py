"""Every example stack, applied to the local AWS as it is; and blocks that become many."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.project import REPOSITORY, Project, project

STACKS = sorted(file.parent.name for file in REPOSITORY.glob("stacks/*/*.toml"))
GENERATORS = sorted(REPOSITORY.glob("stacks/*/generate.py"))
SWEEP = "stacks/sweep/sweep.toml"
QUICKSTART = "stacks/quickstart/quickstart.toml"
SLOW, FAST = 'fine_tune.numerals["slow"]', 'fine_tune.numerals["fast"]'


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with project(tmp_path_factory.mktemp("swept"), "sweep") as made:
        made.apply()
        yield made


@pytest.mark.parametrize("stack", dict.fromkeys(STACKS))
def test_a_stack_is_applied_and_then_planned_without_changes(
    tmp_path: Path, stack: str
) -> None:
    with project(tmp_path, stack) as made:
        assert made.nvx("validate").code == 0
        made.apply()
        assert made.plan() == {}


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda file: file.parent.name)
def test_the_data_of_a_stack_is_what_its_generator_writes(generator: Path) -> None:
    spec = importlib.util.spec_from_file_location(
        f"generate_{generator.parent.name}", generator
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if module.TARGET.is_dir():
        written = {file.name: file.read_text("utf-8") for file in module.TARGET.iterdir()}
        assert written == module.files()
    else:
        assert module.TARGET.read_bytes() == module.content().encode()


def test_a_sweep_pays_for_each_instance_once_and_for_the_base_model_once(
    swept: Project,
) -> None:
    resources = swept.nvx("status", "--local", "--json").json["stacks"][0]["resources"]
    assert [r["address"] for r in resources if r["kind"] == "evaluation"] == [
        f'evaluation.base["{benchmark}"]' for benchmark in ("gpqa", "ifeval", "mmlu")
    ] + [
        f'evaluation.suite["numerals-{rate},{benchmark}"]'
        for rate in ("fast", "slow")
        for benchmark in ("gpqa", "ifeval", "mmlu")
    ]
    assert swept.paid() == 2 + 3 + 6


def test_an_instance_is_shown_and_run_again_by_its_address(swept: Project) -> None:
    shown = swept.nvx("show", "--local", "--json", SLOW)
    assert shown.code == 0, shown
    assert SLOW.replace('"', '\\"') in shown.out
    plan = swept.plan("--rerun", SLOW)
    assert plan[SLOW]["action"] == "rerun"
    started = {address for address, change in plan.items() if change["action"] == "rerun"}
    assert started == {SLOW} | {
        f'evaluation.suite["numerals-slow,{benchmark}"]'
        for benchmark in ("mmlu", "gpqa", "ifeval")
    }


def test_one_more_key_starts_only_its_own_runs(swept: Project) -> None:
    file = swept.root / SWEEP
    before = file.read_text()
    try:
        swept.edit(SWEEP, "fast = 2e-5 }", "fast = 2e-5, steep = 1e-4 }")
        plan = swept.plan()
    finally:
        file.write_text(before)
    assert {a: c["action"] for a, c in plan.items()} == {
        'fine_tune.numerals["steep"]': "create"
    }


def test_another_key_for_the_same_inputs_moves_the_runs(swept: Project) -> None:
    file = swept.root / SWEEP
    before = file.read_text()
    try:
        swept.edit(SWEEP, "rates      = { slow", "rates      = { calm")
        swept.edit(SWEEP, '["slow"]', '["calm"]')
        plan = swept.plan()
    finally:
        file.write_text(before)
    assert {c["action"] for c in plan.values()} == {"move"}
    assert 'fine_tune.numerals["calm"]' in plan
    assert 'evaluation.suite["numerals-calm,mmlu"]' in plan


def test_a_plain_block_that_becomes_an_instance_keeps_its_run(applied: Project) -> None:
    for block, word in (("fine_tune.conversions", "method"), ("evaluation.mmlu", "type")):
        applied.edit(QUICKSTART, f"[{block}]\n{word}", f'[{block}]\nfor_each = ["x"]\n{word}')
    applied.edit(QUICKSTART, '"${fine_tune.conversions}"', "'${fine_tune.conversions[\"x\"]}'")
    applied.edit(
        QUICKSTART,
        '"${fine_tune.conversions.model_arn}"',
        "'${fine_tune.conversions[\"x\"].model_arn}'",
    )
    plan = applied.plan()
    assert {a: c["action"] for a, c in plan.items()} == {
        'fine_tune.conversions["x"]': "move",
        'evaluation.mmlu["x"]': "move",
    }
    applied.apply()
    assert applied.plan() == {}
    assert applied.paid() == 2
