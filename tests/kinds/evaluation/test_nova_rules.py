"""The rules of Nova evaluation recipes: a case that breaks each, and one that keeps it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, DiagnosticError, Severity
from nvx.core.kind import KindSpec
from nvx.core.values import Reference
from nvx.kinds.evaluation.nova_recipe import NovaRecipes
from nvx.kinds.evaluation.nova_recipe_case import case_of
from nvx.kinds.evaluation.nova_recipe_rules import RULES, problems_of
from support.runs import STACK, FixedSources, checked, declared, problems

FUNCTION = "arn:aws:lambda:us-west-2:000000000000:function:SageMaker-scorer"
OTHER = "arn:aws:lambda:us-west-2:000000000000:function:scorer"
ESCROW = "s3://customer-escrow-000000000000"
LITE = "amazon.nova-lite-v1:0:300k"
TWO_LITE = {"model": "nova-2-lite", "instance_type": "ml.p5.48xlarge"}
GEN_QA = {"evaluation": {"task": "gen_qa"}, "dataset": "s3://bucket/gen_qa.jsonl"}
JUDGE = {"evaluation": {"task": "llm_judge"}, "dataset": "s3://bucket/llm_judge.jsonl"}
RFT = {"evaluation": {"task": "rft_eval"}, "dataset": "s3://bucket/x.jsonl"}
SPEC: type[KindSpec] = NovaRecipes


def block(**fields: Any) -> dict[str, Any]:
    return {
        "model": "nova-lite",
        "instance_type": "ml.g5.12xlarge",
        "evaluation": {"task": "mmlu"},
        **fields,
    }


def found(platform: str = "smtj", **fields: Any) -> list[Diagnostic]:
    if platform == "smtj":
        return problems(SPEC, **block(**fields))
    return list(problems_of(case_of(checked(SPEC, **block(**fields)), platform)))


BREAKS: list[tuple[str, dict[str, Any]]] = [
    ("N-01", {"run": {"replicas": 2}}),
    ("N-01", {"run": {"replicas": 17}, "several_nodes": True}),
    ("N-01", {"run": {"replicas": 0}}),
    ("N-02", {"model": None}),
    ("N-02", {"model": "nova-lyte"}),
    ("N-02", {"run": {"model_type": "amazon.nova-pro-v1:0:300k"}}),
    ("N-02", {"run": {"model_type": "amazon.nova-lite-v9"}}),
    ("N-02", {"model": "s3://bucket/checkpoint"}),
    ("N-03", {"dataset": "s3://bucket/gen_qa.jsonl"}),
    ("N-03", {"evaluation": {"task": "gen_qa"}}),
    ("N-03", {**GEN_QA, "dataset": "data.csv"}),
    ("N-04", {"inference": {"reasoning_effort": "low"}}),
    ("N-04", {**TWO_LITE, "inference": {"reasoning_effort": "medium"}}),
    ("N-05", {"inference": {"top_p": 1.1}}),
    ("N-05", {"inference": {"temperature": -0.1}}),
    ("N-05", {"inference": {"top_logprobs": 21}}),
    ("N-05", {"inference": {"max_new_tokens": 0}}),
    ("N-05", {**TWO_LITE, "inference": {"max_new_tokens": 32769}}),
    ("N-06", {"evaluation": {"task": "mmlu", "strategy": "fs_cot"}}),
    ("N-06", {"evaluation": {"task": "mmlu", "metric": "exact_match"}}),
    ("N-07", {"evaluation": {"task": "mmlu", "subtask": "mathematics"}}),
    ("N-07", {"evaluation": {"task": "gpqa", "subtask": "physics"}}),
    ("N-08", {"processor": {"lambda_arn": FUNCTION}}),
    ("N-08", {"rl_env": {"reward_lambda_arn": FUNCTION}}),
    ("N-08", RFT),
    ("N-08", {**GEN_QA, "processor": {"preset_reward_function": "prime_math"}}),
    ("N-09", {**GEN_QA, "processor": {"lambda_arn": f"{FUNCTION}:1"}}),
    ("N-10", {"evaluation": {"task": "rubric_llm_judge"}, "dataset": JUDGE["dataset"]}),
    ("N-10", {**JUDGE, **TWO_LITE}),
    ("N-11", {"model": "nova-micro", "evaluation": {"task": "mmmu"}}),
    ("N-13", {"model": f"{ESCROW}-hp-1/x", "run": {"model_type": LITE}}),
    ("N-14", {"instance_type": "ml.g4dn.xlarge"}),
    ("N-15", {"run": {"name": "-x"}}),
    ("N-15", {"run": {"name": "x" * 64}}),
]
KEEPS: list[tuple[str, dict[str, Any]]] = [
    ("N-01", {"run": {"replicas": 16}, "several_nodes": True}),
    ("N-02", {"run": {"model_type": LITE}}),
    ("N-02", {"model": "s3://bucket/checkpoint", "run": {"model_type": LITE}}),
    ("N-02", {"model": None, "run": {"model_name_or_path": "nova-lite/prod"}}),
    ("N-03", GEN_QA),
    ("N-04", {**TWO_LITE, "inference": {"reasoning_effort": "low"}}),
    ("N-05", {"inference": {"top_p": 1, "temperature": 0, "top_logprobs": 20, "top_k": -1}}),
    ("N-06", {"evaluation": {"task": "bbh", "strategy": "zs_cot", "metric": "accuracy"}}),
    ("N-07", {"evaluation": {"task": "mmlu", "subtask": "abstract_algebra, anatomy"}}),
    ("N-07", {"evaluation": {"task": "mmmu", "subtask": ["art_theory", "Accounting"]}}),
    ("N-08", {**GEN_QA, "processor": {"lambda_arn": FUNCTION}}),
    ("N-08", {**RFT, "rl_env": {"reward_lambda_arn": FUNCTION}}),
    ("N-08", {**GEN_QA, **TWO_LITE, "processor": {"preset_reward_function": "prime_math"}}),
    ("N-09", {**GEN_QA, "processor": {"lambda_arn": FUNCTION}}),
    ("N-10", JUDGE),
    ("N-11", {"evaluation": {"task": "mmmu"}}),
    ("N-13", {"model": f"{ESCROW}-smtj-1/x", "run": {"model_type": LITE}}),
    ("N-14", {"instance_type": "ml.g4dn.xlarge", "unlisted_instance": True}),
    ("N-15", {"run": {"name": "exam-1"}}),
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
        ("N-07", {"evaluation": {"task": "strong_reject", "subtask": "offensive_language"}}),
        ("N-09", {**GEN_QA, "processor": {"lambda_arn": OTHER}}),
        ("N-14", {"model": "nova-micro", "instance_type": "ml.g5.4xlarge"}),
        ("nova-task", {"evaluation": {"task": "calendar_planning"}}),
        ("nova-judge-tokens", {**JUDGE, "inference": {"max_new_tokens": 100}}),
    ],
)
def test_what_sources_disagree_on_is_a_warning(code: str, fields: dict[str, Any]) -> None:
    assert [(p.code, p.severity) for p in found(**fields)] == [(code, Severity.WARNING)]


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("N-01", {"run": {"replicas": 2}, "several_nodes": True}),
        ("N-09", {**GEN_QA, "processor": {"lambda_arn": OTHER}}),
        ("N-13", {"model": f"{ESCROW}-smtj-1/x", "run": {"model_type": LITE}}),
    ],
)
def test_hyperpod_has_rules_of_its_own(code: str, fields: dict[str, Any]) -> None:
    assert not [p for p in found(**fields) if p.is_error]
    assert [p.code for p in found("smhp", **fields) if p.is_error] == [code]


def test_every_rule_that_needs_no_aws_and_no_file_has_a_case_on_both_sides() -> None:
    elsewhere = {"N-12", "N-16"}
    ids = {rule.id for rule in RULES}
    assert ids == {f"N-{number:02}" for number in range(1, 17)}
    assert {rule for rule, _ in BREAKS} == {rule for rule, _ in KEEPS} == ids - elsewhere


def test_the_french_name_of_a_task_gets_its_english_one() -> None:
    (problem,) = found(evaluation={"task": "rubrique_llm_judge"})
    assert 'Did you mean "rubric_llm_judge"?' in problem.detail


def test_a_region_without_images_needs_one_by_name() -> None:
    away = replace(STACK, region="eu-west-1")
    assert [p.code for p in problems(SPEC, away, **block())] == ["nova-image"]
    assert problems(SPEC, away, **block(image="1.dkr.ecr.eu-west-1.amazonaws.com/x:y")) == []


def test_a_recipe_is_written_in_one_place() -> None:
    assert [p.code for p in found(recipe="x.yaml")] == ["recipe"]
    assert [p.code for p in found(evaluation=None)] == ["recipe"]


def test_nova_micro_is_shown_no_images(tmp_path: Path) -> None:
    rows = '{"query": "q", "response": "r"}\n{"query": "q", "response": "r", "images": [{}]}\n'
    (tmp_path / "own.jsonl").write_text(rows)
    for model, expected in (("nova-micro", ["N-11"]), ("nova-lite", [])):
        fields = {**GEN_QA, "model": model, "dataset": "own.jsonl"}
        resource = replace(checked(SPEC, **block(**fields)), directory=str(tmp_path))
        identity = NovaRecipes.identity(resource, STACK, FixedSources())
        assert [p.code for p in identity.problems] == expected


def read(tmp_path: Path, text: str, **fields: Any) -> Any:
    (tmp_path / "recipe.yaml").write_text(text)
    block_of = {"instance_type": "ml.g5.12xlarge", "recipe": "recipe.yaml", **fields}
    return replace(checked(SPEC, **block_of), directory=str(tmp_path))


RECIPE = """\
run:
  name: exam
  model_type: amazon.nova-lite-v1:0:300k
  model_name_or_path: nova-lite/prod
  replicas: 1
  data_s3_path: ""
  output_s3_path: s3://bucket/out
evaluation:
  task: mmlu
  strategy: zs_cot
  metric: accuracy
  subtask: anatomy,abstract_algebra
inference:
  max_new_tokens: 100
"""


@pytest.mark.parametrize(
    ("before", "after", "code", "line"),
    [
        ("replicas: 1", "replica: 1", "N-16", 5),
        ("inference:", "inferences:", "N-16", 13),
        ("replicas: 1", "replicas: 2", "N-01", 5),
        ("max_new_tokens: 100", "max_new_tokens: 1.5", "N-05", 14),
        ("task: mmlu", "tasks: mmlu", "recipe", 8),
        ("strategy: zs_cot", "strategy: zs", "N-06", 10),
    ],
)
def test_a_file_has_the_same_rules_with_its_own_places(
    tmp_path: Path, before: str, after: str, code: str, line: int
) -> None:
    resource = read(tmp_path, RECIPE.replace(before, after))
    with pytest.raises(DiagnosticError) as refused:
        NovaRecipes.identity(resource, STACK, FixedSources())
    problem = next(p for p in refused.value.diagnostics if p.code == code)
    assert problem.location is not None
    assert (Path(problem.location.file).name, problem.location.line) == ("recipe.yaml", line)


def test_a_file_and_a_block_that_say_the_same_have_one_digest(tmp_path: Path) -> None:
    written = block(
        evaluation={"task": "mmlu", "subtask": ["anatomy", "abstract_algebra", "anatomy"]},
        inference={"max_new_tokens": 100, "top_k": -1},
    )
    by_hand = NovaRecipes.identity(checked(SPEC, **written), STACK, FixedSources())
    for text in (RECIPE, RECIPE.replace("  ", "      ") + "# a remark\n"):
        by_file = NovaRecipes.identity(read(tmp_path, text), STACK, FixedSources())
        assert by_file.inputs == by_hand.inputs
    assert by_file.circumstance["run"] == {"name": "exam", "output_s3_path": "s3://bucket/out"}


@given(
    st.binary(max_size=300)
    | st.from_regex(r"(run|evaluation):( \\{.*|\n  .*)", fullmatch=True).map(str.encode)
)
def test_any_bytes_are_a_recipe_or_a_diagnostic(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "recipe.yaml").write_bytes(data)
        named = {"instance_type": "ml.g5.12xlarge", "recipe": "recipe.yaml"}
        resource = replace(checked(SPEC, **named), directory=folder)
        with suppress(DiagnosticError):
            NovaRecipes.identity(resource, STACK, FixedSources())


def test_what_stands_beside_a_file_goes_before_its_own(tmp_path: Path) -> None:
    resource = read(tmp_path, RECIPE, model="nova-pro", instance_type="ml.p5.48xlarge")
    with pytest.raises(DiagnosticError) as refused:
        NovaRecipes.identity(resource, STACK, FixedSources())
    assert [p.code for p in refused.value.diagnostics] == ["N-02"]
    text = RECIPE.replace("  model_type: amazon.nova-lite-v1:0:300k\n", "")
    resource = read(tmp_path, text, model="nova-pro", instance_type="ml.p5.48xlarge")
    found = NovaRecipes.identity(resource, STACK, FixedSources())
    assert found.inputs["model"] == "nova-textgeneration-pro"


def test_what_does_not_change_the_question_does_not_change_the_digest() -> None:
    def digest(**fields: Any) -> str:
        return declared(SPEC, **block(**fields)).digest

    plain = digest()
    same: list[dict[str, Any]] = [
        {"model": "nova-lite/prod"},
        {"model": "nova-textgeneration-lite"},
        {"model": None, "run": {"model_name_or_path": "nova-lite/prod", "name": "other"}},
        {"evaluation": {"task": "mmlu", "strategy": "zs_cot", "metric": "accuracy"}},
        {"inference": {"top_p": 1.0, "top_k": -1, "max_new_tokens": 8196}},
        {"instance_type": "ml.p5.48xlarge", "volume_gb": 100, "max_runtime": 60},
        {"run": {"mlflow_tracking_uri": "arn:x", "replicas": 1}},
        {"gate": {"accuracy": {"min": 0.5}}},
    ]
    assert {digest(**fields) for fields in same} == {plain}
    other: list[dict[str, Any]] = [
        {"model": "nova-micro"},
        {"evaluation": {"task": "mmlu", "subtask": "anatomy"}},
        {"inference": {"top_k": 50}},
        {"repeat": 2},
    ]
    assert len({plain, *(digest(**fields) for fields in other)}) == 5


def test_a_checkpoint_is_of_the_model_that_its_fine_tune_names() -> None:
    tuned = Address("fine_tune", "tuned")
    fields = block(model=Reference(tuned, "checkpoint_uri"), instance_type="ml.p5.48xlarge")
    resource = checked(SPEC, **fields)
    target = replace(resource, address=tuned, config=_Tuned())
    assert [p.code for p in problems(SPEC, **fields)] == ["N-02"]
    assert list(NovaRecipes.check(replace(resource, targets={tuned: target}), STACK)) == []


class _Tuned:
    base_model = "nova-pro"
