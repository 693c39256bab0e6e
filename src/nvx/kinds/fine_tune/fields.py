"""The fields that every serverless fine-tune has, whatever its method."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nvx.core.resource import RefTo, Role
from nvx.kinds.common.model import Model, Text
from nvx.kinds.common.serverless import Mlflow, Vpc


class ServerlessFields(Model):
    """A fine-tune that SageMaker runs on machines of its own choice."""

    base_model: Annotated[
        str,
        Role.BEHAVIOUR,
        Field(description="The model to tune: its name in the public hub, or a known alias."),
    ]
    training_type: Annotated[
        Literal["LORA", "FULL"],
        Role.BEHAVIOUR,
        Field(description="Train an adapter, or every weight."),
    ] = "LORA"
    dataset: Annotated[
        Text,
        Role.BEHAVIOUR,
        RefTo(("dataset",), "arn"),
        Field(description="What to train on: a dataset, its ARN with a version, or s3://."),
    ]
    validation_dataset: Annotated[
        Text | None,
        Role.BEHAVIOUR,
        RefTo(("dataset",), "arn"),
        Field(description="What to validate on; without it, some recipes split the dataset."),
    ] = None
    hyperparameters: Annotated[
        dict[str, bool | int | float | str],
        Role.BEHAVIOUR,
        Field(max_length=100, description="Overrides of the recipe's defaults."),
    ] = Field(default_factory=dict)
    sequence_length: Annotated[
        str | None,
        Role.BEHAVIOUR,
        Field(pattern=r"^\d{1,4}K$", description="Context length of the recipe, such as 8K."),
    ] = None
    source_model: Annotated[
        Text | None,
        Role.BEHAVIOUR,
        RefTo(("fine_tune",), "model_arn"),
        Field(description="A tuned model to go on from: a fine-tune or a model package ARN."),
    ] = None
    repeat: Annotated[
        int,
        Role.BEHAVIOUR,
        Field(ge=1, description="Tells runs apart that are meant to have equal inputs."),
    ] = 1
    model_group: Annotated[
        Text | None,
        Role.CIRCUMSTANCE,
        RefTo(("model_group",), "arn"),
        Field(description="Where the tuned model goes: a model group, its name or its ARN."),
    ] = None
    role: Annotated[
        str | None,
        Role.CIRCUMSTANCE,
        Field(description="The role that the job runs as; the stack's by default."),
    ] = None
    output: Annotated[
        str | None,
        Role.CIRCUMSTANCE,
        Field(description="s3:// location for what the job writes."),
    ] = None
    kms_key: Annotated[
        str | None,
        Role.CIRCUMSTANCE,
        Field(
            max_length=2048,
            pattern=r"^[a-zA-Z0-9:/_-]+$",
            description="Key that encrypts the output; the stack's by default.",
        ),
    ] = None
    vpc: Annotated[
        Vpc | None, Role.CIRCUMSTANCE, Field(description="The network that the job runs in.")
    ] = None
    max_runtime: Annotated[
        int | None,
        Role.CIRCUMSTANCE,
        Field(ge=1, le=2_419_200, description="Seconds after which the service stops the job."),
    ] = None
    mlflow: Annotated[
        Mlflow | None,
        Role.CIRCUMSTANCE,
        Field(description="Where the job logs its metrics."),
    ] = None
    accept_eula: Annotated[
        bool,
        Role.POLICY,
        Field(description="Accept the licence of a base model that asks for it."),
    ] = False
