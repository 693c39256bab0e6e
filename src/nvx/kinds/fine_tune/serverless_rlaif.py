"""Reinforcement learning from AI feedback, serverless: a model on Bedrock scores every answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nvx.aws.models import BaseModel, Parameter
from nvx.core.diagnostics import Diagnostic, error, nearest
from nvx.core.ports import in_one_line
from nvx.core.resource import Checked, RefTo, Role, StackSettings
from nvx.core.values import Value
from nvx.data.judging import (
    RewardPreset,
    reward_models,
    reward_prompt,
    reward_prompts,
    without_prefix,
)
from nvx.kinds.common.evaluators import evaluator_problems
from nvx.kinds.common.model import Text
from nvx.kinds.fine_tune.fields import ServerlessFields
from nvx.kinds.fine_tune.request import Technique
from nvx.kinds.fine_tune.runs import ServerlessFineTunes

_TEMPLATE = "judge_prompt_template"


class RlaifFields(ServerlessFields):
    """`[fine_tune.<name>]` with `method = "rlaif"`."""

    method: Annotated[
        Literal["rlaif"],
        Role.POLICY,
        Field(description="Reinforcement learning from AI feedback."),
    ] = "rlaif"
    reward_model: Annotated[
        str,
        Role.BEHAVIOUR,
        Field(description="The Bedrock model that scores answers, by its id."),
    ]
    prompt: Annotated[
        Text | None,
        Role.BEHAVIOUR,
        RefTo(("evaluator",), "arn"),
        Field(
            description="How it is asked to score: cot, evaluate, faithfulness, summarize, or an"
            " evaluator of type reward_prompt; the recipe's own prompt by default."
        ),
    ] = None


class ServerlessRlaif(ServerlessFineTunes):
    """`fine_tune` with `method = "rlaif"`: rules, identity, verbs."""

    variant: ClassVar[str] = "rlaif"
    technique_name: ClassVar[str] = "RLAIF"
    model: ClassVar[type[ServerlessFields]] = RlaifFields
    example: ClassVar[str] = """\
[fine_tune.tone]
method       = "rlaif"
base_model   = "huggingface-reasoning-qwen3-06b"
dataset      = "${dataset.prompts}"
reward_model = "openai.gpt-oss-120b-1:0"
prompt       = "${evaluator.tone}"
model_group  = "${model_group.support}"
"""

    @classmethod
    def method_problems(cls, resource: Checked, stack: StackSettings) -> Iterator[Diagnostic]:
        """The reward model, its region, and the prompt."""
        yield from _model_problems(resource, _fields(resource.config).reward_model, stack)
        prompt = _fields(resource.config).prompt
        if isinstance(prompt, str) and not prompt.startswith("arn:"):
            yield from _preset_problems(resource, prompt)
        else:
            yield from evaluator_problems(
                resource, "prompt", "reward_prompt", stack, "reward-prompt"
            )

    @classmethod
    def normalised(cls, resource: Checked) -> Mapping[str, Value]:
        """The prompt by its short name."""
        preset = _preset_of(_fields(resource.config))
        return {"prompt": preset.name} if preset is not None else {}

    def technique(
        self, config: ServerlessFields, base: BaseModel, parameters: Mapping[str, Parameter]
    ) -> Technique:
        """The judge as the recipe names it; a prompt of one's own goes as an evaluator."""
        asked = _fields(config)
        judge = {"judge_model_id": f"bedrock/{asked.reward_model}"}
        if asked.prompt is None:
            return Technique("RLAIF", judge)
        preset = _preset_of(asked)
        if preset is None:
            return Technique("RLAIF", judge, evaluator_arn=str(asked.prompt))
        return Technique("RLAIF", {**judge, _TEMPLATE: _file_of(preset, parameters)})


def _fields(config: object) -> RlaifFields:
    if not isinstance(config, RlaifFields):
        raise TypeError("RLAIF has the fields of RLAIF")
    return config


def _preset_of(config: RlaifFields) -> RewardPreset | None:
    if not isinstance(config.prompt, str) or config.prompt.startswith("arn:"):
        return None
    return reward_prompt(config.prompt)


def _file_of(preset: RewardPreset, parameters: Mapping[str, Parameter]) -> str:
    """The file as the recipe of today names it; folders may move between its releases."""
    template = parameters.get(_TEMPLATE)
    offered = [str(file) for file in template.allowed] if template is not None else []
    return next((file for file in offered if reward_prompt(file) == preset), preset.file)


def _model_problems(
    resource: Checked, model: str, stack: StackSettings
) -> Iterator[Diagnostic]:
    known, at = reward_models(), resource.at(("reward_model",))
    if model not in known:
        yield error(
            "reward-model",
            "Unknown reward model",
            f'reward_model = "{model}" is not offered.{nearest(model, known)}',
            at=at,
            hint=f"use one of {in_one_line(sorted(known))}",
        )
    elif stack.region and stack.region not in known[model]:
        here = sorted(name for name, regions in known.items() if stack.region in regions)
        yield error(
            "reward-model",
            "Reward model of another region",
            f"{model} is offered in {in_one_line(known[model])}, not in {stack.region}",
            at=at,
            hint=f"use one of {in_one_line(here)}" if here else "use another region",
        )


def _preset_problems(resource: Checked, prompt: str) -> Iterator[Diagnostic]:
    if reward_prompt(prompt) is None:
        known = sorted(reward_prompts())
        yield error(
            "reward-prompt",
            "Unknown prompt",
            f'prompt = "{prompt}" is not known.{nearest(without_prefix(prompt).lower(), known)}',
            at=resource.at(("prompt",)),
            hint=f'use one of {in_one_line(known)}, or prompt = "${{evaluator.<name>}}" for your own',
        )
