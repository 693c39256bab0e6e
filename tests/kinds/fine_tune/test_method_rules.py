"""The numbered rules of serverless fine-tunes: each broken, and each kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, Location, error
from nvx.core.ports import Source
from nvx.core.resource import Checked
from nvx.core.values import Reference
from nvx.data.judging import reward_models, reward_prompts
from nvx.kinds.dataset import Dataset
from nvx.kinds.evaluator.reward_function import RewardFunction
from nvx.kinds.evaluator.reward_prompt import RewardPrompt
from nvx.kinds.fine_tune.rules import RULES
from nvx.kinds.fine_tune.serverless_dpo import ServerlessDpo
from nvx.kinds.fine_tune.serverless_rlaif import ServerlessRlaif
from nvx.kinds.fine_tune.serverless_rlvr import ServerlessRlvr
from nvx.kinds.fine_tune.serverless_sft import ServerlessSft
from support.runs import STACK, FixedSources, checked, declared

ARN = "arn:aws:sagemaker:us-west-2:000000000000"
QWEN = "huggingface-reasoning-qwen3-06b"
NOVA = "nova-textgeneration-lite-v2"
EXACT = f"{ARN}:hub-content/registry/JsonDoc/exact/1.0.0"
GOOD: dict[str, Any] = {
    "base_model": QWEN,
    "dataset": f"{ARN}:hub-content/registry/DataSet/rows/1.0.0",
    "model_group": "support",
}
RLVR = {**GOOD, "reward": EXACT}
RLAIF = {**GOOD, "reward_model": "openai.gpt-oss-20b-1:0"}
TICKETS = Reference(Address("dataset", "rows"), "arn")
SCORER = Reference(Address("evaluator", "scorer"), "arn")


class Rows(FixedSources):
    """Files with so many rows, all right."""

    def __init__(self, rows: int, *problems: Diagnostic) -> None:
        self._rows = rows
        self._problems = problems
        self.asked: list[tuple[str, str]] = []

    def rows(self, path: str, technique: str, family: str, at: Location) -> Source:
        self.asked.append((technique, family))
        return Source("0" * 64, 100, rows=self._rows, problems=self._problems)


def joined(one: Checked, *targets: Checked) -> Checked:
    return replace(one, targets={target.address: target for target in targets})


def found(spec: Any, *targets: Checked, **fields: Any) -> list[Diagnostic]:
    return list(spec.check(joined(checked(spec, **fields), *targets), STACK))


def codes(spec: Any, *targets: Checked, **fields: Any) -> list[str]:
    return [problem.code for problem in found(spec, *targets, **fields)]


def rows(technique: str | None = None) -> Checked:
    fields = {"source": "data/rows.jsonl", "technique": technique}
    return checked(Dataset, "rows", **fields)


def counted(spec: Any, sources: Rows, *targets: Checked, **fields: Any) -> list[Diagnostic]:
    one = joined(checked(spec, **{**fields, "dataset": TICKETS}), *targets)
    return list(spec.identity(one, STACK, sources).problems)


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        (ServerlessDpo, GOOD),
        (ServerlessRlvr, RLVR),
        (ServerlessRlvr, {**GOOD, "preset": "prime_math"}),
        (ServerlessRlvr, {**RLVR, "base_model": NOVA}),
        (ServerlessRlaif, RLAIF),
        (ServerlessRlaif, {**RLAIF, "prompt": EXACT}),
        *((ServerlessRlaif, {**RLAIF, "prompt": name}) for name in reward_prompts()),
        *((ServerlessRlaif, {**RLAIF, "reward_model": name}) for name in reward_models()),
    ],
)
def test_sound_blocks_have_no_problem(spec: Any, fields: dict[str, Any]) -> None:
    assert codes(spec, **fields) == []


@pytest.mark.parametrize(
    ("spec", "fields", "code", "words"),
    [
        (ServerlessRlvr, GOOD, "FT-08", "needs either `reward` or `preset`"),
        (ServerlessRlvr, {**RLVR, "preset": "gsm8k"}, "FT-08", "either `reward` or `preset`"),
        (ServerlessRlvr, {**GOOD, "preset": "primemath"}, "FT-08", 'you mean "prime_math"?'),
        (
            ServerlessRlvr,
            {**GOOD, "preset": "gsm8k", "base_model": NOVA},
            "FT-08",
            "reward functions only",
        ),
        (ServerlessRlvr, {**GOOD, "reward": "exact"}, "FT-08", 'reward = "exact"'),
        (ServerlessRlvr, {**GOOD, "reward": EXACT.removesuffix("/1.0.0")}, "FT-08", "reward ="),
        (
            ServerlessRlvr,
            {**GOOD, "reward": EXACT.replace("us-west-2", "us-east-1")},
            "FT-08",
            "us-east-1, and the stack in us-west-2",
        ),
        (
            ServerlessRlvr,
            {**RLVR, "hyperparameters": {"preset_reward_function": "gsm8k"}},
            "FT-05",
            "set by the field `preset`",
        ),
        (
            ServerlessRlvr,
            {
                **RLVR,
                "sequence_length": "4K",
                "hyperparameters": {"max_prompt_length": 4000, "max_response_length": 100},
            },
            "FT-06",
            "4100 together",
        ),
        (
            ServerlessDpo,
            {**GOOD, "sequence_length": "4K", "hyperparameters": {"dataset_max_len": 4097}},
            "FT-06",
            "more than the recipe's 4096",
        ),
        (
            ServerlessRlaif,
            {**RLAIF, "reward_model": "openai.gpt-oss-20b"},
            "FT-09",
            'you mean "openai.gpt-oss-20b-1:0"?',
        ),
        (ServerlessRlaif, {**RLAIF, "prompt": "summarise"}, "FT-10", 'mean "summarize"?'),
        (
            ServerlessRlaif,
            {**RLAIF, "hyperparameters": {"judge_model_id": "x"}},
            "FT-05",
            "field `reward_model`",
        ),
    ],
)
def test_each_mistake_is_told_under_its_number(
    spec: Any, fields: dict[str, Any], code: str, words: str
) -> None:
    problems = found(spec, **fields)
    assert [p.code for p in problems] == [code]
    assert words in f"{problems[0].detail} {problems[0].hint}"


def test_a_reward_model_of_another_region_is_refused() -> None:
    one = checked(
        ServerlessRlaif, **{**RLAIF, "reward_model": "qwen.qwen3-coder-480b-a35b-v1:0"}
    )
    east = replace(STACK, region="us-east-1")
    (problem,) = ServerlessRlaif.check(one, east)
    assert (problem.code, problem.is_error) == ("FT-09", True)
    assert "openai.gpt-oss-20b-1:0" in problem.hint


@pytest.mark.parametrize(
    ("spec", "fields", "kind", "fits"),
    [
        (ServerlessRlvr, {**GOOD, "reward": SCORER}, RewardFunction, True),
        (ServerlessRlvr, {**GOOD, "reward": SCORER}, RewardPrompt, False),
        (ServerlessRlaif, {**RLAIF, "prompt": SCORER}, RewardPrompt, True),
        (ServerlessRlaif, {**RLAIF, "prompt": SCORER}, RewardFunction, False),
    ],
)
def test_the_evaluator_must_be_of_the_type_that_the_method_takes(
    spec: Any, fields: dict[str, Any], kind: Any, fits: bool
) -> None:
    target = checked(kind, "scorer", source="rewards/x.py")
    code = "FT-08" if spec is ServerlessRlvr else "FT-10"
    assert codes(spec, target, **fields) == ([] if fits else [code])


@pytest.mark.parametrize(
    ("spec", "fields", "technique", "fits"),
    [
        (ServerlessSft, GOOD, "sft", True),
        (ServerlessSft, GOOD, None, True),
        (ServerlessSft, GOOD, "dpo", False),
        (ServerlessDpo, GOOD, "dpo", True),
        (ServerlessDpo, GOOD, "sft", False),
        (ServerlessRlvr, RLVR, "rlvr", True),
        (ServerlessRlvr, RLVR, "sft", False),
        (ServerlessRlaif, RLAIF, "rlvr", True),
        (ServerlessRlaif, RLAIF, None, True),
        (ServerlessRlaif, RLAIF, "dpo", False),
    ],
)
def test_the_technique_of_a_dataset_must_fit_the_method(
    spec: Any, fields: dict[str, Any], technique: str | None, fits: bool
) -> None:
    given = {**fields, "dataset": TICKETS}
    assert codes(spec, rows(technique), **given) == ([] if fits else ["FT-03"])


@pytest.mark.parametrize(
    ("spec", "fields", "least"),
    [
        (ServerlessRlvr, RLVR, 143),
        (ServerlessRlaif, RLAIF, 143),
        (ServerlessRlvr, {**RLVR, "validation_dataset": "s3://bucket/valid.jsonl"}, 128),
        (ServerlessRlvr, {**RLVR, "hyperparameters": {"global_batch_size": 256}}, 285),
        (ServerlessRlvr, {**RLVR, "hyperparameters": {"train_val_split_ratio": 0.5}}, 256),
        (ServerlessSft, {**GOOD, "base_model": NOVA}, 32),
        (ServerlessSft, {**GOOD, "base_model": "amazon.nova-2-lite-v1"}, 32),
        (
            ServerlessSft,
            {**GOOD, "base_model": NOVA, "hyperparameters": {"global_batch_size": 64}},
            64,
        ),
    ],
)
def test_one_full_batch_of_rows_is_needed(
    spec: Any, fields: dict[str, Any], least: int
) -> None:
    (problem,) = counted(spec, Rows(least - 1), rows(), **fields)
    assert (problem.code, problem.is_error) == ("FT-07", True)
    assert f"{least} are needed" in problem.detail
    assert counted(spec, Rows(least), rows(), **fields) == []


def test_rows_are_held_to_the_method_and_the_family() -> None:
    sources = Rows(500, error("row", "Wrong row"))
    assert counted(ServerlessDpo, sources, rows(), **{**GOOD, "base_model": NOVA})
    assert sources.asked == [("dpo", "nova")]
    sources = Rows(500)
    assert counted(ServerlessRlaif, sources, rows(), **RLAIF) == []
    assert sources.asked == [("", "open")]


def test_every_spelling_of_a_prompt_has_one_digest() -> None:
    def digest(prompt: str) -> str:
        return declared(ServerlessRlaif, **{**RLAIF, "prompt": prompt}).digest

    same = {
        digest(name)
        for name in (
            "cot",
            "Builtin.ChainOfThought",
            "builtin.cot",
            "COT.jinja",
            "a/b/cot.jinja",
        )
    }
    assert len(same) == 1
    assert digest("evaluate") == digest("Builtin.Evaluation") != same.pop()


@pytest.mark.parametrize(
    "fields", [{"reward_model": 1}, {"reward_models": "x"}, {"prompt": ["cot"]}]
)
def test_the_model_refuses_wrong_values_and_unknown_keys(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        checked(ServerlessRlaif, **{**RLAIF, **fields})


def test_rules_have_numbers_in_order_and_words_of_their_own() -> None:
    assert [rule.id for rule in RULES] == [f"FT-{n:02}" for n in range(1, len(RULES) + 1)]
    words = [word for rule in RULES for word in rule.words]
    assert len(words) == len(set(words))
