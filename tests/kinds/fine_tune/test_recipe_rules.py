"""The rules of Nova fine-tune recipes: a case that breaks each, and one that keeps it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nvx.core.diagnostics import Diagnostic, DiagnosticError, Severity
from nvx.core.kind import KindSpec
from nvx.core.ports import Source
from nvx.data.nova_tuning import TECHNIQUES, offers, shape_of
from nvx.kinds.fine_tune.recipe import RecipeTunes
from nvx.kinds.fine_tune.recipe_case import case_of
from nvx.kinds.fine_tune.recipe_rules import RULES, problems_of, row_problems
from support.runs import STACK, FixedSources, checked, declared, problems

SPEC: type[KindSpec] = RecipeTunes
FUNCTION = "arn:aws:lambda:us-west-2:000000000000:function:SageMaker-reward"
ESCROW = "s3://customer-escrow-000000000000"
KEY = "alias/own"


def block(**fields: Any) -> dict[str, Any]:
    return {
        "technique": "sft",
        "base_model": "nova-lite",
        "dataset": "s3://bucket/train.jsonl",
        "instance_type": "ml.p5.48xlarge",
        **fields,
    }


def config(**values: Any) -> dict[str, Any]:
    return {"training_config": values}


TWO = {"base_model": "nova-2-lite", **config(max_steps=100)}
RFT = {
    "technique": "rft",
    "base_model": "nova-2-lite",
    "reward_function": FUNCTION,
    **config(trainer={"max_steps": 10}),
}
DISTILL = {
    "technique": "distillation",
    "base_model": "nova-pro",
    "instance_type": "ml.r5.24xlarge",
    "kms_key": KEY,
}


def found(**fields: Any) -> list[Diagnostic]:
    return problems(SPEC, **block(**fields))


BREAKS: list[tuple[str, dict[str, Any]]] = [
    ("F-01", {"technique": "dpo", **TWO, **config()}),
    ("F-01", {"technique": "rft", "reward_function": FUNCTION}),
    ("F-03", config(trainer={"max_epochs": 0})),
    ("F-03", config(trainer={"max_epochs": 1.5})),
    ("F-03", config(global_batch_size=48)),
    ("F-03", config(model={"optim": {"betas": "0.9"}})),
    ("F-03", config(model={"hidden_dropout": 1.1})),
    ("F-03", config(model={"peft": {"peft_scheme": "lora"}})),
    (
        "F-03",
        {"training_type": "FULL", **config(model={"peft": {"lora_tuning": {"alpha": 64}}})},
    ),
    ("F-03", {"technique": "dpo", **config(max_length=1000)}),
    ("F-03", {"technique": "dpo", **config(max_length=2000)}),
    (
        "F-03",
        {"technique": "dpo", "instance_type": "ml.p4d.24xlarge", **config(max_length=32768)},
    ),
    ("F-03", {**TWO, **config(max_steps=100, save_top_k=2)}),
    ("F-03", {"ppo_reward": {"max_length": 8192}}),
    ("F-03", {**DISTILL, **config(maxResponseLength="6000")}),
    ("F-04", {**TWO, **config()}),
    ("F-04", {**TWO, **config(max_steps=100, save_steps=101)}),
    ("F-04", config(model={"optim": {"lr": 1e-6}})),
    ("F-05", {"replicas": 1}),
    ("F-05", {"base_model": "nova-pro", "replicas": 4}),
    ("F-06", {"dataset": None}),
    ("F-06", {"dataset": "data/train.jsonl"}),
    ("F-07", {**RFT, "reward_function": None}),
    ("F-07", {"reward_function": FUNCTION}),
    ("F-08", {**DISTILL, "kms_key": None}),
    ("F-08", {**DISTILL, "base_model": "nova-premier"}),
    ("N-02", {"base_model": "nova-lyte"}),
    ("N-02", {"run": {"model_type": "amazon.nova-pro-v1:0:300k"}}),
    ("N-02", {"run": {"model_name_or_path": "nova-pro/prod"}}),
    ("N-02", {"source_model": "checkpoint"}),
    ("N-09", {**RFT, "reward_function": f"{FUNCTION}:1"}),
    ("N-13", {"source_model": f"{ESCROW}-hp-1/x"}),
    ("N-14", {"instance_type": "ml.g5.2xlarge"}),
    ("N-15", {"run": {"name": "a_b"}}),
    ("N-16", config(trainer={"max_epoch": 2})),
]
KEEPS: list[tuple[str, dict[str, Any]]] = [
    ("F-01", {"technique": "dpo"}),
    ("F-02", {}),
    ("F-03", config(model={"optim": {"betas": [0.9, 0.99]}}, global_batch_size=16)),
    ("F-03", {"technique": "dpo", "training_type": "FULL", **config(global_batch_size=128)}),
    ("F-03", {**RFT, **config(trainer={"max_steps": 5}, reasoning_effort="low")}),
    ("F-04", {**TWO, **config(max_steps=100, save_steps=100)}),
    ("F-05", {"replicas": 8}),
    ("F-05", {**TWO, "replicas": 1}),
    ("F-06", {"validation_dataset": "s3://bucket/valid.jsonl"}),
    ("F-07", RFT),
    ("F-08", DISTILL),
    ("N-02", {"run": {"model_type": "amazon.nova-lite-v1:0:300k"}}),
    ("N-09", RFT),
    ("N-13", {"source_model": f"{ESCROW}-smtj-1/x"}),
    ("N-14", {"instance_type": "ml.g5.2xlarge", "unlisted_instance": True}),
    ("N-15", {"run": {"name": "tune-1"}}),
    ("N-16", config(max_length=8192)),
]


@pytest.mark.parametrize(("rule", "fields"), BREAKS)
def test_what_breaks_a_rule_is_an_error_with_its_number(
    rule: str, fields: dict[str, Any]
) -> None:
    assert {p.code for p in found(**fields) if p.is_error} == {rule}


@pytest.mark.parametrize(("rule", "fields"), KEEPS)
def test_what_keeps_a_rule_has_no_problem(rule: str, fields: dict[str, Any]) -> None:
    assert found(**fields) == []


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("F-02", {"technique": "cpt", "training_type": "FULL"}),
        ("F-02", {"technique": "ppo", **config(clip_ratio=0.2)}),
        ("F-03", {"technique": "dpo", **config(model={"dpo_cfg": {"beta": 0.3}})}),
        ("F-06", {**TWO, "validation_dataset": "s3://bucket/valid.jsonl"}),
    ],
)
def test_what_may_be_right_is_a_warning(code: str, fields: dict[str, Any]) -> None:
    assert [(p.code, p.severity) for p in found(**fields)] == [(code, Severity.WARNING)]


def test_every_rule_has_a_case_on_both_sides() -> None:
    by_rows, by_warning = {"F-09"}, {"F-02"}
    ids = {rule.id for rule in RULES} - by_rows
    assert {rule for rule, _ in BREAKS} == ids - by_warning
    assert {rule for rule, _ in KEEPS} == ids


def test_a_dataset_has_at_least_a_batch_of_rows() -> None:
    case = case_of(checked(SPEC, **block(**config(global_batch_size=32))))
    assert [p.code for p in row_problems(case, Source("x", 1, rows=31))] == ["F-09"]
    assert list(row_problems(case, Source("x", 1, rows=32))) == []


@pytest.mark.parametrize(
    ("technique", "base_model", "fields"),
    [
        ("cpt", "nova-micro", {"training_type": "FULL"}),
        ("cpt", "nova-2-lite", {"training_type": "FULL", **config(trainer={"max_steps": 10})}),
        ("ppo", "nova-pro", {"ppo_reward": {"max_length": 8192}}),
        ("sft", "nova-2-lite", config(max_steps=10, save_top_k=2)),
    ],
)
def test_hyperpod_runs_what_training_jobs_do_not(
    technique: str, base_model: str, fields: dict[str, Any]
) -> None:
    given = block(technique=technique, base_model=base_model, **fields)
    case = case_of(checked(SPEC, **given), "smhp")
    assert [p for p in problems_of(case, STACK) if p.is_error] == []


def test_every_offer_has_a_shape() -> None:
    generations = {"nova-micro": 1, "nova-lite": 1, "nova-pro": 1, "nova-2-lite": 2}
    for technique in TECHNIQUES:
        for model, generation in generations.items():
            both = (*offers(model, technique, "smtj"), *offers(model, technique, "smhp"))
            assert bool(both) <= bool(shape_of(technique, generation)), (model, technique)


RECIPE = """\
run:
  name: tune
  model_type: amazon.nova-lite-v1:0:300k
  model_name_or_path: nova-lite/prod
  replicas: 4
  data_s3_path: s3://bucket/train.jsonl
  output_s3_path: ""
training_config:
  max_length: 32768
  trainer: {max_epochs: 3}
  model:
    optim:
      lr: 2e-5
    peft:
      peft_scheme: lora
"""


def from_file(tmp_path: Path, text: str, **fields: Any) -> Any:
    (tmp_path / "recipe.yaml").write_text(text)
    given = block(recipe="recipe.yaml", dataset=None, **fields)
    return replace(checked(SPEC, **given), directory=str(tmp_path))


def test_a_file_and_a_block_that_say_the_same_have_one_digest(tmp_path: Path) -> None:
    values = config(trainer={"max_epochs": 3}, model={"optim": {"lr": 2e-5}})
    by_hand = RecipeTunes.identity(checked(SPEC, **block(**values)), STACK, FixedSources())
    by_file = RecipeTunes.identity(from_file(tmp_path, RECIPE), STACK, FixedSources())
    assert by_file.inputs == by_hand.inputs
    full = RECIPE.replace("peft_scheme: lora", "peft_scheme: null")
    changed = RecipeTunes.identity(from_file(tmp_path, full), STACK, FixedSources())
    assert changed.inputs == {**by_hand.inputs, "training_type": "FULL"}


@pytest.mark.parametrize(
    ("before", "after", "code", "line"),
    [
        ("max_epochs: 3", "max_epoch: 3", "N-16", 10),
        ("replicas: 4", "replica: 4", "N-16", 5),
        ("replicas: 4", "replicas: 5", "F-05", 0),
        ("lr: 2e-5", "lr: fast", "F-03", 13),
    ],
)
def test_a_file_has_the_same_rules_with_its_own_places(
    tmp_path: Path, before: str, after: str, code: str, line: int
) -> None:
    with pytest.raises(DiagnosticError) as refused:
        RecipeTunes.identity(
            from_file(tmp_path, RECIPE.replace(before, after)), STACK, FixedSources()
        )
    problem = next(p for p in refused.value.diagnostics if p.code == code)
    assert problem.location is not None
    assert line in (0, problem.location.line)


def test_what_does_not_change_the_training_does_not_change_the_digest() -> None:
    def digest(**fields: Any) -> str:
        return declared(SPEC, **block(**fields)).digest

    plain = digest()
    same: list[dict[str, Any]] = [
        {"base_model": "nova-textgeneration-lite"},
        {"replicas": 4, "training_type": "LORA"},
        config(trainer={"max_epochs": 2}, max_length=32768, global_batch_size=64),
        {"run": {"name": "other"}, "instance_type": "ml.p5en.48xlarge", "model_group": "tuned"},
    ]
    assert {digest(**fields) for fields in same} == {plain}
    other: list[dict[str, Any]] = [
        {"replicas": 8},
        {"training_type": "FULL"},
        config(trainer={"max_epochs": 3}),
        {"source_model": f"{ESCROW}-smtj-1/x"},
        {"repeat": 2},
    ]
    assert len({plain, *(digest(**fields) for fields in other)}) == 6
