"""LLM-as-a-judge: a model on Bedrock judges the answers of an open-weight model, serverless."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from nvx.aws.call import Calls
from nvx.aws.models import BaseModel, Models
from nvx.aws.objects import Owner, Place, changed
from nvx.aws.uploads import Upload, Uploads
from nvx.core.cloud import CloudError, Rejected
from nvx.core.diagnostics import Diagnostic, Severity, error
from nvx.core.ports import Clock, Sources
from nvx.core.resource import Checked, Declared, Scope, StackSettings, Wish
from nvx.core.values import Value
from nvx.kinds.common.placing import local_path
from nvx.kinds.common.rules import numbered
from nvx.kinds.common.serverless import output_of, typed
from nvx.kinds.evaluation.data import (
    channel_of,
    dataset_identity,
    dataset_problems,
    row_problems,
)
from nvx.kinds.evaluation.fields import EvaluationFields
from nvx.kinds.evaluation.judge_checks import custom_problems, judge_problems
from nvx.kinds.evaluation.judge_fields import LlmJudgeFields
from nvx.kinds.evaluation.judge_metrics import CustomMetric, MetricsError, metrics_in, wire_text
from nvx.kinds.evaluation.reading import JUDGE_FILES, Layout
from nvx.kinds.evaluation.rules import RULES
from nvx.kinds.evaluation.runs import ServerlessEvaluations
from nvx.kinds.evaluation.subject import Question
from nvx.kinds.evaluation.terms import Judge, Terms

_MOST_PROMPTS = 1000
_NO_MODEL = frozenset({"ValidationException", "ResourceNotFoundException"})


class LlmJudges(ServerlessEvaluations):
    """`evaluation` with `type = "llm_judge"`: rules, identity, verbs."""

    variant: ClassVar[str] = "llm_judge"
    model: ClassVar[type[EvaluationFields]] = LlmJudgeFields
    layout: ClassVar[Layout] = JUDGE_FILES
    example: ClassVar[str] = """\
[evaluation.helpful]
type    = "llm_judge"
model   = "${fine_tune.support}"
dataset = "${dataset.held_out}"
judge   = "amazon.nova-pro-v1:0"
metrics = ["Helpfulness", "Correctness"]

[[evaluation.helpful.metric]]
name         = "brief"
instructions = "Is the answer brief? Question: {{prompt}} Answer: {{prediction}}"
scale        = [{ definition = "long", value = 0.0 }, { definition = "brief", value = 1.0 }]
"""

    def __init__(self, calls: Calls, models: Models, clock: Clock) -> None:
        super().__init__(calls, models)
        self._uploads = Uploads(calls)
        self._clock = clock

    @classmethod
    def type_problems(cls, resource: Checked, stack: StackSettings) -> Iterable[Diagnostic]:
        """The dataset, the judge and the metrics."""
        config = _fields(resource.config)
        yield from dataset_problems(resource, config, stack)
        yield from judge_problems(resource, config, stack)

    @classmethod
    def normalised(cls, resource: Checked, sources: Sources) -> Mapping[str, Value]:
        """The dataset and the file of metrics by their content, built-in metrics sorted."""
        config = _fields(resource.config)
        normal: dict[str, Value] = {**dataset_identity(resource, config, sources)}
        if config.metrics:
            normal["metrics"] = list(config.names)
        if config.metrics_file:
            path = str(local_path(resource.directory, config.metrics_file))
            normal["metrics_file"] = sources.code(path, resource.at(("metrics_file",))).identity
        return normal

    @classmethod
    def source_problems(cls, resource: Checked, sources: Sources) -> Iterable[Diagnostic]:
        """Rows that cannot be read or are too many, and metrics of a file that cannot be used."""
        yield from row_problems(resource, sources, _MOST_PROMPTS)
        yield from _file_problems(resource, _fields(resource.config))

    def preflight(self, scope: Scope, declared: Declared) -> tuple[Diagnostic, ...]:
        """What AWS would refuse, and what the start amounts to."""
        config = typed(LlmJudgeFields, declared.config)
        return (
            *super().preflight(scope, declared),
            *numbered([_cost(declared, config)], RULES),
        )

    def question(self, config: EvaluationFields, base: BaseModel) -> Question:
        """The rows to answer, and who judges the answers by what."""
        asked = _fields(config)
        problems = (f"{base.name} is judged on Bedrock only",) if base.is_nova else ()
        return Question(
            evaluation_type="LLMAJEvaluation",
            recipe_type="LLMAJEvaluation",
            hyperparameters={},
            channel=channel_of(str(asked.dataset)),
            problems=problems,
            decoding=False,
            judge=Judge(asked.judge, asked.names),
        )

    def completed(self, wish: Wish, config: EvaluationFields, terms: Terms) -> Terms:
        """The judge with the place of one's own metrics, uploaded now under the hash of their bytes."""
        metrics = _custom(wish, _fields(config))
        if not metrics or terms.judge is None:
            return terms
        data = wire_text(metrics)
        place = self._place(wish, config, data)
        self._send(wish, config, data, place)
        judge = Judge(terms.judge.model, terms.judge.metrics, str(place))
        return replace(terms, judge=judge)

    def refused(self, wish: Wish, config: EvaluationFields) -> Iterable[str]:
        """What AWS says against the judge: not on its list, not on Bedrock, past its end of life."""
        judge = _fields(config).judge
        offered = self._scorers.judges(wish.scope.stack.region)
        if offered is not None and judge not in offered:
            yield f"{judge} is not among the judges of {wish.scope.stack.region}"
        else:
            yield from self._lifecycle(judge)

    def _lifecycle(self, judge: str) -> Iterator[str]:
        try:
            found = self._scorers.foundation_model(judge)
        except CloudError as failure:
            # Who may not ask, or whose AWS has no Bedrock, is not told that the judge is missing.
            if failure.code in _NO_MODEL:
                yield f"Bedrock has no model {judge}: {failure.message}"
            return
        if found is None:
            yield f"Bedrock has no model {judge}"
        elif found.end_of_life is not None and _aware(found.end_of_life) <= self._clock.now():
            yield f"{judge} reached the end of its life on {found.end_of_life:%Y-%m-%d}"

    def _place(self, wish: Wish, config: EvaluationFields, data: bytes) -> Place:
        root = output_of(wish.scope.stack, config.output or "")
        sha256 = hashlib.sha256(data).hexdigest()
        return Place.parse(f"{root}/evaluationinputs/{sha256}/custom-metrics.json")

    def _send(self, wish: Wish, config: EvaluationFields, data: bytes, place: Place) -> None:
        stack = wish.scope.stack
        owner = Owner(stack.account, stack.name, config.kms_key or stack.kms_key)
        with TemporaryDirectory(prefix="nvx-") as folder:
            path = Path(folder) / "custom-metrics.json"
            path.write_bytes(data)
            self._uploads.send(Upload(path, place, hashlib.sha256(data).hexdigest(), owner))


def _fields(config: object) -> LlmJudgeFields:
    if not isinstance(config, LlmJudgeFields):
        raise TypeError("a judge has the fields of a judge")
    return config


def _cost(declared: Declared, config: LlmJudgeFields) -> Diagnostic:
    """How much work a start sets off: the plan counts it as one run."""
    models = 2 if config.compare_base else 1
    metrics = len(config.names) + len(config.custom)
    each = f"{metrics} metrics" if not config.metrics_file else "every metric"
    text = (
        f"{declared.address} starts {2 * models} jobs, and asks {config.judge} about each row for"
        f" {each}" + (", of both models" if config.compare_base else "")
    )
    return Diagnostic(Severity.INFO, "cost", "More than one job", text, declared.declared_at)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _custom(wish: Wish, config: LlmJudgeFields) -> tuple[CustomMetric, ...]:
    """One's own metrics; those of a file only if it is still the planned one. Raises CloudError."""
    if not config.metrics_file:
        return config.custom
    path = local_path(wish.declared.directory, config.metrics_file)
    try:
        data = path.read_bytes()
        metrics = metrics_in(data)
    except (OSError, MetricsError) as failure:
        raise Rejected(f"{path}: {failure}", code="Preflight") from failure
    planned = wish.declared.inputs.get("metrics_file")
    if planned != {"sha256": hashlib.sha256(data).hexdigest()}:
        raise changed(path)
    return metrics


def _file_problems(resource: Checked, config: LlmJudgeFields) -> Iterator[Diagnostic]:
    if not config.metrics_file:
        return
    at = resource.at(("metrics_file",))
    path = local_path(resource.directory, config.metrics_file)
    try:
        metrics = metrics_in(path.read_bytes())
    except OSError:
        return  # its hash could not be taken either, which says so
    except MetricsError as failure:
        yield error(
            "judge-metric",
            "Not a file of metrics",
            f"{config.metrics_file}: {failure}",
            at=at,
            hint='write [{"customMetricDefinition": {"name", "instructions", "ratingScale"}}]',
        )
        return
    whole = config.model_copy(update={"metric": list(metrics)})
    yield from custom_problems(resource, whole, ("metrics_file",))
