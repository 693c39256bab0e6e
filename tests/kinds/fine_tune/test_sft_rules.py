"""What a stack is told about a serverless fine-tune offline, and what enters its digest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nvx.core.address import Address
from nvx.core.values import Reference
from nvx.kinds.common.model import roles_of
from nvx.kinds.fine_tune.serverless_sft import ServerlessSft
from support.runs import STACK, checked, declared, problems

ARN = "arn:aws:sagemaker:us-west-2:000000000000"
DATA = f"{ARN}:hub-content/registry/DataSet/tickets/1.0.0"
TICKETS = Address("dataset", "tickets")
GOOD: dict[str, Any] = {
    "base_model": "nova-textgeneration-lite-v2",
    "dataset": DATA,
    "model_group": "support",
}


def codes(**fields: Any) -> list[str]:
    return [found.code for found in problems(ServerlessSft, **{**GOOD, **fields})]


def digest(**fields: Any) -> str:
    return declared(ServerlessSft, **{**GOOD, **fields}).digest


def test_a_sound_block_has_no_problem() -> None:
    assert codes() == []
    assert (
        codes(dataset="s3://bucket/train.jsonl", source_model=f"{ARN}:model-package/a/1") == []
    )


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"base_model": "not a model"}, "FT-01"),
        ({"dataset": "data/train.jsonl"}, "FT-02"),
        ({"dataset": DATA.removesuffix("/1.0.0")}, "FT-02"),
        ({"validation_dataset": "x"}, "FT-02"),
        ({"model_group": None}, "FT-04"),
        ({"model_group": "not a group"}, "FT-04"),
        ({"source_model": "s3://bucket/checkpoint"}, "FT-04"),
        (
            {"source_model": f"{ARN}:model-package/a/1".replace("us-west-2", "us-east-1")},
            "FT-04",
        ),
        ({"output": "/data/out"}, "FT-11"),
        ({"output": "s3://bucket/{{x}}"}, "FT-11"),
        ({"mlflow": {}}, "FT-11"),
        ({"hyperparameters": {"model_type": "x"}}, "FT-05"),
        ({"hyperparameters": {"data_path": "x"}}, "FT-05"),
        ({"hyperparameters": {"note": "a;b"}}, "FT-05"),
        ({"hyperparameters": {"note": "a" * 2501}}, "FT-05"),
        ({"hyperparameters": {"save_steps": 20, "max_steps": 10}}, "FT-06"),
        ({"tags": {"nvx:stack": "x"}}, "FT-14"),
    ],
)
def test_each_mistake_is_named(fields: dict[str, Any], code: str) -> None:
    assert code in codes(**fields)


def test_a_stack_without_role_and_bucket_is_told_so() -> None:
    bare = replace(STACK, role="", bucket="")
    found = [p.code for p in problems(ServerlessSft, bare, **GOOD)]
    assert found == ["FT-11", "FT-11"]


def test_another_region_is_a_warning() -> None:
    (found,) = problems(ServerlessSft, replace(STACK, region="eu-north-1"), **GOOD)
    assert not found.is_error


@pytest.mark.parametrize(
    "fields",
    [
        {"training_type": "QLORA"},
        {"sequence_length": "8k"},
        {"repeat": 0},
        {"max_runtime": 0},
        {"learning_rate": 1},
        {"hyperparameters": {"x": [1]}},
        {"vpc": {"subnets": ["subnet-1"]}},
        {"accept_eula": "yes"},
    ],
)
def test_the_model_refuses_wrong_types_and_unknown_keys(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        checked(ServerlessSft, **{**GOOD, **fields})


def test_every_field_has_one_role() -> None:
    assert roles_of(ServerlessSft.model)


@pytest.mark.parametrize(
    "fields",
    [
        {"training_type": "LORA"},
        {"repeat": 1},
        {"hyperparameters": {}},
        {"base_model": "amazon.nova-2-lite-v1"},
        {"model_group": "another"},
        {"role": "arn:aws:iam::000000000000:role/other"},
        {"output": "s3://bucket/x"},
        {"max_runtime": 60},
        {"accept_eula": True},
        {"protect": True},
        {"description": "x", "tags": {"a": "b"}},
    ],
)
def test_what_is_no_behaviour_starts_no_run(fields: dict[str, Any]) -> None:
    assert digest(**fields) == digest()


@pytest.mark.parametrize(
    "fields",
    [
        {"training_type": "FULL"},
        {"repeat": 2},
        {"hyperparameters": {"max_steps": 1}},
        {"base_model": "nova-textgeneration-lite"},
        {"dataset": DATA.replace("1.0.0", "1.0.1")},
        {"validation_dataset": DATA},
        {"sequence_length": "8K"},
        {"source_model": f"{ARN}:model-package/a/1"},
    ],
)
def test_behaviour_is_another_run(fields: dict[str, Any]) -> None:
    assert digest(**fields) != digest()


def test_equal_numbers_are_one_run() -> None:
    whole = digest(hyperparameters={"max_steps": 2})
    assert digest(hyperparameters={"max_steps": 2.0}) == whole
    assert digest(hyperparameters={"max_steps": "2"}) != whole
    assert digest(hyperparameters={"max_steps": True}) != digest(
        hyperparameters={"max_steps": 1}
    )


def test_a_dataset_enters_by_its_content_not_its_name() -> None:
    other = Address("dataset", "renamed")
    one = digest_of_reference(TICKETS, "same")
    assert digest_of_reference(other, "same") == one
    assert digest_of_reference(TICKETS, "changed") != one


def digest_of_reference(address: Address, seed: str) -> str:
    fields = {**GOOD, "dataset": Reference(address, "arn")}
    return declared(ServerlessSft, others={address: seed}, **fields).digest


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=30), max_size=3))
def test_property_any_hyperparameters_give_diagnostics_not_a_traceback(
    values: dict[str, str],
) -> None:
    assert isinstance(codes(hyperparameters=values), list)


@given(st.text(max_size=80), st.text(max_size=80))
def test_property_any_text_as_model_or_dataset_gives_diagnostics(one: str, two: str) -> None:
    assert isinstance(codes(base_model=one, dataset=two, model_group=one, output=two), list)
