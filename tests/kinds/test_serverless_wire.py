"""The exact requests of fine-tunes and evaluations: one case file each."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from nvx.aws.models import Models
from nvx.core.address import Address
from nvx.core.kind import KindSpec
from nvx.core.values import Reference
from nvx.kinds.evaluation.benchmark import Benchmarks
from nvx.kinds.evaluation.custom_scorer import CustomScorers
from nvx.kinds.evaluation.llm_judge import LlmJudges
from nvx.kinds.fine_tune.serverless_dpo import ServerlessDpo
from nvx.kinds.fine_tune.serverless_rlaif import ServerlessRlaif
from nvx.kinds.fine_tune.serverless_rlvr import ServerlessRlvr
from nvx.kinds.fine_tune.serverless_sft import ServerlessSft
from support.clock import FakeClock
from support.fake_calls import FakeCalls
from support.runs import SCOPE, STACK, checked, declared, intent_of, wish_of
from support.wire import WireCase, changes, wire_cases

KINDS: dict[tuple[str, str], Any] = {
    ("fine_tune", "sft"): ServerlessSft,
    ("fine_tune", "dpo"): ServerlessDpo,
    ("fine_tune", "rlvr"): ServerlessRlvr,
    ("fine_tune", "rlaif"): ServerlessRlaif,
    ("evaluation", "benchmark"): Benchmarks,
    ("evaluation", "custom_scorer"): CustomScorers,
    ("evaluation", "llm_judge"): LlmJudges,
}
CLOCKED = frozenset({"llm_judge"})
CASES = [*wire_cases("fine_tune"), *wire_cases("evaluation")]
_REFERENCE = re.compile(r"\$\{(\w+\.\w+)\.(\w+)\}")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_requests_are_exactly_these(case: WireCase) -> None:
    kind: type[KindSpec] = KINDS[case.kind, case.variant]
    stack = replace(STACK, **case.stack)
    scope = replace(SCOPE, stack=stack)
    outputs = {Address.parse(name): found for name, found in case.outputs.items()}
    block = {name: _value(value) for name, value in case.block.items()}
    one = declared(kind, "support", stack, dict.fromkeys(outputs, "seed"), **block)
    problems = list(kind.check(checked(kind, **block), stack))
    assert not [problem for problem in problems if problem.is_error]
    case.script["sagemaker.CreateTrainingJob"] = [{"TrainingJobArn": "arn"}]
    calls = FakeCalls(case.script)
    intent = intent_of(one, scope=scope)
    clock = [FakeClock()] if case.variant in CLOCKED else []
    made = KINDS[case.kind, case.variant](calls, Models(calls), *clock)
    made.create(wish_of(one, outputs, scope), intent)
    facts = {
        "NAME": intent.name,
        "DIGEST12": one.digest[:12],
        "DIGEST": one.digest,
        "INTENT_TOKEN": intent.token,
        "ALIAS": _sent(calls, "PipelineVersionAliases", [""])[0],
        "TOKEN": _sent(calls, "ClientRequestToken", ""),
    }
    expected = [(operation, _filled(params, facts)) for operation, params in case.requests]
    assert changes(calls) == expected


def _sent(calls: FakeCalls, member: str, otherwise: Any) -> Any:
    return next((params[member] for _, params in calls.sent if member in params), otherwise)


def _filled(params: Any, facts: dict[str, str]) -> Any:
    text = json.dumps(params)
    for name, value in facts.items():
        text = re.sub(rf"(?<![A-Z_0-9a-z]){name}(?![A-Z_0-9a-z])", value, text)
    return json.loads(text)


def _value(value: Any) -> Any:
    match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return Reference(Address.parse(match[1]), match[2]) if match else value
