"""The exact requests of AutoML jobs and of Bedrock's evaluation jobs: one case file each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tomli
from botocore.session import Session

from nvx.kinds.evaluation import bedrock_judge
from nvx.kinds.evaluation.bedrock_judge import BedrockJudges
from nvx.kinds.fine_tune import autopilot_results
from nvx.kinds.fine_tune.autopilot import Autopilot
from support.clock import FakeClock
from support.fake_calls import FakeCalls
from support.runs import declared, intent_of, problems, wish_of
from support.wire import Script, changes

FOLDER = Path(__file__).parent.parent / "cases" / "wire"
CASES = sorted([*(FOLDER / "autopilot").glob("*.toml"), *(FOLDER / "bedrock").glob("*.toml")])
SPECS: dict[str, Any] = {"autopilot": Autopilot, "bedrock_judge": BedrockJudges}


def made(kind: str, calls: FakeCalls) -> Any:
    return Autopilot(calls) if kind == "autopilot" else BedrockJudges(calls, FakeClock())


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_requests_are_exactly_these(path: Path) -> None:
    case = tomli.loads(path.read_text("utf-8"))
    assert case["reason"]
    assert case["source"]
    spec, operation = SPECS[case["kind"]], case["operation"]
    assert not [p for p in problems(spec, **case["block"]) if p.is_error]
    one = declared(spec, "support", **case["block"])
    intent = intent_of(one)
    models: dict[str, Any] = {"bedrock.GetFoundationModel": [{}]}
    calls = FakeCalls(Script({operation: [case["reply"]], **models}))
    made(case["kind"], calls).create(wish_of(one), intent)
    text = case["request"]["params"]
    for word, value in (
        ("INTENT_TOKEN", intent.token),
        ("NAME", intent.name),
        ("DIGEST", one.digest),
    ):
        text = text.replace(f'"{word}"', f'"{value}"')
    assert changes(calls) == [(operation.partition(".")[2], json.loads(text))]


@pytest.mark.parametrize(
    ("service", "shape", "statuses"),
    [
        ("sagemaker", "AutoMLJobStatus", autopilot_results.STATUSES),
        ("bedrock", "EvaluationJobStatus", bedrock_judge.STATUSES),
    ],
)
def test_every_status_of_the_service_is_mapped(
    service: str, shape: str, statuses: dict[str, Any]
) -> None:
    known = Session().get_service_model(service).shape_for(shape).enum
    assert set(statuses) == set(known)
