"""Fine-tuning by Autopilot: one AutoML job for each attempt, and an endpoint if that is wished."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from nvx.aws.automl import AutoMlJobs, RoleAccess
from nvx.aws.call import Calls
from nvx.aws.logs import Logs
from nvx.aws.objects import Objects
from nvx.aws.tags import Tags
from nvx.core.address import Address
from nvx.core.cloud import AlreadyExists
from nvx.core.diagnostics import Diagnostic
from nvx.core.kind import Held, Observation, Sighting, Target
from nvx.core.names import tag8
from nvx.core.resource import Declared, Scope, Wish
from nvx.core.state import Intent, Record, Status
from nvx.core.values import JsonValue
from nvx.kinds.common.marks import marks_in_tags
from nvx.kinds.common.runs import as_recorded, not_to_be_had, refused, retag, unchanged
from nvx.kinds.common.serverless import typed
from nvx.kinds.common.training_jobs import job_name_of
from nvx.kinds.fine_tune.autopilot_data import data_findings, role_findings
from nvx.kinds.fine_tune.autopilot_endpoints import EndpointRuns
from nvx.kinds.fine_tune.autopilot_fields import AutopilotFields
from nvx.kinds.fine_tune.autopilot_request import automl_request
from nvx.kinds.fine_tune.autopilot_results import (
    candidate_outputs,
    job_observation,
)
from nvx.kinds.fine_tune.autopilot_spec import NAME_LIMIT, AutopilotSpec


class Autopilot(AutopilotSpec):
    """`fine_tune` with `method = "autopilot"`: its verbs."""

    bulk: ClassVar[bool] = False

    def __init__(self, calls: Calls) -> None:
        self._jobs = AutoMlJobs(calls)
        self._endpoints = EndpointRuns(calls)
        self._objects = Objects(calls)
        self._access = RoleAccess(calls)
        self._tags = Tags(calls)
        self._logs = Logs(calls)

    def preflight(self, scope: Scope, declared: Declared) -> tuple[Diagnostic, ...]:
        """What the data in S3 and the role say against a start. Reads only."""
        config = typed(AutopilotFields, declared.config)
        return (
            *data_findings(self._objects, config, declared),
            *role_findings(self._access, scope.stack, config, declared),
        )

    def observe(self, scope: Scope, targets: Sequence[Target]) -> Mapping[Address, Sighting]:
        """The job of each record; a target without one has no job yet."""
        return {target.address: self._sighting(target) for target in targets}

    def find(self, scope: Scope, intent: Intent) -> Observation | None:
        """The job of the intent's name, if it carries the intent's marks."""
        job = self._jobs.describe(intent.name)
        if job is None:
            return None
        marks = marks_in_tags(self._tags.of(str(job["AutoMLJobArn"])))
        if not marks.ours(scope) or not marks.claims(intent):
            return None
        return job_observation(job, marks, ours=True)

    def create(self, wish: Wish, intent: Intent) -> Observation:
        """Start the job, or adopt the one that an earlier try of the same claim started."""
        config = typed(AutopilotFields, wish.config)
        self._refuse(wish, intent, config)
        request = automl_request(wish, intent, config)
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
                "base_model": config.base_model,
                "output": request["OutputDataConfig"]["S3OutputPath"],
            },
            stage="Starting",
        )

    def update(self, wish: Wish, record: Record) -> Observation:
        """Set the tags that are declared now. Nothing else of a job can change."""
        retag(self._tags, record.id, wish, record)
        return unchanged(record)

    def delete(self, scope: Scope, record: Record) -> None:
        """Stop the job; a finished one stays as it is: AWS cannot delete it."""
        self._jobs.stop(job_name_of(record.id))

    def recover(self, scope: Scope, targets: Sequence[Target]) -> Sequence[Observation]:
        """Every job with this stack's marks: by name; the tags have the last word."""
        ends = {
            tag8(scope.stack.name, target.address, target.declared.digest)
            for target in targets
            if target.declared is not None
        }
        rows = self._jobs.listed(f"{scope.stack.name}-")
        fitting = (
            row for row in rows if not ends or ends & set(str(row["AutoMLJobName"]).split("-"))
        )
        return [seen for row in fitting for seen in self._seen(scope, row)]

    def results(self, scope: Scope, record: Record) -> Mapping[str, JsonValue]:
        """The metrics of the best candidate, the artifact, and the endpoint that is up."""
        job = self._jobs.describe(job_name_of(record.id)) or {}
        return {**candidate_outputs(job), **self._endpoints.outputs(job)}

    def held(self, record: Record, said: Mapping[str, JsonValue]) -> Held | None:
        """The endpoint that a run left running, unless it is to be kept."""
        return self._endpoints.held(record, said)

    def release(self, scope: Scope, record: Record) -> Mapping[str, JsonValue]:
        """Delete the endpoint of a run; the outputs that are left."""
        return self._endpoints.release(record)

    def log_lines(self, scope: Scope, record: Record) -> Sequence[str]:
        """The last lines of the training that the job started."""
        return self._logs.last_lines(job_name_of(record.id))

    def _sighting(self, target: Target) -> Sighting:
        if target.record is None:
            return Sighting(None)
        job = self._jobs.describe(job_name_of(target.record.id))
        if job is None:
            return Sighting(None, recorded_gone=True)
        return Sighting(job_observation(job, as_recorded(target.record), ours=True))

    def _refuse(self, wish: Wish, intent: Intent, config: AutopilotFields) -> None:
        """Raise Rejected for what would fail after it has cost time and money."""
        found = data_findings(self._objects, config, wish.declared)
        problems = [f"{d.code}: {d.detail}" for d in found if d.is_error]
        if len(intent.name) > NAME_LIMIT:
            problems.append(
                f"A-01: the name {intent.name} has {len(intent.name)} characters; {NAME_LIMIT} are"
                " allowed: shorten the name of the stack"
            )
        if problems:
            raise refused(intent, problems)

    def _taken(self, scope: Scope, intent: Intent, taken: AlreadyExists) -> Observation:
        """What has the name already, in whatever case. It is ours where it carries our marks."""
        found = self.find(scope, intent)
        if found is not None:
            return found
        raise not_to_be_had(intent, taken, f"A-01: an AutoML job {intent.name}") from taken

    def _seen(self, scope: Scope, row: Mapping[str, Any]) -> Iterator[Observation]:
        marks = marks_in_tags(self._tags.of(str(row["AutoMLJobArn"])))
        if marks.stack == scope.stack.name and marks.address.startswith("fine_tune."):
            yield job_observation(row, marks, ours=marks.ours(scope))
