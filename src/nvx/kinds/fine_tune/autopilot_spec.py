"""The offline half of a fine-tune by Autopilot: its fields, rules and identity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from nvx.core.diagnostics import Diagnostic
from nvx.core.ports import Sources
from nvx.core.resource import Checked, Identity, Nature, StackSettings
from nvx.core.values import Value
from nvx.kinds.common.fields import with_all_tags
from nvx.kinds.common.model import split
from nvx.kinds.fine_tune.autopilot_channels import CHANNELS
from nvx.kinds.fine_tune.autopilot_checks import fields_of, problems_of, row_problems
from nvx.kinds.fine_tune.autopilot_fields import AutopilotFields, wire_value

NAME_LIMIT = 32
"""Characters of the name of an AutoML job (A-01)."""

OUTPUTS: Mapping[str, str] = {
    "job_arn": "The AutoML job.",
    "metrics": "What was measured: `rouge1`, `perplexity`, `validation_loss` and others.",
    "artifacts": "Where the tuned model is.",
    "image": "The image that serves the tuned model.",
    "simulated": "Whether the metrics were made up by the local AWS.",
    "endpoint": "The name of the endpoint, where the model is deployed.",
    "endpoint_arn": "The endpoint: what an evaluation asks.",
    "output": "The location that the job writes to.",
    "base_model": "The base model that the service took.",
}


class AutopilotSpec:
    """`fine_tune` with `method = "autopilot"`: what can be said without AWS."""

    name: ClassVar[str] = "fine_tune"
    variant: ClassVar[str] = "autopilot"
    variant_field: ClassVar[str] = "method"
    nature: ClassVar[Nature] = Nature.RUN
    paid: ClassVar[bool] = True
    name_limit: ClassVar[int] = NAME_LIMIT
    model: ClassVar[type[AutopilotFields]] = AutopilotFields
    outputs: ClassVar[Mapping[str, str]] = OUTPUTS
    in_place: ClassVar[frozenset[str]] = frozenset({"tags"})
    example: ClassVar[str] = """\
[fine_tune.answers]
method     = "autopilot"
base_model = "Falcon7BInstruct"
dataset    = "${dataset.tickets}"
hyperparameters = { epochCount = 5, learningRate = 1e-6 }
deploy     = true
"""

    @classmethod
    def check(cls, resource: Checked, stack: StackSettings) -> Iterable[Diagnostic]:
        """The rules A-01 to A-21, as far as they can be judged offline."""
        return problems_of(resource, stack)

    @classmethod
    def identity(cls, resource: Checked, stack: StackSettings, sources: Sources) -> Identity:
        """The base model, the data and the hyperparameters as they are sent."""
        config = fields_of(resource)
        parts = split(config)
        inputs: dict[str, Value] = dict(parts.inputs)
        if config.hyperparameters:
            inputs["hyperparameters"] = {
                name: wire_value(value) for name, value in config.hyperparameters.items()
            }
        for field in CHANNELS:
            value = inputs.get(field)
            if isinstance(value, str) and value.startswith("s3://"):
                inputs[field] = sources.object(value, resource.at((field,))).identity
        return Identity(
            inputs=inputs,
            circumstance=parts.circumstance,
            marks=with_all_tags(parts.marks, config, stack),
            policy=parts.policy,
            depends_on=parts.depends_on,
            problems=tuple(row_problems(resource, config, sources)),
        )

    @classmethod
    def content_name(cls, resource: Checked, stack: StackSettings) -> str:
        """None: every attempt is a job with a name of its own."""
        return ""
