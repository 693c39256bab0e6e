"""What must never plan a run: each is an edit of an applied stack, and what it does plan."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator

import pytest

from support.project import Project, project

STACK = "stacks/quickstart/quickstart.toml"
RUNS = ("fine_tune.", "evaluation.")
STARTS = ("create", "rerun")

Edit = Callable[[Project], None]


def replacing(before: str, after: str) -> Edit:
    return lambda project: project.edit(STACK, before, after)


def reformatted(project: Project) -> None:
    file = project.root / STACK
    lines = [line.split("#")[0].rstrip() for line in file.read_text().splitlines()]
    file.write_text("\n\n".join(line.replace(" = ", "=") for line in lines if line) + "\n")


def reordered(project: Project) -> None:
    """Tables in another order, and the keys of each the other way round."""
    document = tomllib.loads((project.root / STACK).read_text())
    lines: list[str] = []
    for kind in sorted(document, reverse=True):
        tables = {"": document[kind]} if kind == "stack" else document[kind]
        for name in sorted(tables, reverse=True):
            lines.append(f"[{kind}.{name}]" if name else f"[{kind}]")
            lines += [f"{key} = {toml(value)}" for key, value in reversed(tables[name].items())]
    (project.root / STACK).write_text("\n".join(lines) + "\n")


def toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {toml(v)}" for k, v in value.items()) + " }"
    return repr(value) if isinstance(value, float) else json.dumps(value)


def another_group(project: Project) -> None:
    project.edit(STACK, '= "${model_group.conversions}"', '= "${model_group.other}"')
    project.edit(STACK, "[output.model]", "[model_group.other]\n\n[output.model]")


EDITS: dict[str, tuple[Edit, dict[str, str]]] = {
    "reformatting": (reformatted, {}),
    "key order": (reordered, {}),
    "a description": (
        replacing('description = "Questions on', 'description = "Many questions on'),
        {"dataset.conversions": "note"},
    ),
    "a tag": (
        replacing('method      = "sft"', 'method      = "sft"\ntags = { team = "maths" }'),
        {"fine_tune.conversions": "update"},
    ),
    "the output location": (
        replacing(
            'method      = "sft"',
            'method      = "sft"\noutput = "s3://sagemaker-us-west-2-000000000000/elsewhere"',
        ),
        {"fine_tune.conversions": "note"},
    ),
    "the role": (
        replacing(
            'method      = "sft"',
            'method      = "sft"\nrole = "arn:aws:iam::000000000000:role/other"',
        ),
        {"fine_tune.conversions": "note"},
    ),
    "the model group": (
        another_group,
        {"model_group.other": "create", "fine_tune.conversions": "note"},
    ),
    "a gate": (
        replacing(
            "compare_base = true",
            "compare_base = true\n[evaluation.mmlu.gate.accuracy]\nmin = 0.1",
        ),
        {},
    ),
    "writing out a default": (
        replacing(
            'method      = "sft"', 'method      = "sft"\ntraining_type = "LORA"\nrepeat = 1'
        ),
        {},
    ),
    "2 for 2.0": (replacing("max_steps = 60", "max_steps = 60.0"), {}),
    "an alias for the hub name": (
        replacing('"nova-textgeneration-lite-v2"', '"amazon.nova-2-lite-v1"'),
        {},
    ),
    "another order of subtasks": (
        replacing(
            '["elementary_mathematics", "high_school_mathematics", "conceptual_physics"]',
            '["conceptual_physics", " elementary_mathematics", "high_school_mathematics",'
            ' "conceptual_physics"]',
        ),
        {},
    ),
    "renaming the fine-tune": (
        replacing("fine_tune.conversions", "fine_tune.units"),
        {"fine_tune.units": "move"},
    ),
    "renaming the evaluation": (
        replacing("[evaluation.mmlu]", "[evaluation.knowledge]"),
        {"evaluation.knowledge": "move"},
    ),
    "renaming the dataset": (
        replacing("dataset.conversions", "dataset.questions"),
        {"dataset.questions": "create", "dataset.conversions": "forget"},
    ),
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with project(tmp_path_factory.mktemp("applied"), "quickstart") as made:
        made.apply()
        yield made


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_that_is_not_behaviour_plans_no_run(shared: Project, name: str) -> None:
    file = shared.root / STACK
    before = file.read_text()
    edit, expected = EDITS[name]
    try:
        edit(shared)
        plan = shared.plan()
    finally:
        file.write_text(before)
    started = [a for a, c in plan.items() if a.startswith(RUNS) and c["action"] in STARTS]
    assert started == []
    assert {address: change["action"] for address, change in plan.items()} == expected


def test_noting_tagging_and_renaming_settle_with_one_apply(applied: Project) -> None:
    for name in ("a tag", "the output location", "a description", "renaming the evaluation"):
        EDITS[name][0](applied)
    applied.apply()
    assert applied.plan() == {}
    assert applied.paid() == 2
