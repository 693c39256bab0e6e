"""The offline half of a serverless evaluation: what all types share of rules and identity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import ClassVar

from nvx.core.diagnostics import Diagnostic
from nvx.core.names import content_name
from nvx.core.ports import Sources
from nvx.core.resource import Checked, Identity, Nature, StackSettings
from nvx.core.values import Value
from nvx.kinds.common.rules import numbered
from nvx.kinds.evaluation.checks import common_identity, common_problems
from nvx.kinds.evaluation.fields import EvaluationFields
from nvx.kinds.evaluation.rules import RULES

OUTPUTS: Mapping[str, str] = {
    "scores": "What was measured: `tuned`, `base`, and both by `subtasks`.",
    "simulated": "Whether the scores were made up by the local AWS.",
    "results": "The files that the scores were read from.",
    "records_uri": "The files that hold a line for each row, where the type has rows.",
    "execution_arn": "The execution of the pipeline.",
    "pipeline_arn": "The pipeline.",
    "output": "The location that the jobs write to.",
    "base_model": "The base model's name in the public hub.",
    "base_model_version": "The version of the base model when the evaluation started.",
}


class EvaluationSpec:
    """`evaluation` by serverless jobs: what can be said without AWS."""

    name: ClassVar[str] = "evaluation"
    variant_field: ClassVar[str] = "type"
    nature: ClassVar[Nature] = Nature.RUN
    paid: ClassVar[bool] = True
    model: ClassVar[type[EvaluationFields]]
    outputs: ClassVar[Mapping[str, str]] = OUTPUTS
    in_place: ClassVar[frozenset[str]] = frozenset({"tags", "description"})

    @classmethod
    def check(cls, resource: Checked, stack: StackSettings) -> Iterable[Diagnostic]:
        """What all evaluations share, and what the type knows."""
        own = cls.type_problems(resource, stack)
        return numbered(chain(common_problems(resource, stack), own), RULES)

    @classmethod
    def identity(cls, resource: Checked, stack: StackSettings, sources: Sources) -> Identity:
        """The model, the questions and how answers are scored."""
        normalised = cls.normalised(resource, sources)
        problems = tuple(numbered(cls.source_problems(resource, sources), RULES))
        return common_identity(resource, stack, normalised, problems)

    @classmethod
    def content_name(cls, resource: Checked, stack: StackSettings) -> str:
        """The name of the pipeline: one for each address, for all its runs."""
        return content_name(stack.name, resource.address)

    @classmethod
    def type_problems(cls, resource: Checked, stack: StackSettings) -> Iterable[Diagnostic]:
        """What the type has to say beside what all types say, offline."""
        return ()

    @classmethod
    def normalised(cls, resource: Checked, sources: Sources) -> Mapping[str, Value]:
        """The inputs of the type that can be written in several ways, in one of them."""
        return {}

    @classmethod
    def source_problems(cls, resource: Checked, sources: Sources) -> Iterable[Diagnostic]:
        """What the files that a block names have wrong."""
        return ()
