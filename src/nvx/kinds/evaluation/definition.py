"""The pipeline definition of a serverless evaluation, as data. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from nvx.kinds.common.runs import Refusal
from nvx.kinds.evaluation.judge_steps import (
    BASE_INFERENCE,
    BASE_METRICS,
    TUNED_INFERENCE,
    TUNED_METRICS,
    judge_steps,
)
from nvx.kinds.evaluation.lineage_steps import CREATE_STEP, association_step, creation_step
from nvx.kinds.evaluation.step import training_step
from nvx.kinds.evaluation.terms import Terms

BASE_STEP = "EvaluateBaseModel"
TUNED_STEP = "EvaluateCustomModel"

_LARGEST = 1_048_576
"""Source: botocore 1.44.5, CreatePipeline."""

LABELS = {
    BASE_STEP: "base-eval-report",
    TUNED_STEP: "custom-eval-report",
    BASE_METRICS: "base-eval-report",
    TUNED_METRICS: "custom-eval-report",
    BASE_INFERENCE: "base-inference-results",
    TUNED_INFERENCE: "custom-inference-results",
}
"""What the artifact of a step is called in lineage."""


def definition_of(terms: Terms) -> Mapping[str, Any]:
    """The definition document: a step for each model, and the lineage steps around them if wanted.

    Built as data, never from text: quotes and `{{…}}` in values pass through untouched.
    """
    document: dict[str, Any] = {"Version": "2020-12-01", "Metadata": {}, "Parameters": []}
    if terms.mlflow:
        document["MlflowConfig"] = dict(terms.mlflow)
    steps = _jobs(terms)
    if terms.lineage is not None and terms.package is not None:
        lineage, package = terms.lineage, terms.package.arn
        before = creation_step(
            lineage.pipeline, package, lineage.artifact_arn, lineage.action_root
        )
        reports = {LABELS[step["Name"]]: step["Name"] for step in steps}
        if terms.judge is not None:
            steps = [_after(step, CREATE_STEP) for step in steps]
        steps = [before, *steps, association_step(reports, lineage.action_root)]
    return {**document, "Steps": steps}


def definition_text(terms: Terms) -> str:
    """The definition as it is sent: the same terms give the same bytes."""
    return json.dumps(definition_of(terms), sort_keys=True, separators=(",", ":"))


def definition_problems(terms: Terms) -> Iterator[str]:
    """Why the service would not take the definition at all."""
    size = len(definition_text(terms))
    if size > _LARGEST:
        text = (
            f"the definition of the pipeline has {size:,} characters; at most {_LARGEST:,} fit"
        )
        yield Refusal(text, "definition")


def alias_of(definition: str) -> str:
    """The alias of the pipeline version that holds a definition: `nvx-` and 12 hex."""
    return f"nvx-{hashlib.sha256(definition.encode()).hexdigest()[:12]}"


def _jobs(terms: Terms) -> list[dict[str, Any]]:
    """The steps that are jobs: one for each model, or two where a judge comes after it."""
    if terms.judge is not None:
        return judge_steps(terms, terms.judge)
    if terms.package is None:
        return [training_step(BASE_STEP, terms, None)]
    tuned = training_step(TUNED_STEP, terms, terms.package)
    return [training_step(BASE_STEP, terms, None), tuned] if terms.compare_base else [tuned]


def _after(step: dict[str, Any], before: str) -> dict[str, Any]:
    """A step that waits for another, unless it waits already."""
    return {"Name": step["Name"], "Type": step["Type"], "DependsOn": [before], **step}
