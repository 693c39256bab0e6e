"""Reinforcement learning from verifiable rewards, serverless: a function scores every answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nvx.aws.models import BaseModel, Parameter
from nvx.core.diagnostics import Diagnostic, error, nearest
from nvx.core.ports import in_one_line
from nvx.core.resource import Checked, RefTo, Role, StackSettings
from nvx.data.catalogue import family_of
from nvx.data.judging import reward_presets
from nvx.kinds.common.evaluators import evaluator_problems
from nvx.kinds.common.model import Text
from nvx.kinds.fine_tune.fields import ServerlessFields
from nvx.kinds.fine_tune.request import Technique
from nvx.kinds.fine_tune.runs import ServerlessFineTunes


class RlvrFields(ServerlessFields):
    """`[fine_tune.<name>]` with `method = "rlvr"`."""

    method: Annotated[
        Literal["rlvr"],
        Role.POLICY,
        Field(description="Reinforcement learning from verifiable rewards."),
    ] = "rlvr"
    reward: Annotated[
        Text | None,
        Role.BEHAVIOUR,
        RefTo(("evaluator",), "arn"),
        Field(description="The function that scores answers: an evaluator, or the ARN of one."),
    ] = None
    preset: Annotated[
        str | None,
        Role.BEHAVIOUR,
        Field(description="Instead of a function: gsm8k, prime_code or prime_math."),
    ] = None


class ServerlessRlvr(ServerlessFineTunes):
    """`fine_tune` with `method = "rlvr"`: rules, identity, verbs."""

    variant: ClassVar[str] = "rlvr"
    technique_name: ClassVar[str] = "RLVR"
    model: ClassVar[type[ServerlessFields]] = RlvrFields
    example: ClassVar[str] = """\
[fine_tune.solver]
method      = "rlvr"
base_model  = "huggingface-reasoning-qwen3-06b"
dataset     = "${dataset.problems}"
reward      = "${evaluator.exact}"
model_group = "${model_group.solver}"
hyperparameters = { rollout_n = 8, max_epochs = 1 }
"""

    @classmethod
    def method_problems(cls, resource: Checked, stack: StackSettings) -> Iterator[Diagnostic]:
        """One reward, and one that the family takes."""
        config = _fields(resource.config)
        if (config.reward is None) == (config.preset is None):
            yield error(
                "reward",
                "One reward is needed",
                f"{resource.address} needs either `reward` or `preset`",
                at=resource.at(("preset",)),
                hint='set reward = "${evaluator.<name>}", or for an open-weight model preset ='
                f" one of {in_one_line(reward_presets())}",
            )
        yield from evaluator_problems(resource, "reward", "reward_function", stack)
        yield from _preset_problems(resource, config)

    def technique(
        self, config: ServerlessFields, base: BaseModel, parameters: Mapping[str, Parameter]
    ) -> Technique:
        """The evaluator that holds the function, or the name of the preset."""
        asked = _fields(config)
        if asked.preset is None:
            return Technique("RLVR", evaluator_arn=str(asked.reward))
        return Technique("RLVR", {"preset_reward_function": asked.preset})


def _fields(config: object) -> RlvrFields:
    if not isinstance(config, RlvrFields):
        raise TypeError("RLVR has the fields of RLVR")
    return config


def _preset_problems(resource: Checked, config: RlvrFields) -> Iterator[Diagnostic]:
    if config.preset is None:
        return
    at, known = resource.at(("preset",)), reward_presets()
    if config.preset not in known:
        text = f'preset = "{config.preset}" is not known.{nearest(config.preset, known)}'
        hint = f"use one of {in_one_line(known)}"
        yield error("reward", "Unknown preset", text, at=at, hint=hint)
    if family_of(config.base_model) == "nova":
        yield error(
            "reward",
            "Reward function needed",
            f"{config.base_model} takes reward functions only, no preset",
            at=at,
            hint='declare an evaluator and set reward = "${evaluator.<name>}"',
        )
