"""The verbs of serverless fine-tunes: one training job for each attempt."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from nvx.aws.call import Calls
from nvx.aws.jobs import TrainingJobs
from nvx.aws.logs import Logs
from nvx.aws.models import BaseModel, Models, Parameter
from nvx.aws.scorers import Scorers
from nvx.aws.tags import Tags
from nvx.core.address import Address
from nvx.core.cloud import AlreadyExists, NotOurs, Rejected, Uncertain
from nvx.core.diagnostics import Diagnostic
from nvx.core.kind import Observation, Sighting, Target
from nvx.core.names import tag8
from nvx.core.resource import Declared, Scope, Wish
from nvx.core.state import Intent, Record, Status
from nvx.core.values import JsonValue
from nvx.data.catalogue import base_model
from nvx.kinds.common.evaluators import evaluator_refusals
from nvx.kinds.common.marks import TAG_STACK, as_mapping, marks_in_tags
from nvx.kinds.common.parameters import problems_with
from nvx.kinds.common.runs import as_recorded, refusals, retag, unchanged
from nvx.kinds.common.serverless import typed
from nvx.kinds.common.training_jobs import (
    job_name_of,
    job_observation,
)
from nvx.kinds.fine_tune.fields import ServerlessFields
from nvx.kinds.fine_tune.listing import seen_in_listing
from nvx.kinds.fine_tune.preflight import problems_before_start, recipe_for
from nvx.kinds.fine_tune.request import Base, Technique, training_request
from nvx.kinds.fine_tune.spec import ServerlessSpec


class ServerlessFineTunes(ServerlessSpec, ABC):
    """Fine-tunes of one method. Each method says what it adds to the request that all share."""

    bulk: ClassVar[bool] = False
    technique_name: ClassVar[str]
    """The service's word for the method."""

    def __init__(self, calls: Calls, models: Models) -> None:
        self._jobs = TrainingJobs(calls)
        self._models = models
        self._scorers = Scorers(calls)
        self._tags = Tags(calls)
        self._logs = Logs(calls)

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
        return refusals(declared, lambda: self._problems(scope, config, *self._base(config)))

    def observe(self, scope: Scope, targets: Sequence[Target]) -> Mapping[Address, Sighting]:
        """The job of each record; a target without one has no job yet."""
        return {target.address: self._sighting(target) for target in targets}

    def find(self, scope: Scope, intent: Intent) -> Observation | None:
        """The job of the intent's name, if it carries the intent's marks."""
        job = self._jobs.describe(intent.name)
        if job is None:
            return None
        marks = marks_in_tags(self._tags.of(str(job["TrainingJobArn"])))
        if not marks.ours(scope) or not marks.claims(intent):
            return None
        return job_observation(job, marks, ours=True)

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
        try:
            arn = self._jobs.create(request)
        except AlreadyExists as taken:
            return self._taken(wish.scope, intent, taken)
        return Observation(
            id=arn,
            status=Status.PENDING,
            name=intent.name,
            digest=intent.digest,
            attempt=intent.attempt,
            address=intent.address.mark,
            lineage=wish.scope.lineage,
            ours=True,
            outputs={
                "job_arn": arn,
                "base_model": hub.name,
                "base_model_version": hub.version,
                "output": request["OutputDataConfig"]["S3OutputPath"],
            },
            stage="Starting",
        )

    def update(self, wish: Wish, record: Record) -> Observation:
        """Set the tags that are declared now. Nothing else of a job can change."""
        retag(self._tags, record.id, wish, record)
        return unchanged(record)

    def delete(self, scope: Scope, record: Record) -> None:
        """Stop the job; a finished one stays as it is."""
        self._jobs.stop(job_name_of(record.id))

    def recover(self, scope: Scope, targets: Sequence[Target]) -> Sequence[Observation]:
        """Every job with this stack's marks: by tag, and by name for those too new to be indexed."""
        found = {o.id: o for o in self._by_tag(scope)}
        for observation in self._by_name(scope, targets, frozenset(found)):
            found[observation.id] = observation
        return tuple(found.values())

    def results(self, scope: Scope, record: Record) -> Mapping[str, JsonValue]:
        """Where the tuned weights are, as far as the model package says."""
        arn = record.outputs.get("model_arn")
        package = self._models.package(str(arn)) if arn else None
        if package is None or not package.artifacts:
            return {}
        return {"weights": package.artifacts}

    def log_lines(self, scope: Scope, record: Record) -> Sequence[str]:
        """The last lines of the job's log."""
        return self._logs.last_lines(f"{job_name_of(record.id)}/")

    def _sighting(self, target: Target) -> Sighting:
        if target.record is None:
            return Sighting(None)
        job = self._jobs.describe(job_name_of(target.record.id))
        if job is None:
            return Sighting(None, recorded_gone=True)
        return Sighting(job_observation(job, as_recorded(target.record), ours=True))

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

    def _taken(self, scope: Scope, intent: Intent, taken: AlreadyExists) -> Observation:
        """What has the name already. It is ours where it carries the digest of the claim."""
        found = self.find(scope, intent)
        if found is not None:
            return found
        if taken.attempts > 1:
            raise Uncertain(
                f"{intent.name} was perhaps started by this call, but is not to be seen yet",
                operation=taken.operation,
                code=taken.code,
                attempts=taken.attempts,
            ) from taken
        raise NotOurs(
            f"a training job {intent.name} exists and is not marked as this stack's",
            operation=taken.operation,
            code=taken.code,
        ) from taken

    def _by_tag(self, scope: Scope) -> Iterator[Observation]:
        for job in self._jobs.tagged(TAG_STACK, scope.stack.name):
            yield from seen_in_listing(scope, job, as_mapping(job.get("Tags", ())))

    def _by_name(
        self, scope: Scope, targets: Sequence[Target], known: frozenset[str]
    ) -> Iterator[Observation]:
        """Jobs whose name ends like that of a wished run; the tags have the last word."""
        stack = scope.stack.name
        ends = {
            tag8(stack, target.address, target.declared.digest)
            for target in targets
            if target.declared is not None
        }
        for job in self._jobs.listed(f"{stack}-"):
            arn = str(job["TrainingJobArn"])
            if arn not in known and ends & set(str(job["TrainingJobName"]).split("-")):
                yield from seen_in_listing(scope, job, self._tags.of(arn))
