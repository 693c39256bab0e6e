"""`[evaluation.<name>]` with `type = "nova_recipe"`: the sections of a recipe under their own names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from nvx.core.resource import RefTo, Role
from nvx.core.values import Value
from nvx.kinds.common.model import Strict, Text
from nvx.kinds.common.nova_fields import NovaJobFields
from nvx.kinds.evaluation.gates import Gate

SECTIONS = ("run", "evaluation", "inference", "processor", "rl_env")
Sections = Mapping[str, Mapping[str, Value]]
"""The keys of each section that are written; what is left out has no entry."""

_Model = RefTo(("fine_tune",), "checkpoint_uri")
_Data = RefTo(("dataset",), "uri")
_Function = RefTo(("evaluator",), "function_arn")


class Run(Strict):
    """The section `run`: what runs, on what, and where it is told of."""

    name: Annotated[
        str | None, Role.CIRCUMSTANCE, Field(description="Name of the job inside its results.")
    ] = None
    model_type: Annotated[
        str | None,
        Role.BEHAVIOUR,
        Field(description="The kind of model; needed only where `model` does not tell it."),
    ] = None
    model_name_or_path: Annotated[
        Text | None, Role.BEHAVIOUR, _Model, Field(description="As `model`, which goes before.")
    ] = None
    replicas: Annotated[
        int | None, Role.BEHAVIOUR, Field(description="Instances; one, unless several_nodes.")
    ] = None
    data_s3_path: Annotated[
        Text | None,
        Role.BEHAVIOUR,
        _Data,
        Field(description="As `dataset`, which goes before."),
    ] = None
    output_s3_path: Annotated[
        str | None, Role.CIRCUMSTANCE, Field(description="As `output`, which goes before.")
    ] = None
    mlflow_tracking_uri: Annotated[
        str | None, Role.CIRCUMSTANCE, Field(description="ARN of an MLflow tracking server.")
    ] = None
    mlflow_experiment_name: Annotated[
        str | None, Role.CIRCUMSTANCE, Field(description="The experiment that runs belong to.")
    ] = None
    mlflow_run_name: Annotated[
        str | None, Role.CIRCUMSTANCE, Field(description="The name of the run in it.")
    ] = None
    eval_lambda_arn: Annotated[
        Text | None,
        Role.BEHAVIOUR,
        _Function,
        Field(description="A scoring function, as some clients write it beside `processor`."),
    ] = None
    model_package_group: Annotated[
        str | None, Role.CIRCUMSTANCE, Field(description="As `model_group`, which goes before.")
    ] = None


class Evaluation(Strict):
    """The section `evaluation`: what is asked. Strategy and metric follow from the task."""

    task: Annotated[str, Role.BEHAVIOUR, Field(description="Which questions, such as mmlu.")]
    strategy: Annotated[
        str | None, Role.BEHAVIOUR, Field(description="How it is asked; the task's by default.")
    ] = None
    subtask: Annotated[
        list[str] | str | None,
        Role.BEHAVIOUR,
        Field(description="Parts of the task; all of them by default."),
    ] = None
    metric: Annotated[
        str | None,
        Role.BEHAVIOUR,
        Field(description="What is measured; the task's by default."),
    ] = None


class Inference(Strict):
    """The section `inference`: how the model answers."""

    max_new_tokens: Annotated[
        int | None, Role.BEHAVIOUR, Field(description="Longest answer, in tokens.")
    ] = None
    top_k: Annotated[
        int | None,
        Role.BEHAVIOUR,
        Field(description="How many tokens are drawn from; -1: all."),
    ] = None
    top_p: Annotated[
        float | None,
        Role.BEHAVIOUR,
        Field(description="Share of probability drawn from: 0 to 1."),
    ] = None
    temperature: Annotated[
        float | None, Role.BEHAVIOUR, Field(description="How freely tokens are drawn, from 0.")
    ] = None
    top_logprobs: Annotated[
        int | None, Role.BEHAVIOUR, Field(description="Log-probabilities per token: 0 to 20.")
    ] = None
    reasoning_effort: Annotated[
        str | None, Role.BEHAVIOUR, Field(description='"low" or "high", for nova-2-lite only.')
    ] = None


class Switch(Strict):
    """Whether a step of a processor is done."""

    enabled: Annotated[bool, Role.BEHAVIOUR, Field(description="Whether it is done.")]


class Processor(Strict):
    """The section `processor`: metrics of one's own, with the task gen_qa."""

    lambda_arn: Annotated[
        Text | None, Role.BEHAVIOUR, _Function, Field(description="The function that scores.")
    ] = None
    lambda_type: Annotated[
        Literal["rft", "custom_metrics"] | None,
        Role.BEHAVIOUR,
        Field(description='How it is called; "rft" by default.'),
    ] = None
    preset_reward_function: Annotated[
        Literal["prime_math", "prime_code", ""] | None,
        Role.BEHAVIOUR,
        Field(description="A scorer that the image brings, instead of a function."),
    ] = None
    preprocessing: Annotated[
        Switch | None, Role.BEHAVIOUR, Field(description="Call it before the model; off.")
    ] = None
    postprocessing: Annotated[
        Switch | None, Role.BEHAVIOUR, Field(description="Call it after the model; on.")
    ] = None
    aggregation: Annotated[
        Literal["average", "min", "max", "sum"] | None,
        Role.BEHAVIOUR,
        Field(description='How the scores of all rows are joined; "average" by default.'),
    ] = None


class RlEnv(Strict):
    """The section `rl_env`: the reward function of the task rft_eval."""

    reward_lambda_arn: Annotated[
        Text, Role.BEHAVIOUR, _Function, Field(description="The function that rewards.")
    ]


class RecipeSections(Strict):
    """A whole recipe, as a YAML file has it."""

    run: Run = Run()
    evaluation: Evaluation
    inference: Inference | None = None
    processor: Processor | None = None
    rl_env: RlEnv | None = None


class NovaRecipeFields(NovaJobFields):
    """An evaluation of a Nova model by a recipe, as a training job."""

    type: Annotated[
        Literal["nova_recipe"], Role.POLICY, Field(description="A Nova evaluation recipe.")
    ] = "nova_recipe"
    model: Annotated[
        Text | None,
        Role.BEHAVIOUR,
        _Model,
        Field(
            description="What to evaluate: a Nova model, a fine-tune, its checkpoint or ARN."
        ),
    ] = None
    dataset: Annotated[
        Text | None,
        Role.BEHAVIOUR,
        _Data,
        Field(description="Questions of one's own: a dataset, a local file or s3://."),
    ] = None
    run: Annotated[
        Run | None, Role.BEHAVIOUR, Field(description="What runs, and where it is told of.")
    ] = None
    evaluation: Annotated[
        Evaluation | None, Role.BEHAVIOUR, Field(description="What is asked.")
    ] = None
    inference: Annotated[
        Inference | None, Role.BEHAVIOUR, Field(description="How the model answers.")
    ] = None
    processor: Annotated[
        Processor | None, Role.BEHAVIOUR, Field(description="Metrics of one's own.")
    ] = None
    rl_env: Annotated[
        RlEnv | None, Role.BEHAVIOUR, Field(description="The reward function of rft_eval.")
    ] = None
    several_nodes: Annotated[
        bool,
        Role.POLICY,
        Field(
            description="Allow more than one replica, as newer sources do for training jobs."
        ),
    ] = False
    gate: Annotated[
        dict[str, Gate], Role.POLICY, Field(description="What each metric has to reach.")
    ] = Field(default={})

    @property
    def sections(self) -> Sections:
        """The sections of the recipe, as far as they are written in the block."""
        found = {name: getattr(self, name) for name in SECTIONS}
        return {name: one.values() for name, one in found.items() if one is not None}
