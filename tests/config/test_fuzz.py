"""Whatever a stack file holds, it loads or gives diagnostics: no other exception."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nvx.config.stack import load_stack
from nvx.config.variables import VariableInput
from nvx.core.diagnostics import DiagnosticError
from nvx.kinds import all_specs
from support.toml_documents import VALUES, documents

VALID = b"""\
[stack]
name = "support-${var.env}"
region = "us-west-2"
account = "123456789012"
role = "arn:aws:iam::123456789012:role/train"
bucket = "nvx-support"
tags = { team = "support" }

[variables.env]
type = "string"
default = "dev"

[locals]
rates = { slow = 1e-6, fast = "${local.top}" }
top = 1e-5

[dataset.tickets]
source = "data/tickets.jsonl"
technique = "sft"

[evaluator.exact]
type = "reward_function"
source = "exact.py"

[model_group.support]
description = "for ${stack.name}"

[fine_tune.support]
method = "sft"
base_model = "nova-textgeneration-lite-v2"
dataset = "${dataset.tickets}"
model_group = "${model_group.support}"
hyperparameters = { max_steps = 200, learning_rate = 1e-5 }
depends_on = ["evaluator.exact"]

[evaluation.mmlu]
type = "benchmark"
model = "${fine_tune.support}"
benchmark = "mmlu"
subtasks = ["abstract_algebra", "anatomy"]

[evaluation.mmlu.gate.accuracy]
min = 0.55

[fine_tune.rate]
for_each = "${local.rates}"
method = "sft"
base_model = "nova-textgeneration-lite-v2"
dataset = "${dataset.tickets}"
model_group = "${model_group.support}"
hyperparameters = { learning_rate = "${each.value}", max_steps = 7 }

[evaluation.suite]
matrix.model = ["${fine_tune.support}", '${fine_tune.rate["slow"]}']
matrix.benchmark = ["gpqa", "ifeval"]
type = "benchmark"
model = "${each.value.model}"
benchmark = "${each.value.benchmark}"
description = "${each.key} of ${stack.name}"
depends_on = ['evaluation.pair["fast"]']

[evaluation.pair]
for_each = ["slow", "fast"]
type = "benchmark"
model = '${fine_tune.rate["${each.key}"]}'
benchmark = "math"

[output.model]
value = "${fine_tune.support.model_arn}"

[output.suite]
value = '${evaluation.suite["support,gpqa"].scores}'
"""
FIELDS = tuple(match.span(1) for match in re.finditer(rb"= (.*)\n", VALID))
WORDS = tuple(match.span() for match in re.finditer(rb"[\w.$]+", VALID))
FUZZ = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def told(folder: Path, data: bytes) -> bool:
    """Whether it gives diagnostics; each of them says where and what."""
    (folder / "stack.toml").write_bytes(data)
    try:
        load_stack(str(folder), VariableInput(), all_specs())
    except DiagnosticError as cause:
        return all(d.location and d.summary and d.code for d in cause.diagnostics)
    return False


def test_the_stack_that_is_mutated_is_valid(tmp_path: Path) -> None:
    (tmp_path / "stack.toml").write_bytes(VALID)
    assert load_stack(str(tmp_path), VariableInput(), all_specs()).warnings == ()


@FUZZ
@given(data=st.binary(max_size=200))
def test_any_bytes_without_a_stack_table_give_diagnostics(tmp_path: Path, data: bytes) -> None:
    assert told(tmp_path, data)


@FUZZ
@given(text=documents())
def test_any_toml_without_a_stack_table_gives_diagnostics(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, text.encode())


@FUZZ
@given(
    at=st.integers(0, len(VALID)),
    removed=st.integers(0, 12),
    inserted=st.binary(max_size=6)
    | st.sampled_from([b"[", b"]", b'"', b"${", b"}", b"\n", b"."]),
)
def test_any_edit_of_a_valid_stack_loads_or_gives_diagnostics(
    tmp_path: Path, at: int, removed: int, inserted: bytes
) -> None:
    assert told(tmp_path, VALID[:at] + inserted + VALID[at + removed :]) in (True, False)


@FUZZ
@given(place=st.sampled_from(FIELDS), value=VALUES)
def test_any_value_in_any_field_loads_or_gives_diagnostics(
    tmp_path: Path, place: tuple[int, int], value: str
) -> None:
    data = VALID[: place[0]] + value.encode() + VALID[place[1] :]
    assert told(tmp_path, data) in (True, False)


@FUZZ
@given(first=st.sampled_from(WORDS), second=st.sampled_from(WORDS))
def test_any_word_in_the_place_of_another_loads_or_gives_diagnostics(
    tmp_path: Path, first: tuple[int, int], second: tuple[int, int]
) -> None:
    word = VALID[second[0] : second[1]]
    assert told(tmp_path, VALID[: first[0]] + word + VALID[first[1] :]) in (True, False)


@pytest.mark.parametrize("cut", range(0, len(VALID), 7))
def test_a_stack_that_is_cut_off_loads_or_gives_diagnostics(tmp_path: Path, cut: int) -> None:
    assert told(tmp_path, VALID[:cut]) in (True, False)
