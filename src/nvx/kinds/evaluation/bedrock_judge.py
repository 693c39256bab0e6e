"""Evaluations that a model judges, as jobs of Bedrock: one for each attempt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from nvx.aws.bedrock import BedrockTags, EvaluationJobs, FoundationModels
from nvx.aws.call import Calls
from nvx.aws.objects import Objects
from nvx.core.address import Address
from nvx.core.cloud import AlreadyExists
from nvx.core.diagnostics import Diagnostic
from nvx.core.kind import Observation, Sighting, Target
from nvx.core.ports import Clock, Sources
from nvx.core.resource import Checked, Declared, Identity, Nature, Scope, StackSettings, Wish
from nvx.core.state import Intent, Record, Status
from nvx.core.values import JsonValue, Value
from nvx.kinds.common.fields import with_all_tags
from nvx.kinds.common.marks import Marks, marks_in_tags, user_tags
from nvx.kinds.common.model import split
from nvx.kinds.common.rules import numbered
from nvx.kinds.common.runs import as_recorded, not_to_be_had, refusals, refused, unchanged
from nvx.kinds.common.serverless import moment, typed
from nvx.kinds.common.training_jobs import status_of
from nvx.kinds.evaluation.bedrock_checks import fields_of, problems_of, row_problems
from nvx.kinds.evaluation.bedrock_fields import BedrockJudgeFields
from nvx.kinds.evaluation.bedrock_request import evaluation_request
from nvx.kinds.evaluation.bedrock_scores import read_records
from nvx.kinds.evaluation.rules import RULES

STATUSES: Mapping[str, Status] = {
    "InProgress": Status.PENDING,
    "Stopping": Status.PENDING,
    "Completed": Status.READY,
    "Failed": Status.FAILED,
    "Stopped": Status.STOPPED,
    "Deleting": Status.DELETING,
}
"""The status of an evaluation job."""

OUTPUTS: Mapping[str, str] = {
    "scores": "What was measured: the mean of each metric and its standard error.",
    "simulated": "Whether the scores were made up by the local AWS.",
    "results": "The file that the scores were read from.",
    "records_uri": "The file with a line for each prompt, and the judge's explanations.",
    "job_arn": "The evaluation job.",
    "output": "The location that the job writes to.",
}


class BedrockJudges:
    """`evaluation` with `type = "bedrock_judge"`: rules, identity, verbs."""

    name: ClassVar[str] = "evaluation"
    variant: ClassVar[str] = "bedrock_judge"
    variant_field: ClassVar[str] = "type"
    nature: ClassVar[Nature] = Nature.RUN
    paid: ClassVar[bool] = True
    bulk: ClassVar[bool] = False
    model: ClassVar[type[BedrockJudgeFields]] = BedrockJudgeFields
    outputs: ClassVar[Mapping[str, str]] = OUTPUTS
    in_place: ClassVar[frozenset[str]] = frozenset({"tags"})
    example: ClassVar[str] = """\
[evaluation.tone]
type    = "bedrock_judge"
model   = "amazon.nova-lite-v1:0"
dataset = "${dataset.prompts}"
judge   = "amazon.nova-pro-v1:0"
metrics = ["Correctness", "Helpfulness"]

[[evaluation.tone.metric]]
name         = "politeness"
instructions = "Is the answer polite? {{prompt}} {{prediction}}"
scale        = [{ definition = "rude", value = 0.0 }, { definition = "polite", value = 1.0 }]
"""

    def __init__(self, calls: Calls, clock: Clock) -> None:
        self._jobs = EvaluationJobs(calls)
        self._models = FoundationModels(calls)
        self._tags = BedrockTags(calls)
        self._objects = Objects(calls)
        self._clock = clock

    @classmethod
    def check(cls, resource: Checked, stack: StackSettings) -> Iterable[Diagnostic]:
        """The judge, the metrics, the data and what answers, as far as it can be judged offline."""
        return numbered(problems_of(resource, stack), RULES)

    @classmethod
    def identity(cls, resource: Checked, stack: StackSettings, sources: Sources) -> Identity:
        """What answers, what is asked, who judges and by what."""
        config = fields_of(resource)
        parts = split(config)
        inputs: dict[str, Value] = dict(parts.inputs)
        if config.metrics:
            inputs["metrics"] = list(config.names)
        if isinstance(config.dataset, str):
            at = resource.at(("dataset",))
            inputs["dataset"] = sources.object(config.dataset, at).identity
        return Identity(
            inputs=inputs,
            circumstance=parts.circumstance,
            marks=with_all_tags(parts.marks, config, stack),
            policy=parts.policy,
            depends_on=parts.depends_on,
            problems=tuple(numbered(row_problems(resource, sources), RULES)),
        )

    @classmethod
    def content_name(cls, resource: Checked, stack: StackSettings) -> str:
        """None: every attempt is a job with a name of its own."""
        return ""

    def preflight(self, scope: Scope, declared: Declared) -> tuple[Diagnostic, ...]:
        """What Bedrock says against the judges. Reads only."""
        config = typed(BedrockJudgeFields, declared.config)
        return refusals(declared, lambda: self._problems(config))

    def observe(self, scope: Scope, targets: Sequence[Target]) -> Mapping[Address, Sighting]:
        """The job of each record; a target without one has no job yet."""
        return {target.address: self._sighting(target) for target in targets}

    def find(self, scope: Scope, intent: Intent) -> Observation | None:
        """The job of the intent's name, if it carries the intent's marks: jobs are known by ARN."""
        for row in self._jobs.listed(intent.name):
            if row["jobName"] != intent.name:
                continue
            marks = marks_in_tags(self._tags.of(str(row["jobArn"])))
            if marks.ours(scope) and marks.claims(intent):
                return _observation(row, marks, ours=True)
        return None

    def create(self, wish: Wish, intent: Intent) -> Observation:
        """Start the job, or adopt the one that an earlier try of the same claim started."""
        config = typed(BedrockJudgeFields, wish.config)
        problems = list(self._problems(config))
        if problems:
            raise refused(intent, problems)
        request = evaluation_request(wish, intent, config)
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
            outputs={"job_arn": arn, "output": request["outputDataConfig"]["s3Uri"]},
            stage="InProgress",
        )

    def update(self, wish: Wish, record: Record) -> Observation:
        """Set the tags that are declared now. Nothing else of a job can change."""
        self._tags.change(record.id, user_tags(wish.declared.marks), user_tags(record.wanted))
        return unchanged(record)

    def delete(self, scope: Scope, record: Record) -> None:
        """Stop the job; a finished one stays, and so do its results."""
        self._jobs.stop(record.id)

    def recover(self, scope: Scope, targets: Sequence[Target]) -> Sequence[Observation]:
        """Every job with this stack's marks: by name; the tags have the last word.

        What a name is to contain must itself look like a name: it cannot end with a hyphen.
        """
        rows = self._jobs.listed(scope.stack.name)
        mine = (row for row in rows if str(row["jobName"]).startswith(f"{scope.stack.name}-"))
        return [seen for row in mine for seen in self._seen(scope, row)]

    def results(self, scope: Scope, record: Record) -> Mapping[str, JsonValue]:
        """The scores, read from the records that the job wrote. Never raises."""
        output = str(record.outputs.get("output") or "")
        return read_records(self._objects, output, record.id, record.name)

    def log_lines(self, scope: Scope, record: Record) -> Sequence[str]:
        """None: Bedrock logs nothing of an evaluation."""
        return ()

    def _problems(self, config: BedrockJudgeFields) -> Iterator[str]:
        now = self._clock.now()
        for judge in dict.fromkeys((config.judge, config.custom_judge or config.judge)):
            problem = self._models.problem(judge, now)
            if problem:
                yield problem

    def _sighting(self, target: Target) -> Sighting:
        if target.record is None:
            return Sighting(None)
        job = self._jobs.describe(target.record.id)
        if job is None:
            return Sighting(None, recorded_gone=True)
        return Sighting(_observation(job, as_recorded(target.record), ours=True))

    def _taken(self, scope: Scope, intent: Intent, taken: AlreadyExists) -> Observation:
        """What has the name already. It is ours where it carries the digest of the claim."""
        found = self.find(scope, intent)
        if found is not None:
            return found
        raise not_to_be_had(intent, taken, f"an evaluation job {intent.name}") from taken

    def _seen(self, scope: Scope, row: Mapping[str, Any]) -> Iterator[Observation]:
        marks = marks_in_tags(self._tags.of(str(row["jobArn"])))
        if marks.stack == scope.stack.name and marks.address.startswith("evaluation."):
            yield _observation(row, marks, ours=marks.ours(scope))


def _observation(job: Mapping[str, Any], marks: Marks, *, ours: bool) -> Observation:
    """What a Get or a row of a list says; `marks` come from the tags, which neither shows."""
    status = status_of(str(job["status"]), STATUSES)
    outputs: dict[str, JsonValue] = {"job_arn": str(job["jobArn"])}
    place = (job.get("outputDataConfig") or {}).get("s3Uri")
    ended = moment(job.get("lastModifiedTime")) if status.ended else ""
    words = "; ".join(str(text) for text in job.get("failureMessages") or ())
    failed = status in (Status.FAILED, Status.STOPPED)
    return Observation(
        id=str(job["jobArn"]),
        status=status,
        name=str(job["jobName"]),
        digest=marks.digest,
        attempt=marks.attempt,
        address=marks.address,
        lineage=marks.lineage,
        ours=ours,
        outputs={**outputs, "output": str(place)} if place else outputs,
        detail=(words or str(job["status"])) if failed else "",
        stage=str(job["status"]),
        started_at=moment(job.get("creationTime")),
        ended_at=ended,
    )
