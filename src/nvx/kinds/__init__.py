"""One file is one kind variant: model, rules, wire mapping and verbs.

A variant is imported when a stack declares it: the models of all of them cost more than most plans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from nvx.core.kind import KindSpec, ResourceKind
from nvx.core.ports import Clock

if TYPE_CHECKING:
    from nvx.aws.call import Calls

K = TypeVar("K")
V = TypeVar("V")

_VARIANTS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("dataset", ""): ("dataset.Dataset", "clock"),
    ("evaluator", "reward_function"): ("evaluator.reward_function.RewardFunction", "clock"),
    ("evaluator", "reward_prompt"): ("evaluator.reward_prompt.RewardPrompt", "clock"),
    ("model_group", ""): ("model_group.ModelGroup", "clock"),
    ("fine_tune", "sft"): ("fine_tune.serverless_sft.ServerlessSft", "models"),
    ("fine_tune", "dpo"): ("fine_tune.serverless_dpo.ServerlessDpo", "models"),
    ("fine_tune", "rlvr"): ("fine_tune.serverless_rlvr.ServerlessRlvr", "models"),
    ("fine_tune", "rlaif"): ("fine_tune.serverless_rlaif.ServerlessRlaif", "models"),
    ("fine_tune", "recipe"): ("fine_tune.recipe.RecipeTunes", "models"),
    ("fine_tune", "autopilot"): ("fine_tune.autopilot.Autopilot", ""),
    ("evaluation", "benchmark"): ("evaluation.benchmark.Benchmarks", "models"),
    ("evaluation", "custom_scorer"): ("evaluation.custom_scorer.CustomScorers", "models"),
    ("evaluation", "llm_judge"): ("evaluation.llm_judge.LlmJudges", "models clock"),
    ("evaluation", "nova_recipe"): ("evaluation.nova_recipe.NovaRecipes", "models"),
    ("evaluation", "bedrock_judge"): ("evaluation.bedrock_judge.BedrockJudges", "clock"),
}
"""(kind, variant) → its class below this package, and what its verbs need beside the calls.

In the order of the documentation.
"""


class Lazy(Mapping[K, V]):
    """A mapping whose values are made when they are first asked for."""

    def __init__(self, makers: Mapping[K, Callable[[], V]]) -> None:
        self._makers = makers
        self._made: dict[K, V] = {}

    def __getitem__(self, key: K) -> V:
        if key not in self._made:
            self._made.setdefault(
                key, self._makers[key]()
            )  # another thread may have been first
        return self._made[key]

    def __contains__(self, key: object) -> bool:
        return key in self._makers

    def __iter__(self) -> Iterator[K]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def catalogue() -> Mapping[str, Mapping[str, type[KindSpec]]]:
    """Kind → variant → its offline half; "" for a kind without variants."""
    makers: dict[str, dict[str, Callable[[], type[KindSpec]]]] = {}
    for kind, variant in _VARIANTS:
        makers.setdefault(kind, {})[variant] = _loader(kind, variant)
    return {kind: Lazy(variants) for kind, variants in makers.items()}


def specs() -> Mapping[tuple[str, str], type[KindSpec]]:
    """The offline half of each kind variant, by (kind, variant)."""
    return Lazy({key: _loader(*key) for key in _VARIANTS})


def all_specs() -> tuple[type[KindSpec], ...]:
    """The offline half of every kind variant, in the order of the documentation."""
    return tuple(specs().values())


def all_kinds(calls: Calls, clock: Clock) -> Mapping[tuple[str, str], ResourceKind]:
    """Every kind with its verbs, by (kind, variant). Makes no call."""
    from nvx.aws.models import Models  # an offline plan needs no door to AWS

    ports: Mapping[str, object] = {"models": Models(calls), "clock": clock}

    def maker(key: tuple[str, str]) -> Callable[[], ResourceKind]:
        needs = _VARIANTS[key][1].split()

        def make() -> ResourceKind:
            kind: ResourceKind = _class(*key)(calls, *(ports[name] for name in needs))
            return kind

        return make

    return Lazy({key: maker(key) for key in _VARIANTS})


def _loader(kind: str, variant: str) -> Callable[[], type[KindSpec]]:
    def load() -> type[KindSpec]:
        spec: type[KindSpec] = _class(kind, variant)
        return spec

    return load


def _class(kind: str, variant: str) -> Any:
    module, _, name = _VARIANTS[kind, variant][0].rpartition(".")
    return getattr(import_module(f"{__name__}.{module}"), name)
