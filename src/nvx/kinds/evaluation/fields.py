"""The fields that every serverless evaluation has, whatever its type."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from nvx.core.resource import RefTo, Role
from nvx.core.values import JsonValue
from nvx.kinds.common.model import Model, Strict, Text
from nvx.kinds.common.serverless import MLFLOW_ARN, Vpc
from nvx.kinds.evaluation.gates import Gate

INFERENCE = ("max_new_tokens", "temperature", "top_k", "top_p")
"""What people may set of how the model answers."""


class EvaluationMlflow(Strict):
    """Where the jobs of an evaluation log their metrics. Runs get their names from the service."""

    app: Annotated[
        str | None,
        Field(
            max_length=2048,
            pattern=rf"^{MLFLOW_ARN.pattern}$",
            description="ARN of an MLflow app or tracking server; the stack's by default.",
        ),
    ] = None
    experiment: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=256,
            description="The experiment of the runs; the name of the pipeline by default.",
        ),
    ] = None


class EvaluationFields(Model):
    """An evaluation that SageMaker runs as a pipeline of serverless jobs."""

    model: Annotated[
        Text,
        Role.BEHAVIOUR,
        RefTo(("fine_tune",), "model_arn"),
        Field(description="What to evaluate: a fine-tune, a base model, a model package ARN."),
    ]
    compare_base: Annotated[
        bool,
        Role.BEHAVIOUR,
        Field(description="Evaluate the base model of a tuned one beside it."),
    ] = False
    max_new_tokens: Annotated[
        int | None,
        Role.BEHAVIOUR,
        Field(ge=1, description="Longest answer, in tokens; the recipe's by default."),
    ] = None
    temperature: Annotated[
        float | None,
        Role.BEHAVIOUR,
        Field(ge=0, allow_inf_nan=False, description="How freely tokens are drawn."),
    ] = None
    top_k: Annotated[
        int | None,
        Role.BEHAVIOUR,
        Field(ge=-1, description="How many tokens are drawn from; -1 for all."),
    ] = None
    top_p: Annotated[
        float | None,
        Role.BEHAVIOUR,
        Field(ge=0, le=1, description="The share of probability that is drawn from."),
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
        Field(description="The group of the tuned model; the one it is in by default."),
    ] = None
    lineage: Annotated[
        bool,
        Role.CIRCUMSTANCE,
        Field(
            description="Tell SageMaker lineage, so that Studio shows what belongs together."
        ),
    ] = False
    role: Annotated[
        str | None,
        Role.CIRCUMSTANCE,
        Field(description="The role that the jobs run as; the stack's by default."),
    ] = None
    output: Annotated[
        str | None,
        Role.CIRCUMSTANCE,
        Field(description="s3:// location for the results."),
    ] = None
    kms_key: Annotated[
        str | None,
        Role.CIRCUMSTANCE,
        Field(
            max_length=2048,
            pattern=r"^[a-zA-Z0-9:/_-]+$",
            description="Key that encrypts the results; the stack's by default.",
        ),
    ] = None
    vpc: Annotated[
        Vpc | None, Role.CIRCUMSTANCE, Field(description="The network that the jobs run in.")
    ] = None
    max_runtime: Annotated[
        int,
        Role.CIRCUMSTANCE,
        Field(ge=1, le=2_419_200, description="Seconds after which the service stops a job."),
    ] = 86400
    mlflow: Annotated[
        EvaluationMlflow | None,
        Role.CIRCUMSTANCE,
        Field(description="Where the jobs log; needed where a base model is evaluated."),
    ] = None
    accept_eula: Annotated[
        bool,
        Role.POLICY,
        Field(description="Accept the licence of a base model that asks for it."),
    ] = False
    gate: Annotated[
        dict[str, Gate],
        Role.POLICY,
        Field(description="What each metric has to reach."),
    ] = Field(default_factory=dict)

    @property
    def inference(self) -> dict[str, JsonValue]:
        """How the model is to answer, as far as it is written."""
        written = {name: getattr(self, name) for name in INFERENCE}
        return {name: value for name, value in written.items() if value is not None}
