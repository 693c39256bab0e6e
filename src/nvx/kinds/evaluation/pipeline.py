"""The pipelines of a stack's evaluations: whose they are, what they hold, what ran in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace

from nvx.aws.call import Calls
from nvx.aws.pipelines import Pipelines, PipelineText
from nvx.aws.tags import Tags
from nvx.core.cloud import AlreadyExists, NotOurs, Rejected
from nvx.core.kind import Observation
from nvx.core.names import display_name
from nvx.core.resource import Scope, Wish
from nvx.core.state import Intent
from nvx.kinds.common.marks import Marks, marks_in_tags, marks_of, user_tags
from nvx.kinds.evaluation.definition import alias_of, definition_text
from nvx.kinds.evaluation.executions import attempt_of, listed_observation
from nvx.kinds.evaluation.terms import Terms

STUDIO_TAG = "SagemakerModelEvaluation"
"""The tag by which SageMaker Studio knows pipelines that evaluate."""


class KeptPipelines:
    """One pipeline for each address, one version of it for each definition."""

    def __init__(self, calls: Calls) -> None:
        self._pipelines = Pipelines(calls)
        self._tags = Tags(calls)

    def owner(self, pipeline: str) -> Marks | None:
        """The marks of a pipeline; None where there is no pipeline."""
        described = self._pipelines.describe(pipeline)
        if described is None:
            return None
        return marks_in_tags(self._tags.of(str(described["PipelineArn"])))

    def names(self, scope: Scope) -> set[str]:
        """The pipelines whose name begins like those of a stack."""
        prefix = f"{scope.stack.name}-"
        # A prefix on the wire may not end in a hyphen.
        listed = self._pipelines.named(scope.stack.name)
        return {name for name in listed if name.startswith(prefix)}

    def offer(self, scope: Scope, text: PipelineText, intent: Intent) -> Observation | None:
        """Bring the wished definition into the pipeline; an execution of the same claim, if there is one.

        Raises NotOurs where the name belongs to somebody else.
        """
        marks = self.owner(text.name)
        if marks is None:
            if self._created(scope, text):
                return None
            marks = self.owner(text.name)
        if marks is None or not marks.ours(scope):
            raise NotOurs(f"a pipeline {text.name} exists and is not marked as this stack's")
        found = self.started(scope, intent)
        if found is None:
            self._ensure_version(text)
        return found

    def started(self, scope: Scope, intent: Intent) -> Observation | None:
        """The execution that carries the claim of an intent in its display name."""
        wanted = display_name(intent.address, intent.digest, intent.attempt)
        marks = marks_of(scope, intent)
        for summary in self._pipelines.executions(intent.name):
            if summary.get("PipelineExecutionDisplayName") == wanted:
                return listed_observation(summary, intent.name, marks, ours=True)
        return None

    def recovered(
        self, scope: Scope, pipeline: str, digests: Mapping[str, str]
    ) -> Iterator[Observation]:
        """Every execution of ours; with `digests` (first 12 hex → all 64) only those of them."""
        marks = self.owner(pipeline)
        if marks is None or marks.stack != scope.stack.name:
            return
        for summary in self._pipelines.executions(pipeline):
            attempt = attempt_of(str(summary.get("PipelineExecutionDisplayName") or ""))
            if attempt is None or (digests and attempt.digest12 not in digests):
                continue
            digest = digests.get(attempt.digest12, attempt.digest12)
            own = replace(marks, digest=digest, attempt=attempt.number)
            yield listed_observation(summary, pipeline, own, ours=marks.ours(scope))

    def _created(self, scope: Scope, text: PipelineText) -> bool:
        """Whether this call made the pipeline; another process may have been first."""
        seed = f"{scope.lineage}\n{text.name}\n{text.definition}"
        try:
            self._pipelines.create(text, hashlib.sha256(seed.encode()).hexdigest())
        except AlreadyExists:
            return False
        return True

    def _ensure_version(self, text: PipelineText) -> None:
        """Put the definition into the pipeline, unless a version of it holds it already."""
        if self._pipelines.describe(text.name, text.alias) is not None:
            return
        try:
            self._pipelines.add_version(text)
        except Rejected:
            # Somebody else may have added the same definition in between.
            if self._pipelines.describe(text.name, text.alias) is None:
                raise


def pipeline_text(wish: Wish, intent: Intent, terms: Terms) -> PipelineText:
    """The pipeline of an evaluation as it is sent, with the marks of its owner."""
    definition = definition_text(terms)
    marks = {**marks_of(wish.scope, intent).owner_tags(), STUDIO_TAG: "true"}
    return PipelineText(
        name=intent.name,
        definition=definition,
        alias=alias_of(definition),
        role=terms.role,
        description=description_of(wish),
        tags={**user_tags(wish.declared.marks), **marks},
    )


def description_of(wish: Wish) -> str:
    """The description as a pipeline takes it: on one line."""
    return " ".join(str(wish.declared.marks.get("description") or "").split())
