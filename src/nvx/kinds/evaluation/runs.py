"""The verbs of serverless evaluations: one pipeline for each address, one execution an attempt."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from nvx.aws.call import Calls
from nvx.aws.jobs import TrainingJobs
from nvx.aws.logs import Logs
from nvx.aws.models import BaseModel, Models
from nvx.aws.objects import Objects
from nvx.aws.pipelines import Pipelines, pipeline_of
from nvx.aws.scorers import Scorers
from nvx.aws.tags import Tags
from nvx.core.address import Address
from nvx.core.cloud import CloudError, Rejected
from nvx.core.diagnostics import Diagnostic
from nvx.core.kind import Observation, Sighting, Target
from nvx.core.names import display_name
from nvx.core.resource import Declared, Scope, Wish
from nvx.core.state import Intent, Record, Status
from nvx.core.values import JsonValue
from nvx.kinds.common.rules import numbered
from nvx.kinds.common.runs import as_recorded, refusals, retag, unchanged
from nvx.kinds.common.serverless import typed
from nvx.kinds.common.training_jobs import facts_of, job_name_of
from nvx.kinds.evaluation.definition import definition_problems
from nvx.kinds.evaluation.executions import (
    execution_observation,
    failure_of,
    first_failed,
    training_jobs,
)
from nvx.kinds.evaluation.fields import EvaluationFields
from nvx.kinds.evaluation.pipeline import KeptPipelines, description_of, pipeline_text
from nvx.kinds.evaluation.reading import RESULT_FILES, Layout, read_results
from nvx.kinds.evaluation.rules import RULES
from nvx.kinds.evaluation.spec import EvaluationSpec
from nvx.kinds.evaluation.subject import (
    Question,
    Subject,
    hyperparameters_of,
    lineage_of,
    problems_before_start,
    recipe_of,
    sent_of,
    subject_of,
    terms_of,
)
from nvx.kinds.evaluation.terms import Terms

_FACTS = ("base_model", "base_model_version", "output")


class ServerlessEvaluations(EvaluationSpec, ABC):
    """Evaluations of one type. Each type says what it asks; the rest is the same for all."""

    bulk: ClassVar[bool] = False
    layout: ClassVar[Layout] = RESULT_FILES
    """Which steps have scores, and in which files."""

    def __init__(self, calls: Calls, models: Models) -> None:
        self._pipelines = Pipelines(calls)
        self._kept = KeptPipelines(calls)
        self._jobs = TrainingJobs(calls)
        self._models = models
        self._scorers = Scorers(calls)
        self._objects = Objects(calls)
        self._tags = Tags(calls)
        self._logs = Logs(calls)

    @abstractmethod
    def question(self, config: EvaluationFields, base: BaseModel) -> Question:
        """What the type asks of a model."""

    def completed(self, wish: Wish, config: Any, terms: Terms) -> Terms:
        """The terms with what had to be uploaded for them, which is done now. Raises CloudError."""
        return terms

    def refused(self, wish: Wish, config: Any) -> Iterable[str]:
        """What AWS says against what the type asks for, beside the model. Reads only."""
        return ()

    def preflight(self, scope: Scope, declared: Declared) -> tuple[Diagnostic, ...]:
        """What the hub says against a declared evaluation: licence, recipes, limits. Reads only.

        Nothing is said of a tuned model that does not exist yet.
        """
        config, wish = typed(self.model, declared.config), Wish(scope, declared, {})
        if not isinstance(config.model, str):
            return ()
        found = refusals(declared, lambda: self._prepared(wish, config)[1])
        return tuple(numbered(found, RULES))

    def observe(self, scope: Scope, targets: Sequence[Target]) -> Mapping[Address, Sighting]:
        """The execution of each record; a target without one has none yet."""
        return {target.address: self._sighting(target) for target in targets}

    def find(self, scope: Scope, intent: Intent) -> Observation | None:
        """The execution with the intent's display name, in a pipeline of ours."""
        marks = self._kept.owner(intent.name)
        if marks is None or not marks.ours(scope):
            return None
        return self._kept.started(scope, intent)

    def create(self, wish: Wish, intent: Intent) -> Observation:
        """Start an execution of the wished definition, or adopt one of the same claim."""
        config = typed(self.model, wish.config)
        (terms, subject), problems = self._prepared(wish, config)
        if problems:
            raise Rejected(
                "; ".join(problems),
                operation=f"preflight of {intent.address}",
                code="Preflight",
            )
        if config.lineage and terms.package is not None:
            artifact = self._pipelines.model_artifact(terms.package.arn)
            terms = replace(terms, lineage=lineage_of(intent.name, artifact))
        text = pipeline_text(wish, intent, self.completed(wish, config, terms))
        found = self._kept.offer(wish.scope, text, intent)
        if found is not None:
            return found
        name = display_name(intent.address, intent.digest, intent.attempt)
        arn = self._pipelines.start(intent.name, text.alias, name, intent.token)
        return _begun(wish.scope, intent, arn, sent_of(terms, subject, text.alias))

    def update(self, wish: Wish, record: Record) -> Observation:
        """Set tags and description of the pipeline. An execution itself never changes."""
        pipeline = pipeline_of(record.id)
        described = self._pipelines.describe(pipeline)
        if described is None:
            raise Rejected(f"there is no pipeline {pipeline} any more", code="Preflight")
        retag(self._tags, str(described["PipelineArn"]), wish, record)
        text = description_of(wish)
        if text != str(described.get("PipelineDescription") or ""):
            self._pipelines.describe_as(pipeline, text)
        return unchanged(record)

    def delete(self, scope: Scope, record: Record) -> None:
        """Stop the execution; a finished one stays as it is, and so does its pipeline."""
        self._pipelines.stop(record.id)

    def recover(self, scope: Scope, targets: Sequence[Target]) -> Sequence[Observation]:
        """Every execution of ours: in the pipelines of the targets, without targets of the stack."""
        digests = {
            target.declared.digest[:12]: target.declared.digest
            for target in targets
            if target.declared is not None
        }
        names = {target.name for target in targets} or self._kept.names(scope)
        return [
            seen
            for name in sorted(names)
            for seen in self._kept.recovered(scope, name, digests)
        ]

    def results(self, scope: Scope, record: Record) -> Mapping[str, JsonValue]:
        """The scores, read from where the jobs of this execution wrote them. Never raises."""
        jobs = record.outputs.get("jobs")
        if not isinstance(jobs, Mapping):
            try:
                jobs = dict(training_jobs(self._pipelines.steps(record.id)))
            except CloudError as failure:
                return {"scores_detail": str(failure)}
        texts = {step: str(arn) for step, arn in jobs.items()}
        facts = {**record.outputs, **self._ran_with(texts)}
        output = str(facts.get("output") or "")
        read = read_results(self._objects, output, texts, self.layout)
        return {**{name: facts[name] for name in _FACTS if name in facts}, **read}

    def log_lines(self, scope: Scope, record: Record) -> Sequence[str]:
        """The last lines of the log of every job, each job under its step's name."""
        lines: list[str] = []
        for step, arn in training_jobs(self._pipelines.steps(record.id)).items():
            found = self._logs.last_lines(f"{job_name_of(arn)}/")
            lines += [f"{step}: {line}" for line in found]
        return lines

    def _prepared(
        self, wish: Wish, config: EvaluationFields
    ) -> tuple[tuple[Terms, Subject], list[str]]:
        """The terms of an evaluation, and what stands against them."""
        subject = subject_of(self._models, str(config.model))
        question = self.question(config, subject.base)
        recipe = recipe_of(subject.base, question)
        account = wish.scope.stack.account
        parameters = self._models.parameters(recipe, account) if recipe is not None else {}
        problems = list(problems_before_start(wish, config, subject, question, parameters))
        problems += self.refused(wish, config)
        hyperparameters = hyperparameters_of(question, config, parameters)
        terms = terms_of(wish, config, subject, question, hyperparameters)
        return (terms, subject), [*problems, *definition_problems(terms)]

    def _sighting(self, target: Target) -> Sighting:
        record = target.record
        if record is None:
            return Sighting(None)
        execution = self._pipelines.execution(record.id)
        if execution is None:
            return Sighting(None, recorded_gone=True)
        steps = self._pipelines.steps(record.id)
        seen = execution_observation(execution, steps, record.name, as_recorded(record))
        failed = first_failed(steps)
        if failed is not None and seen.status.ended:
            reason = self._job_reason(training_jobs([failed]).get(str(failed["StepName"]), ""))
            seen = replace(seen, detail=failure_of(execution, steps, reason))
        return Sighting(seen)

    def _job_reason(self, arn: str) -> str:
        """Why a job failed, in its own words: the step's are often only "ClientError"."""
        job = self._jobs.describe(job_name_of(arn)) if arn else None
        return str((job or {}).get("FailureReason") or "")

    def _ran_with(self, jobs: Mapping[str, str]) -> Mapping[str, JsonValue]:
        """What this very execution ran with, whatever the stack says by now."""
        for arn in jobs.values():
            try:
                job = self._jobs.describe(job_name_of(arn))
            except CloudError:
                return {}
            if job is not None:
                return facts_of(job)
        return {}


def _begun(
    scope: Scope, intent: Intent, arn: str, facts: Mapping[str, JsonValue]
) -> Observation:
    return Observation(
        id=arn,
        status=Status.PENDING,
        name=intent.name,
        digest=intent.digest,
        attempt=intent.attempt,
        address=intent.address.mark,
        lineage=scope.lineage,
        ours=True,
        outputs={"execution_arn": arn, **facts},
        stage="Executing",
    )
