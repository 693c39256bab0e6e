"""The warning for a base model that is evaluated again and again, and the TOML that it shows."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from nvx.config.stack import load_stack
from nvx.config.variables import VariableInput
from nvx.core.diagnostics import Diagnostic
from nvx.core.digest import sha256_of
from nvx.core.ports import Source
from nvx.data.hashcache import HashCache
from nvx.engine.declare import declare
from nvx.kinds import all_specs
from nvx.kinds.common.sources import FileSources
from nvx.kinds.evaluation.shared_base import shared_base_warnings

SPECS = all_specs()
HEAD = """\
[stack]
name = "support"
region = "us-west-2"
account = "123456789012"
role = "arn:aws:iam::123456789012:role/train"
bucket = "nvx-support"
mlflow = "arn:aws:sagemaker:us-west-2:123456789012:mlflow-app/app-EXAMPLE"

[fine_tune.a]
method = "sft"
base_model = "nova-textgeneration-lite-v2"
dataset = "s3://bucket/rows.jsonl"
model_group = "models"

[fine_tune.b]
method = "sft"
base_model = "amazon.nova-2-lite-v1"
dataset = "s3://bucket/more.jsonl"
model_group = "models"

[fine_tune.other]
method = "sft"
base_model = "nova-textgeneration-micro"
dataset = "s3://bucket/rows.jsonl"
model_group = "models"

"""


Told = Callable[[str], tuple[Diagnostic, ...]]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    def warnings_of(text: str) -> tuple[Diagnostic, ...]:
        (tmp_path / "stack.toml").write_text(HEAD + text)
        stack = load_stack(str(tmp_path), VariableInput(), SPECS)
        sources = FileSources(lambda uri, _at: Source(sha256_of(uri), 0), HashCache(None))
        by_variant = {(spec.name, spec.variant): spec for spec in SPECS}
        return shared_base_warnings(
            declare(stack.resources, stack.settings, by_variant, sources)[0]
        )

    return warnings_of


def compared(name: str, model: str, more: str = 'benchmark = "mmlu"') -> str:
    return (
        f'[evaluation.{name}]\ntype = "benchmark"\nmodel = "${{fine_tune.{model}}}"\n'
        f"compare_base = true\n{more}\n\n"
    )


def test_one_base_model_asked_twice_gives_the_block_to_write_instead(told: Told) -> None:
    settings = 'benchmark = "mmlu"\nsubtasks = ["anatomy"]\nmax_new_tokens = 9\n'
    gate = "[evaluation.y.gate.accuracy]\nmax_drop = 0.1\n"
    text = compared("y", "a", settings + gate) + compared("z", "b", settings)
    (found,) = told(text)
    assert not found.is_error
    assert found.location is not None
    assert found.location.line == 1 + (HEAD + text).splitlines().index("[evaluation.y]")
    assert found.detail == (
        "evaluation.y and evaluation.z each evaluate nova-textgeneration-lite-v2 with the same"
        " settings: the same answers are paid for 2 times."
    )
    assert found.hint == (
        "evaluate it once, leave compare_base out, and compare with that:\n"
        "  [evaluation.y_base]\n"
        '  type = "benchmark"\n'
        '  model = "nova-textgeneration-lite-v2"\n'
        "  max_new_tokens = 9\n"
        '  benchmark = "mmlu"\n'
        '  subtasks = ["anatomy"]\n'
        "\n"
        "  [evaluation.y.gate.accuracy]\n"
        "  max_drop = 0.01\n"
        '  baseline = "evaluation.y_base"'
    )


def test_what_it_shows_is_a_stack_without_the_warning(told: Told) -> None:
    text = compared("y", "a") + compared("z", "b", 'benchmark = "mmlu"\ndescription = "x"')
    (found,) = told(text)
    advice = textwrap.dedent(found.hint.partition("\n")[2]).replace("METRIC", "accuracy")
    assert told(text.replace("compare_base = true\n", "") + advice) == ()


def test_an_evaluation_of_the_base_alone_is_the_baseline_to_use(told: Told) -> None:
    base = '[evaluation.base]\ntype = "benchmark"\nmodel = "amazon.nova-2-lite-v1"\n'
    (found,) = told(f'{base}benchmark = "mmlu"\n' + compared("y", "a"))
    assert found.detail.startswith("evaluation.base and evaluation.y each")
    assert found.hint.splitlines()[1:] == [
        "  [evaluation.y.gate.METRIC]",
        "  max_drop = 0.01",
        '  baseline = "evaluation.base"',
    ]


@pytest.mark.parametrize(
    "text",
    [
        compared("y", "a"),
        compared("y", "a") + compared("z", "other"),
        compared("y", "a") + compared("z", "b", 'benchmark = "bbh"'),
        compared("y", "a") + compared("z", "b", 'benchmark = "mmlu"\ntop_p = 0.5'),
        compared("y", "a") + compared("z", "b").replace("compare_base = true", ""),
    ],
)
def test_other_base_models_and_other_settings_are_not_the_same(told: Told, text: str) -> None:
    assert told(text) == ()


def test_a_matrix_is_told_once_for_all_its_settings(told: Told) -> None:
    (found,) = told(
        '[evaluation.suite]\nmatrix.model = ["${fine_tune.a}", "${fine_tune.b}"]\n'
        'matrix.benchmark = ["mmlu", "bbh", "gpqa"]\ntype = "benchmark"\n'
        'model = "${each.value.model}"\nbenchmark = "${each.value.benchmark}"\n'
        'compare_base = true\n[evaluation.suite_base]\ntype = "benchmark"\n'
        'model = "${fine_tune.a}"\nbenchmark = "math"\n'
    )
    assert 'evaluation.suite["a,bbh"] and evaluation.suite["b,bbh"] each' in found.detail
    assert found.detail.endswith("So it is for 2 more of their settings.")
    assert "[evaluation.base]" in found.hint
    assert "for_each" in found.hint
