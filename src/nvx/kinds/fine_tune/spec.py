"""The offline half of a serverless fine-tune: what all methods share of rules and identity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import ClassVar

from nvx.core.diagnostics import Diagnostic
from nvx.core.ports import Sources
from nvx.core.resource import Checked, Identity, Nature, StackSettings
from nvx.core.values import Value
from nvx.kinds.common.rules import numbered
from nvx.kinds.fine_tune.checks import identity_of, problems_of
from nvx.kinds.fine_tune.fields import ServerlessFields
from nvx.kinds.fine_tune.rules import ELSEWHERE, RULES

OUTPUTS: Mapping[str, str] = {
    "model_arn": "The tuned model: a version in its model group.",
    "job_arn": "The training job.",
    "artifacts": "Where the job left what it made.",
    "weights": "Where the tuned weights are, for models whose weights are handed out.",
    "output": "The location that the job writes to.",
    "base_model": "The base model's name in the public hub.",
    "base_model_version": "The version of the base model that the service took.",
    "billable_tokens": "Tokens that are paid for.",
    "billable_seconds": "Seconds that are paid for.",
    "mlflow_run": "The MLflow run that holds the job's metrics.",
}


class ServerlessSpec:
    """`fine_tune` by a serverless method: what can be said without AWS."""

    name: ClassVar[str] = "fine_tune"
    variant_field: ClassVar[str] = "method"
    nature: ClassVar[Nature] = Nature.RUN
    paid: ClassVar[bool] = True
    model: ClassVar[type[ServerlessFields]]
    outputs: ClassVar[Mapping[str, str]] = OUTPUTS
    in_place: ClassVar[frozenset[str]] = frozenset({"tags"})
    elsewhere: ClassVar[Mapping[str, str]] = ELSEWHERE

    @classmethod
    def check(cls, resource: Checked, stack: StackSettings) -> Iterable[Diagnostic]:
        """Names, datasets, groups and hyperparameters, as far as they can be judged offline."""
        own = cls.method_problems(resource, stack)
        return numbered(chain(problems_of(resource, stack), own), RULES)

    @classmethod
    def identity(cls, resource: Checked, stack: StackSettings, sources: Sources) -> Identity:
        """The base model, the data and everything that steers the training."""
        return identity_of(resource, stack, sources, cls.normalised(resource))

    @classmethod
    def content_name(cls, resource: Checked, stack: StackSettings) -> str:
        """None: every attempt is a job with a name of its own."""
        return ""

    @classmethod
    def method_problems(cls, resource: Checked, stack: StackSettings) -> Iterable[Diagnostic]:
        """What the method has to say beside what all methods say."""
        return ()

    @classmethod
    def normalised(cls, resource: Checked) -> Mapping[str, Value]:
        """The inputs of the method that can be written in several ways, in one of them."""
        return {}
