"""What a stack is told about a benchmark offline, and what enters its digest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nvx.core.address import Address
from nvx.core.values import Reference
from nvx.data.catalogue import benchmarks
from nvx.kinds.common.model import roles_of
from nvx.kinds.evaluation.benchmark import Benchmarks
from support.runs import APP, STACK, checked, declared, problems

QWEN = "huggingface-reasoning-qwen3-06b"
NOVA = "nova-textgeneration-lite-v2"
PACKAGE = "arn:aws:sagemaker:us-west-2:000000000000:model-package/support/1"
TUNED = Address("fine_tune", "support")
LOGGED = replace(STACK, mlflow=APP)
GOOD: dict[str, Any] = {"model": QWEN, "benchmark": "mmlu"}


def found(**fields: Any) -> list[Any]:
    return problems(Benchmarks, LOGGED, **{**GOOD, **fields})


def codes(**fields: Any) -> list[str]:
    return [problem.code for problem in found(**fields)]


def digest(**fields: Any) -> str:
    return declared(Benchmarks, "exam", LOGGED, **{**GOOD, **fields}).digest


@pytest.mark.parametrize("name", sorted(n for n, b in benchmarks().items() if b.serverless))
def test_every_serverless_benchmark_can_be_asked(name: str) -> None:
    assert codes(model=NOVA, benchmark=name) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"benchmark": "mmlu-pro"}, 'Did you mean "mmlu_pro"?'),
        ({"benchmark": "llm_judge"}, "cannot be run by a serverless evaluation"),
        ({"benchmark": "humaneval", "model": NOVA}, "cannot be run by a serverless"),
        ({"benchmark": "mmmu"}, "only for models of the family nova"),
        ({"subtasks": ["anatmy"]}, 'Did you mean "anatomy"?'),
        ({"subtasks": ["ALL"]}, 'has no subtask "ALL"'),
        ({"subtasks": []}, "subtasks is empty"),
        ({"benchmark": "gpqa", "subtasks": ["x"]}, "gpqa has no subtasks"),
        ({"model": "not a model"}, "no name of a model"),
        ({"model": PACKAGE.removesuffix("/1")}, "model-package/support"),
        ({"model": PACKAGE.replace("us-west-2", "us-east-1")}, "only models of its own region"),
        ({"compare_base": True}, "is a base model itself"),
        ({"model_group": "a b"}, "model_group"),
        ({"gate": {"accuracy": {}}}, "needs min, max or max_drop"),
        ({"gate": {"accuracy": {"min": 0.5, "max": 0.4}}}, "above max"),
        ({"gate": {"accuracy": {"max_drop": 0.1}}}, "base model, which is not evaluated"),
        ({"gate": {"accuracy": {"min": 0.1, "baseline": "previous"}}}, "for max_drop"),
        ({"gate": {"accuracy": {"max_drop": 0.1, "baseline": "mmlu"}}}, "evaluation.<name>"),
    ],
)
def test_each_mistake_is_told_with_what_is_allowed(fields: dict[str, Any], words: str) -> None:
    texts = [f"{problem.detail} {problem.hint}" for problem in found(**fields)]
    assert any(words in text for text in texts), texts


@pytest.mark.parametrize(
    "gate",
    [
        {"min": 0.5},
        {"min": 0.4, "max": 0.9, "max_drop": 0.01},
        {"max_drop": 1, "baseline": "previous"},
        {"max_drop": 0.0, "baseline": "evaluation.other"},
        {"max_drop": 0.0, "baseline": 'evaluation.suite["mmlu"]'},
    ],
)
def test_sound_gates_pass(gate: dict[str, Any]) -> None:
    assert codes(model=PACKAGE, compare_base=True, gate={"accuracy": gate}) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"gate": {"accuracy": {"minimum": 1}}},
        {"gate": {"accuracy": {"min": float("nan")}}},
        {"gate": {"accuracy": {"max_drop": -1.0}}},
        {"temperature": -1.0},
        {"top_p": 1.1},
        {"max_new_tokens": 0},
        {"mlflow": {"run": "x"}},
        {"subtask": "x"},
    ],
)
def test_the_model_refuses_wrong_values_and_unknown_keys(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        checked(Benchmarks, **{**GOOD, **fields})


def test_a_base_model_needs_an_mlflow_app() -> None:
    assert [p.code for p in problems(Benchmarks, STACK, **GOOD)] == ["EV-09"]
    own = {**GOOD, "mlflow": {"app": APP}}
    assert problems(Benchmarks, STACK, **own) == []
    tuned = {**GOOD, "model": PACKAGE}
    assert problems(Benchmarks, STACK, **tuned) == []
    compared = {**tuned, "compare_base": True}
    assert [p.code for p in problems(Benchmarks, STACK, **compared)] == ["EV-09"]


def test_every_field_has_one_role() -> None:
    assert roles_of(Benchmarks.model)


@pytest.mark.parametrize(
    "subtasks",
    [
        ["anatomy", "virology"],
        ["virology", "anatomy"],
        [" anatomy", "virology ", "anatomy"],
        "virology, anatomy",
    ],
)
def test_subtasks_are_a_set(subtasks: Any) -> None:
    assert digest(subtasks=subtasks) == digest(subtasks=["anatomy", "virology"])


@pytest.mark.parametrize(
    "fields",
    [
        {"subtasks": "ALL"},
        {"subtasks": "all "},
        {"subtasks": None},
        {"compare_base": False},
        {"lineage": True},
        {"max_runtime": 60},
        {"accept_eula": True},
        {"gate": {"accuracy": {"min": 0.1}}},
        {"mlflow": {"app": APP}},
    ],
)
def test_what_is_no_behaviour_starts_no_run(fields: dict[str, Any]) -> None:
    assert digest(**fields) == digest()


@pytest.mark.parametrize(
    "fields",
    [
        {"model": NOVA},
        {"model": PACKAGE},
        {"benchmark": "bbh"},
        {"subtasks": ["anatomy"]},
        {"temperature": 0.5},
        {"top_k": -1},
        {"repeat": 2},
    ],
)
def test_behaviour_is_another_run(fields: dict[str, Any]) -> None:
    assert digest(**fields) != digest()


def test_an_alias_is_the_hub_name() -> None:
    assert digest(model="amazon.nova-2-lite-v1") == digest(model=NOVA)


def test_a_fine_tune_enters_by_its_digest() -> None:
    def of(seed: str) -> str:
        fields = {**GOOD, "model": Reference(TUNED, "model_arn")}
        return declared(Benchmarks, "exam", LOGGED, {TUNED: seed}, **fields).digest

    assert of("one") == of("one")
    assert of("one") != of("two")


@given(st.text(max_size=60), st.lists(st.text(max_size=20), max_size=4))
def test_property_any_text_gives_diagnostics_not_a_traceback(
    text: str, names: list[str]
) -> None:
    assert isinstance(codes(model=text, benchmark=text, subtasks=names), list)
    assert isinstance(codes(subtasks=names), list)
