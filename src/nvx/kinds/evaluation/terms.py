"""Everything that the pipeline of a serverless evaluation is made of. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Package:
    """The tuned model that is evaluated: its model package, and the group it belongs to."""

    arn: str
    group_arn: str


@dataclass(frozen=True, slots=True)
class Lineage:
    """What the lineage steps name: the pipeline, the tuned model's artifact, and its place."""

    pipeline: str
    artifact_arn: str
    action_root: str
    """`arn:<partition>:sagemaker:<region>:<account>:action`."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Who judges the answers, and by what."""

    model: str
    metrics: tuple[str, ...] = ()
    """Built-in metrics, without their prefix."""
    custom_uri: str = ""
    """Where the definitions of one's own metrics are; "" for none."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything that an evaluation runs with."""

    evaluation_type: str
    """`BenchmarkEvaluation`, `CustomScorerEvaluation`."""
    role: str
    base_model_arn: str
    hyperparameters: Mapping[str, str]
    output: str
    package: Package | None = None
    compare_base: bool = False
    accept_eula: bool = False
    evaluator_arn: str = ""
    max_runtime: int = 86400
    kms_key: str = ""
    vpc: Mapping[str, Any] | None = None
    channel: Mapping[str, Any] | None = None
    """The data source of the `train` channel, for the types that read rows."""
    mlflow: Mapping[str, str] = field(default_factory=dict)
    """`MlflowResourceArn` and `MlflowExperimentName`; empty for none."""
    lineage: Lineage | None = None
    judge: Judge | None = None
    """For answers that a model judges: they are collected first, and judged by jobs of their own."""
