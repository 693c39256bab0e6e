"""What nvx knows about models that judge and reward, as data. Read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from nvx.data.catalogue import read_table

_PREFIX = "builtin."
_ENDING = ".jinja"


@dataclass(frozen=True, slots=True)
class Judge:
    """A model that judges answers. No regions: they are not known."""

    id: str
    regions: tuple[str, ...] = ()
    builtin: bool = True
    """Whether it judges by built-in metrics."""


@dataclass(frozen=True, slots=True)
class JudgeMetric:
    """A built-in metric of a judge: 0 to 1, and whether "higher" or "lower" is better."""

    name: str
    text: str
    better: str


@dataclass(frozen=True, slots=True)
class RewardPreset:
    """A prompt that comes with the RLAIF recipes."""

    name: str
    file: str
    also: tuple[str, ...] = ()


@cache
def judges() -> Mapping[str, Judge]:
    """The known judges by Bedrock model id."""
    found = read_table("judges")["judges"]
    return MappingProxyType(
        {
            id_: Judge(id_, tuple(fields.get("regions", ())), fields.get("builtin", True))
            for id_, fields in found.items()
        }
    )


@cache
def judge_metrics() -> Mapping[str, JudgeMetric]:
    """The built-in metrics by name."""
    found = read_table("judges")["metrics"]
    return MappingProxyType(
        {name: JudgeMetric(name, **fields) for name, fields in found.items()}
    )


def without_prefix(name: str) -> str:
    """The name of a built-in metric or prompt without `Builtin.`, however that is written."""
    return name[len(_PREFIX) :] if name.lower().startswith(_PREFIX) else name


@cache
def reward_models() -> Mapping[str, tuple[str, ...]]:
    """The Bedrock models that reward answers in training, each with its regions."""
    found = read_table("reward_models")["models"]
    return MappingProxyType({id_: tuple(fields["regions"]) for id_, fields in found.items()})


@cache
def reward_prompts() -> Mapping[str, RewardPreset]:
    """The prompts that come with the recipes, by name."""
    found = read_table("reward_models")["prompts"]
    return MappingProxyType(
        {
            name: RewardPreset(name, fields["file"], tuple(fields.get("also", ())))
            for name, fields in found.items()
        }
    )


def reward_prompt(written: str) -> RewardPreset | None:
    """The prompt that somebody means: a name, its `Builtin.` spelling, or the recipe's own file."""
    word = without_prefix(written.rpartition("/")[2]).lower().removesuffix(_ENDING)
    return next(
        (p for p in reward_prompts().values() if word == p.name or word in p.also), None
    )


@cache
def reward_presets() -> tuple[str, ...]:
    """The reward functions that come with the RLVR recipes."""
    return tuple(read_table("reward_models")["rewards"]["presets"])
