"""The fields of an evaluation that a model on Bedrock judges."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nvx.core.resource import RefTo, Role
from nvx.data.judging import without_prefix
from nvx.kinds.common.model import Model, Text
from nvx.kinds.evaluation.gates import Gate
from nvx.kinds.evaluation.judge_metrics import CustomMetric

_MODEL = r"^[a-zA-Z0-9.:_/-]{1,2048}$"


class BedrockJudgeFields(Model):
    """`[evaluation.<name>]` with `type = "bedrock_judge"`."""

    type: Annotated[
        Literal["bedrock_judge"],
        Role.POLICY,
        Field(description="Answers judged by a model, as a job of Bedrock."),
    ] = "bedrock_judge"
    model: Annotated[
        Text | None,
        Role.BEHAVIOUR,
        RefTo(("fine_tune",), "endpoint_arn"),
        Field(description="What answers: a Bedrock model, a profile, an endpoint's ARN."),
    ] = None
    answers: Annotated[
        str | None,
        Role.BEHAVIOUR,
        Field(
            pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._-]{0,255}$",
            description="Judge the answers in the rows, which have this modelIdentifier.",
        ),
    ] = None
    inference: Annotated[
        dict[str, bool | int | float | str | list[str]],
        Role.BEHAVIOUR,
        Field(description="How the model answers: temperature, topP, maxTokens and the like."),
    ] = Field(default={})
    latency: Annotated[
        Literal["standard", "optimized"] | None,
        Role.CIRCUMSTANCE,
        Field(description="How fast the model is to answer."),
    ] = None
    dataset: Annotated[
        Text,
        Role.BEHAVIOUR,
        RefTo(("dataset",), "uri"),
        Field(description="What to ask: a dataset, or s3://; a prompt in each JSON line."),
    ]
    judge: Annotated[
        str,
        Role.BEHAVIOUR,
        Field(pattern=_MODEL, description="The Bedrock model that judges, by id or profile."),
    ]
    custom_judge: Annotated[
        str | None,
        Role.BEHAVIOUR,
        Field(pattern=_MODEL, description="Who judges by metrics of one's own, if another."),
    ] = None
    metrics: Annotated[
        list[str],
        Role.BEHAVIOUR,
        Field(description="Built-in metrics, with or without the prefix Builtin."),
    ] = Field(default=[])
    metric: Annotated[
        list[CustomMetric], Role.BEHAVIOUR, Field(description="Metrics of one's own.")
    ] = Field(default=[])
    repeat: Annotated[
        int,
        Role.BEHAVIOUR,
        Field(ge=1, description="Tells runs apart that are meant to have equal inputs."),
    ] = 1
    role: Annotated[
        str | None,
        Role.CIRCUMSTANCE,
        Field(description="The role that Bedrock assumes; the stack's by default."),
    ] = None
    output: Annotated[
        str | None, Role.CIRCUMSTANCE, Field(description="s3:// location for the results.")
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
    gate: Annotated[
        dict[str, Gate], Role.POLICY, Field(description="What each metric has to reach.")
    ] = Field(default={})

    @property
    def names(self) -> tuple[str, ...]:
        """The built-in metrics without their prefix: each once, sorted."""
        return tuple(sorted({without_prefix(name) for name in self.metrics}))
