"""Training jobs of a listing as observations, if their tags say that they are ours. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nvx.core.kind import Observation
from nvx.core.resource import Scope
from nvx.kinds.common.marks import marks_in_tags
from nvx.kinds.common.serverless import moment
from nvx.kinds.common.training_jobs import STATUSES, status_of


def seen_in_listing(
    scope: Scope, job: Mapping[str, Any], tags: Mapping[str, str]
) -> Iterator[Observation]:
    """A row of a listing, if its tags say that it is a fine-tune of this stack."""
    marks = marks_in_tags(tags)
    if marks.stack != scope.stack.name or not marks.address.startswith("fine_tune."):
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
