"""The verbs of serverless fine-tunes: one training job for each attempt."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from nvx.aws.call import Calls
from nvx.aws.models import BaseModel, Models, Parameter
from nvx.aws.scorers import Scorers
from nvx.core.address import Address
from nvx.core.cloud import Rejected
from nvx.core.diagnostics import Diagnostic
from nvx.core.kind import Observation, Sighting, Target
from nvx.core.resource import Declared, Scope, Wish
from nvx.core.state import Intent, Record
from nvx.core.values import JsonValue
from nvx.data.catalogue import base_model
from nvx.kinds.common.evaluators import evaluator_refusals
from nvx.kinds.common.job_runs import JobRuns
from nvx.kinds.common.parameters import problems_with
from nvx.kinds.common.rules import numbered
from nvx.kinds.common.runs import refusals
from nvx.kinds.common.serverless import typed
from nvx.kinds.fine_tune.fields import ServerlessFields
from nvx.kinds.fine_tune.preflight import problems_before_start, recipe_for
from nvx.kinds.fine_tune.request import Base, Technique, training_request
from nvx.kinds.fine_tune.rules import RULES
from nvx.kinds.fine_tune.spec import ServerlessSpec


class ServerlessFineTunes(ServerlessSpec, ABC):
    """Fine-tunes of one method. Each method says what it adds to the request that all share."""

    bulk: ClassVar[bool] = False
    technique_name: ClassVar[str]
    """The service's word for the method."""

    def __init__(self, calls: Calls, models: Models) -> None:
        self._runs = JobRuns(calls, self.name)
        self._models = models
        self._scorers = Scorers(calls)

    @abstractmethod
    def technique(
        self, config: Any, base: BaseModel, parameters: Mapping[str, Parameter]
    ) -> Technique:
        """What the method adds to the request, given what the recipe takes."""

    def preflight(self, scope: Scope, declared: Declared) -> tuple[Diagnostic, ...]:
        """What the hub says against a declared fine-tune: licence, recipes, limits. Reads only.

        Nothing is said of a model to go on from that does not exist yet.
        """
        config = typed(self.model, declared.config)
        found = refusals(declared, lambda: self._problems(scope, config, *self._base(config)))
        return tuple(numbered(found, RULES))

    def observe(self, scope: Scope, targets: Sequence[Target]) -> Mapping[Address, Sighting]:
        """The job of each record; a target without one has no job yet."""
        return self._runs.observe(targets)

    def find(self, scope: Scope, intent: Intent) -> Observation | None:
        """The job of the intent's name, if it carries the intent's marks."""
        return self._runs.find(scope, intent)

    def create(self, wish: Wish, intent: Intent) -> Observation:
        """Start the job, or adopt the one that an earlier try of the same claim started."""
        config = typed(self.model, wish.config)
        hub, base = self._base(config)
        problems = list(self._problems(wish.scope, config, hub, base))
        if problems:
            raise Rejected(
                "; ".join(problems),
                operation=f"preflight of {intent.address}",
                code="Preflight",
            )
        technique = self.technique(config, hub, self._parameters(wish.scope, config, hub))
        request = training_request(wish, intent, config, technique, base)
        outputs = {
            "base_model": hub.name,
            "base_model_version": hub.version,
            "output": request["OutputDataConfig"]["S3OutputPath"],
        }
        return self._runs.start(wish.scope, intent, request, outputs)

    def update(self, wish: Wish, record: Record) -> Observation:
        """Set the tags that are declared now. Nothing else of a job can change."""
        return self._runs.update(wish, record)

    def delete(self, scope: Scope, record: Record) -> None:
        """Stop the job; a finished one stays as it is."""
        self._runs.stop(record)

    def recover(self, scope: Scope, targets: Sequence[Target]) -> Sequence[Observation]:
        """Every job with this stack's marks: by tag, and by name for those too new to be indexed."""
        return self._runs.recover(scope, targets)

    def results(self, scope: Scope, record: Record) -> Mapping[str, JsonValue]:
        """Where the tuned weights are, as far as the model package says."""
        arn = record.outputs.get("model_arn")
        package = self._models.package(str(arn)) if arn else None
        if package is None or not package.artifacts:
            return {}
        return {"weights": package.artifacts}

    def log_lines(self, scope: Scope, record: Record) -> Sequence[str]:
        """The last lines of the job's log."""
        return self._runs.log_lines(record)

    def _base(self, config: ServerlessFields) -> tuple[BaseModel, Base]:
        """The base model, and the group of the model that is gone on from."""
        hub = self._models.base_model(base_model(config.base_model))
        if not isinstance(config.source_model, str):
            return hub, Base(hub.name, hub.arn, hub.gated)
        package = self._models.package(config.source_model)
        if package is None:
            raise Rejected(f"there is no model package {config.source_model}", code="Preflight")
        if package.base_model and package.base_model != hub.name:
            raise Rejected(
                f"{package.arn} was tuned from {package.base_model}, not from {hub.name}",
                code="Preflight",
            )
        return hub, Base(hub.name, hub.arn, hub.gated, package.group_arn)

    def _problems(
        self, scope: Scope, config: ServerlessFields, hub: BaseModel, base: Base
    ) -> Iterator[str]:
        parameters = self._parameters(scope, config, hub)
        yield from problems_before_start(hub, config, self.technique_name, parameters)
        yield from self._technique_problems(self.technique(config, hub, parameters), parameters)
        known = isinstance(config.source_model, str)
        if config.model_group is None and known and not base.group_arn:
            yield f"{config.source_model} belongs to no group: set model_group"

    def _parameters(
        self, scope: Scope, config: ServerlessFields, hub: BaseModel
    ) -> Mapping[str, Parameter]:
        """What the recipe takes; nothing where there is none or it does not say."""
        recipe = recipe_for(hub, config, self.technique_name)
        return (
            self._models.parameters(recipe, scope.stack.account) if recipe is not None else {}
        )

    def _technique_problems(
        self, technique: Technique, parameters: Mapping[str, Parameter]
    ) -> Iterator[str]:
        """What recipe and registry say against what the method adds."""
        told = {k: v for k, v in technique.hyperparameters.items() if k in parameters}
        yield from problems_with(told, parameters)
        if technique.evaluator_arn.startswith("arn:"):
            yield from evaluator_refusals(
                technique.evaluator_arn,
                self._scorers.evaluator(technique.evaluator_arn),
                "RewardFunction" if self.technique_name == "RLVR" else "RewardPrompt",
            )
