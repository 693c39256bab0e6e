"""One file is one kind variant: model, rules, wire mapping and verbs."""

from __future__ import annotations

from collections.abc import Mapping

from nvx.aws.call import Calls
from nvx.aws.models import Models
from nvx.core.kind import KindSpec, ResourceKind
from nvx.core.ports import Clock
from nvx.kinds.dataset import Dataset
from nvx.kinds.evaluation.bedrock_judge import BedrockJudges
from nvx.kinds.evaluation.benchmark import Benchmarks
from nvx.kinds.evaluation.custom_scorer import CustomScorers
from nvx.kinds.evaluation.llm_judge import LlmJudges
from nvx.kinds.evaluation.nova_recipe import NovaRecipes
from nvx.kinds.evaluator.reward_function import RewardFunction
from nvx.kinds.evaluator.reward_prompt import RewardPrompt
from nvx.kinds.fine_tune.autopilot import Autopilot
from nvx.kinds.fine_tune.recipe import RecipeTunes
from nvx.kinds.fine_tune.serverless_dpo import ServerlessDpo
from nvx.kinds.fine_tune.serverless_rlaif import ServerlessRlaif
from nvx.kinds.fine_tune.serverless_rlvr import ServerlessRlvr
from nvx.kinds.fine_tune.serverless_sft import ServerlessSft
from nvx.kinds.model_group import ModelGroup


def all_specs() -> tuple[type[KindSpec], ...]:
    """The offline half of every kind variant, in the order of the documentation."""
    return (
        Dataset,
        RewardFunction,
        RewardPrompt,
        ModelGroup,
        ServerlessSft,
        ServerlessDpo,
        ServerlessRlvr,
        ServerlessRlaif,
        RecipeTunes,
        Autopilot,
        Benchmarks,
        CustomScorers,
        LlmJudges,
        NovaRecipes,
        BedrockJudges,
    )


def all_kinds(calls: Calls, clock: Clock) -> Mapping[tuple[str, str], ResourceKind]:
    """Every kind with its verbs, by (kind, variant). Makes no call."""
    models = Models(calls)
    kinds: tuple[ResourceKind, ...] = (
        Dataset(calls, clock),
        RewardFunction(calls, clock),
        RewardPrompt(calls, clock),
        ModelGroup(calls, clock),
        ServerlessSft(calls, models),
        ServerlessDpo(calls, models),
        ServerlessRlvr(calls, models),
        ServerlessRlaif(calls, models),
        RecipeTunes(calls, models),
        Autopilot(calls),
        Benchmarks(calls, models),
        CustomScorers(calls, models),
        LlmJudges(calls, models, clock),
        NovaRecipes(calls, models),
        BedrockJudges(calls, clock),
    )
    return {(kind.name, _variant(kind)): kind for kind in kinds}


def _variant(kind: ResourceKind) -> str:
    """The variant, which the offline half of a kind knows."""
    variant: str = kind.variant  # type: ignore[attr-defined]  # every kind is a KindSpec too
    return variant
