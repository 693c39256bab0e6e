"""The fields of an evaluation that a model judges."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nvx.core.resource import Role
from nvx.data.judging import without_prefix
from nvx.kinds.evaluation.data import RowFields
from nvx.kinds.evaluation.judge_metrics import CustomMetric


class LlmJudgeFields(RowFields):
    """`[evaluation.<name>]` with `type = "llm_judge"`."""

    type: Annotated[
        Literal["llm_judge"], Role.POLICY, Field(description="Answers judged by a model.")
    ] = "llm_judge"
    judge: Annotated[
        str,
        Role.BEHAVIOUR,
        Field(
            min_length=1,
            max_length=2048,
            pattern=r"^[a-zA-Z0-9.:_/-]+$",
            description="The Bedrock model that judges, by its id.",
        ),
    ]
    metrics: Annotated[
        list[str],
        Role.BEHAVIOUR,
        Field(description="Built-in metrics, with or without the prefix Builtin."),
    ] = Field(default=[])
    metric: Annotated[
        list[CustomMetric], Role.BEHAVIOUR, Field(description="Metrics of one's own.")
    ] = Field(default=[])
    metrics_file: Annotated[
        str,
        Role.BEHAVIOUR,
        Field(
            description="A JSON file with metrics of one's own, as the service documents them."
        ),
    ] = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The built-in metrics as the service gets them: each once, sorted."""
        return tuple(sorted({without_prefix(name) for name in self.metrics}))

    @property
    def custom(self) -> tuple[CustomMetric, ...]:
        """The metrics of one's own that the block itself holds."""
        return tuple(self.metric)
