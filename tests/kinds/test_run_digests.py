"""The digests of released forms, kept for ever: a changed digest is money."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tomli

from nvx.core.address import Address
from nvx.core.values import Reference
from nvx.kinds.evaluation.bedrock_judge import BedrockJudges
from nvx.kinds.evaluation.benchmark import Benchmarks
from nvx.kinds.evaluation.custom_scorer import CustomScorers
from nvx.kinds.evaluation.llm_judge import LlmJudges
from nvx.kinds.evaluation.nova_recipe import NovaRecipes
from nvx.kinds.fine_tune.autopilot import Autopilot
from nvx.kinds.fine_tune.recipe import RecipeTunes
from nvx.kinds.fine_tune.serverless_dpo import ServerlessDpo
from nvx.kinds.fine_tune.serverless_rlaif import ServerlessRlaif
from nvx.kinds.fine_tune.serverless_rlvr import ServerlessRlvr
from nvx.kinds.fine_tune.serverless_sft import ServerlessSft
from support.runs import declared

FILE = Path(__file__).parent.parent / "cases" / "digest" / "runs.toml"
CASES: list[dict[str, Any]] = tomli.loads(FILE.read_text("utf-8"))["case"]
SPECS: dict[str, Any] = {
    f"{spec.name} {spec.variant}": spec
    for spec in (
        ServerlessSft,
        ServerlessDpo,
        ServerlessRlvr,
        ServerlessRlaif,
        Benchmarks,
        CustomScorers,
        LlmJudges,
        NovaRecipes,
        RecipeTunes,
        Autopilot,
        BedrockJudges,
    )
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["reason"])
def test_the_digest_is_what_it_was(case: dict[str, Any]) -> None:
    targets = {Address.parse(name): seed for name, seed in case.get("targets", {}).items()}
    named = case.get("references", {})
    references = {
        field: Reference(Address.parse(path.rpartition(".")[0]), path.rpartition(".")[2])
        for field, path in named.items()
    }
    block = {**case["block"], **references}
    assert declared(SPECS[case["kind"]], others=targets, **block).digest == case["digest"]
