"""`[fine_tune.<name>]` with `method = "recipe"`: the sections of a recipe under their own names."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from nvx.core.resource import RefTo, Role
from nvx.kinds.common.model import Strict, Text
from nvx.kinds.common.nova_fields import NovaJobFields

PPO_SECTIONS = (
    "ppo_reward",
    "ppo_critic",
    "ppo_anchor",
    "ppo_actor_generation",
    "ppo_actor_train",
)
_Section = dict[str, Any]


class TuneRun(Strict):
    """The section `run`. What nvx has fields for, it takes from there first."""

    name: Annotated[
        str | None, Role.CIRCUMSTANCE, Field(description="Name of the job inside its results.")
    ] = None
    model_type: Annotated[
        str | None, Role.BEHAVIOUR, Field(description="Follows from base_model.")
    ] = None
    model_name_or_path: Annotated[
        str | None, Role.BEHAVIOUR, Field(description="As base_model or source_model.")
    ] = None
    replicas: Annotated[
        int | None, Role.BEHAVIOUR, Field(description="As replicas, which goes before.")
    ] = None
    data_s3_path: Annotated[
        str | None, Role.BEHAVIOUR, Field(description="As dataset, which goes before.")
    ] = None
    validation_data_s3_path: Annotated[
        str | None, Role.BEHAVIOUR, Field(description="As validation_dataset.")
    ] = None
    validation_data_s3_path_list: Annotated[
        list[str] | None, Role.BEHAVIOUR, Field(description="More data to validate on.")
    ] = None
    output_s3_path: Annotated[
        str | None, Role.CIRCUMSTANCE, Field(description="As output, which goes before.")
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
    reward_lambda_arn: Annotated[
        str | None, Role.BEHAVIOUR, Field(description="As reward_function.")
    ] = None
    model_package_group: Annotated[
        str | None, Role.CIRCUMSTANCE, Field(description="As model_group.")
    ] = None
    actor_train_replicas: Annotated[
        int | None, Role.BEHAVIOUR, Field(description="Instances that train the actor (PPO).")
    ] = None
    rm_replicas: Annotated[
        int | None, Role.BEHAVIOUR, Field(description="Instances of the reward model (PPO).")
    ] = None
    cm_replicas: Annotated[
        int | None, Role.BEHAVIOUR, Field(description="Instances of the critic (PPO).")
    ] = None
    actor_generation_replicas: Annotated[
        int | None, Role.BEHAVIOUR, Field(description="Instances that generate (PPO).")
    ] = None
    am_replicas: Annotated[
        int | None, Role.BEHAVIOUR, Field(description="Instances of the anchor (PPO).")
    ] = None


class TuneSections(Strict):
    """A whole recipe, as a YAML file has it."""

    run: TuneRun = TuneRun()
    training_config: _Section = Field(default={})
    ppo_reward: _Section | None = None
    ppo_critic: _Section | None = None
    ppo_anchor: _Section | None = None
    ppo_actor_generation: _Section | None = None
    ppo_actor_train: _Section | None = None


class RecipeTuneFields(NovaJobFields):
    """A fine-tune of a Nova model by a recipe, as a training job."""

    method: Annotated[
        Literal["recipe"], Role.POLICY, Field(description="A Nova fine-tune recipe.")
    ] = "recipe"
    technique: Annotated[
        Literal["sft", "dpo", "rft", "cpt", "ppo", "distillation"],
        Role.BEHAVIOUR,
        Field(description="How it is tuned; cpt and ppo run on HyperPod only."),
    ]
    base_model: Annotated[
        str, Role.BEHAVIOUR, Field(description="The Nova model to tune, or the teacher.")
    ]
    training_type: Annotated[
        Literal["LORA", "FULL"],
        Role.BEHAVIOUR,
        Field(description="Train an adapter, or every weight."),
    ] = "LORA"
    dataset: Annotated[
        Text | None,
        Role.BEHAVIOUR,
        RefTo(("dataset",), "uri"),
        Field(description="What to train on: a dataset or s3://."),
    ] = None
    validation_dataset: Annotated[
        Text | None,
        Role.BEHAVIOUR,
        RefTo(("dataset",), "uri"),
        Field(description="What to validate on: a dataset or s3://."),
    ] = None
    source_model: Annotated[
        Text | None,
        Role.BEHAVIOUR,
        RefTo(("fine_tune",), "checkpoint_uri"),
        Field(description="A tuned model to go on from: a fine-tune, its checkpoint or ARN."),
    ] = None
    reward_function: Annotated[
        Text | None,
        Role.BEHAVIOUR,
        RefTo(("evaluator",), "function_arn"),
        Field(description="The function that rewards answers (rft)."),
    ] = None
    replicas: Annotated[
        int | None, Role.BEHAVIOUR, Field(description="Instances; the recipe's by default.")
    ] = None
    run: Annotated[
        TuneRun | None, Role.BEHAVIOUR, Field(description="What runs, and where it is told of.")
    ] = None
    training_config: Annotated[
        _Section | None,
        Role.BEHAVIOUR,
        Field(description="How it is tuned, as the recipe has it."),
    ] = None
    ppo_reward: Annotated[
        _Section | None, Role.BEHAVIOUR, Field(description="The reward model of PPO.")
    ] = None
    ppo_critic: Annotated[
        _Section | None, Role.BEHAVIOUR, Field(description="The critic of PPO.")
    ] = None
    ppo_anchor: Annotated[
        _Section | None, Role.BEHAVIOUR, Field(description="The anchor of PPO.")
    ] = None
    ppo_actor_generation: Annotated[
        _Section | None, Role.BEHAVIOUR, Field(description="What generates in PPO.")
    ] = None
    ppo_actor_train: Annotated[
        _Section | None, Role.BEHAVIOUR, Field(description="What is trained in PPO.")
    ] = None
