"""Supervised fine-tuning, serverless."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nvx.aws.models import BaseModel
from nvx.core.diagnostics import Diagnostic
from nvx.core.ports import Sources
from nvx.core.resource import Checked, Identity, Nature, Role, StackSettings
from nvx.kinds.fine_tune.checks import identity_of, problems_of
from nvx.kinds.fine_tune.fields import ServerlessFields
from nvx.kinds.fine_tune.request import Technique
from nvx.kinds.fine_tune.runs import ServerlessFineTunes

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


class SftFields(ServerlessFields):
    """`[fine_tune.<name>]` with `method = "sft"`."""

    method: Annotated[
        Literal["sft"], Role.POLICY, Field(description="Supervised fine-tuning.")
    ] = "sft"


class ServerlessSft(ServerlessFineTunes):
    """`fine_tune` with `method = "sft"`: rules, identity, verbs."""

    name: ClassVar[str] = "fine_tune"
    variant: ClassVar[str] = "sft"
    variant_field: ClassVar[str] = "method"
    nature: ClassVar[Nature] = Nature.RUN
    paid: ClassVar[bool] = True
    model: ClassVar[type[ServerlessFields]] = SftFields
    outputs: ClassVar[Mapping[str, str]] = OUTPUTS
    in_place: ClassVar[frozenset[str]] = frozenset({"tags"})
    example: ClassVar[str] = """\
[fine_tune.support]
method      = "sft"
base_model  = "nova-textgeneration-lite-v2"
dataset     = "${dataset.tickets}"
model_group = "${model_group.support}"
hyperparameters = { max_steps = 200, learning_rate = 1e-5 }
"""

    @classmethod
    def check(cls, resource: Checked, stack: StackSettings) -> Iterable[Diagnostic]:
        """Names, datasets, groups and hyperparameters, as far as they can be judged offline."""
        return problems_of(resource, stack)

    @classmethod
    def identity(cls, resource: Checked, stack: StackSettings, sources: Sources) -> Identity:
        """The base model, the data and everything that steers the training."""
        return identity_of(resource, stack, sources)

    @classmethod
    def content_name(cls, resource: Checked, stack: StackSettings) -> str:
        """None: every attempt is a job with a name of its own."""
        return ""

    def technique(self, config: ServerlessFields, base: BaseModel) -> Technique:
        """Nova reads Converse rows; nothing else is added."""
        return Technique("SFT", converse=base.is_nova)
