"""The life of a training job that is a run: found, observed, recovered, stopped. One for every kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nvx.aws.call import Calls
from nvx.aws.jobs import TrainingJobs
from nvx.aws.logs import Logs
from nvx.aws.tags import Tags
from nvx.core.address import Address
from nvx.core.cloud import AlreadyExists, CloudError
from nvx.core.kind import Observation, Sighting, Target
from nvx.core.names import tag8
from nvx.core.resource import Scope, Wish
from nvx.core.state import Intent, Record, Status
from nvx.core.values import JsonValue
from nvx.data.nova import nova_model
from nvx.kinds.common.marks import TAG_STACK, as_mapping, marks_in_tags
from nvx.kinds.common.runs import as_recorded, not_to_be_had, retag, unchanged
from nvx.kinds.common.serverless import moment
from nvx.kinds.common.training_jobs import STATUSES, job_name_of, job_observation, status_of


class JobRuns:
    """The training jobs that are the runs of a kind. Raises CloudError."""

    def __init__(self, calls: Calls, kind: str) -> None:
        self._jobs = TrainingJobs(calls)
        self._tags = Tags(calls)
        self._logs = Logs(calls)
        self._kind = kind

    def start(
        self,
        scope: Scope,
        intent: Intent,
        request: Mapping[str, Any],
        outputs: Mapping[str, JsonValue],
    ) -> Observation:
        """Start the job, or adopt the one that an earlier try of the same claim started."""
        try:
            arn = self._jobs.create(request)
        except AlreadyExists as taken:
            return self._taken(scope, intent, taken)
        return Observation(
            id=arn,
            status=Status.PENDING,
            name=intent.name,
            digest=intent.digest,
            attempt=intent.attempt,
            address=intent.address.mark,
            lineage=scope.lineage,
            ours=True,
            outputs={"job_arn": arn, **outputs},
            stage="Starting",
        )

    def observe(self, targets: Sequence[Target]) -> Mapping[Address, Sighting]:
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

    def update(self, wish: Wish, record: Record) -> Observation:
        """Set the tags that are declared now. Nothing else of a job can change."""
        retag(self._tags, record.id, wish, record)
        return unchanged(record)

    def stop(self, record: Record) -> None:
        """Stop the job; a finished one stays as it is."""
        self._jobs.stop(job_name_of(record.id))

    def facts(self, record: Record) -> Mapping[str, JsonValue]:
        """What the job of a recipe says of itself, for a record that was recovered. Never raises."""
        if "output" in record.outputs and "base_model" in record.outputs:
            return {}
        try:
            job = self._jobs.describe(job_name_of(record.id)) or {}
        except CloudError:
            return {}
        nova = nova_model(str((job.get("HyperParameters") or {}).get("model_type")))
        found: dict[str, JsonValue] = {
            "output": (job.get("OutputDataConfig") or {}).get("S3OutputPath"),
            "image": (job.get("AlgorithmSpecification") or {}).get("TrainingImage"),
            "base_model": nova.hub_name if nova is not None else None,
        }
        return {name: value for name, value in found.items() if value}

    def recover(self, scope: Scope, targets: Sequence[Target]) -> Sequence[Observation]:
        """Every job with this stack's marks: by tag, and by name for those too new to be indexed."""
        found = {o.id: o for o in self._by_tag(scope)}
        for observation in self._by_name(scope, targets, frozenset(found)):
            found[observation.id] = observation
        return tuple(found.values())

    def log_lines(self, record: Record) -> Sequence[str]:
        """The last lines of the job's log."""
        return self._logs.last_lines(f"{job_name_of(record.id)}/")

    def _sighting(self, target: Target) -> Sighting:
        if target.record is None:
            return Sighting(None)
        job = self._jobs.describe(job_name_of(target.record.id))
        if job is None:
            return Sighting(None, recorded_gone=True)
        return Sighting(job_observation(job, as_recorded(target.record), ours=True))

    def _taken(self, scope: Scope, intent: Intent, taken: AlreadyExists) -> Observation:
        """What has the name already. It is ours where it carries the digest of the claim."""
        found = self.find(scope, intent)
        if found is not None:
            return found
        raise not_to_be_had(intent, taken, f"a training job {intent.name}") from taken

    def _by_tag(self, scope: Scope) -> Iterator[Observation]:
        for job in self._jobs.tagged(TAG_STACK, scope.stack.name):
            yield from self._seen(scope, job, as_mapping(job.get("Tags", ())))

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
                yield from self._seen(scope, job, self._tags.of(arn))

    def _seen(
        self, scope: Scope, job: Mapping[str, Any], tags: Mapping[str, str]
    ) -> Iterator[Observation]:
        """A row of a listing, if its tags say that it is a run of this kind and stack."""
        marks = marks_in_tags(tags)
        if marks.stack != scope.stack.name or not marks.address.startswith(f"{self._kind}."):
            return
        yield Observation(
            id=str(job["TrainingJobArn"]),
            status=status_of(str(job["TrainingJobStatus"]), STATUSES),
            name=str(job["TrainingJobName"]),
            digest=marks.digest,
            attempt=marks.attempt,
            address=marks.address,
            lineage=marks.lineage,
            ours=marks.ours(scope),
            stage=str(job.get("SecondaryStatus") or ""),
            started_at=moment(job.get("CreationTime")),
            ended_at=moment(job.get("TrainingEndTime")),
        )
