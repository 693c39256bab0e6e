"""What can be known offline against an evaluation on Bedrock."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nvx.core.diagnostics import Diagnostic, error, nearest, warning
from nvx.core.ports import Sources, in_one_line
from nvx.core.resource import Checked, StackSettings
from nvx.data.judging import judge_metrics, judges
from nvx.kinds.common.fields import all_tags, tag_problems
from nvx.kinds.common.offline import place_problems
from nvx.kinds.common.rows import dataset_of, rows_of
from nvx.kinds.common.serverless import S3_URI
from nvx.kinds.evaluation.bedrock_fields import BedrockJudgeFields
from nvx.kinds.evaluation.bedrock_request import inference_text
from nvx.kinds.evaluation.gates import gate_problems
from nvx.kinds.evaluation.judge_metrics import metric_problems, metric_warnings

MOST_PROMPTS = 1000
_MOST_METRICS = 25
_LONGEST_PARAMETERS = 1023
_LONGEST_DESCRIPTION = 200
_TAG = re.compile(r"[a-zA-Z0-9\s._:/=+@-]*")
_KEY = re.compile(
    r"arn:aws[^:]*:kms:[a-zA-Z0-9-]*:\d{12}:(key/[a-zA-Z0-9-]{36}|alias/[a-zA-Z0-9-_/]+)"
    r"|[a-zA-Z0-9-]{36}|alias/[a-zA-Z0-9-_/]+"
)
_GEOGRAPHY = re.compile(r"(us|eu|apac|jp|au|ca|us-gov|global)\.")
_PREDICTED = "Builtin."


def fields_of(resource: Checked) -> BedrockJudgeFields:
    """The fields of a checked evaluation."""
    if not isinstance(resource.config, BedrockJudgeFields):
        raise TypeError(f"{resource.address} is not judged on Bedrock")
    return resource.config


def problems_of(resource: Checked, stack: StackSettings) -> Iterator[Diagnostic]:
    """Every problem that the model alone cannot see."""
    config = fields_of(resource)
    yield from place_problems(resource, stack, role=config.role, output=config.output)
    yield from _tags(resource, config, stack)
    yield from _answers(resource, config)
    yield from _dataset(resource, config)
    yield from _judges(resource, config)
    yield from _metrics(resource, config)
    yield from _limits(resource, config, stack)
    yield from gate_problems(resource, config.gate, has_base=False)


def row_problems(resource: Checked, sources: Sources) -> Iterator[Diagnostic]:
    """Rows of a local dataset that cannot be read, and more of them than a job takes."""
    source = rows_of(resource, "dataset", sources, "", "")
    if source is None:
        return
    yield from source.problems
    if source.rows > MOST_PROMPTS:
        text = f"dataset has {source.rows:,} rows; a job takes {MOST_PROMPTS:,} prompts"
        at = resource.at(("dataset",))
        yield error("evaluation-rows", "Too many rows", text, at=at)


def _tags(
    resource: Checked, config: BedrockJudgeFields, stack: StackSettings
) -> Iterator[Diagnostic]:
    yield from tag_problems(resource, config, stack)
    for key, value in sorted(all_tags(config, stack).items()):
        if not _TAG.fullmatch(key + value):
            text = f'"{key}" = "{value}": Bedrock takes only letters a to z, digits and _ . : / = + - @'
            yield error("tags", "Not a tag", text, at=resource.at(("tags",)))


def _answers(resource: Checked, config: BedrockJudgeFields) -> Iterator[Diagnostic]:
    at = resource.declared_at
    if (config.model is None) == (config.answers is None):
        both = config.model is not None
        text = "model and answers exclude each other" if both else "there is nothing to judge"
        hint = "set `model`, or `answers` where the rows hold the answers"
        yield error(
            "inference", "Who answers?", f"{resource.address}: {text}", at=at, hint=hint
        )
    if config.answers is not None and (config.inference or config.latency):
        text = "the answers are in the rows already: inference and latency have nothing to set"
        yield error("inference", "Nothing to set", text, at=at)


def _dataset(resource: Checked, config: BedrockJudgeFields) -> Iterator[Diagnostic]:
    value, at = config.dataset, resource.at(("dataset",))
    if isinstance(value, str) and not S3_URI.fullmatch(value):
        hint = "write ${dataset.<name>} or s3://…; a local file is declared as a dataset first"
        yield error("dataset", "Not a dataset", f'dataset = "{value}"', at=at, hint=hint)
        return
    declared = dataset_of(resource, "dataset")
    name = declared.source if declared is not None else value
    if isinstance(name, str) and not name.lower().endswith(".jsonl"):
        text = f"{name} is no .jsonl object: a job reads one JSON object a line"
        yield error("dataset", "Not a dataset", text, at=at)


def _judges(resource: Checked, config: BedrockJudgeFields) -> Iterator[Diagnostic]:
    known = judges()
    for field in ("judge", "custom_judge"):
        written = getattr(config, field)
        if written is None:
            continue
        name = _GEOGRAPHY.sub("", written.rpartition("/")[2], count=1)
        at = resource.at((field,))
        if name not in known:
            text = f'{field} = "{written}" is not known to judge.{nearest(name, known)}'
            hint = f"known are {in_one_line(sorted(known))}"
            yield warning("judge", "Unknown judge", text, at=at, hint=hint)
        elif field == "judge" and config.names and not known[name].builtin:
            text = f"{name} judges only by metrics of one's own"
            hint = "choose another judge, and this one as custom_judge"
            yield error("judge", "Judge takes no built-in metrics", text, at=at, hint=hint)


def _metrics(resource: Checked, config: BedrockJudgeFields) -> Iterator[Diagnostic]:
    known, at, own = judge_metrics(), resource.at(("metrics",)), resource.at(("metric",))
    count = len(config.names) + len(config.metric)
    if not 1 <= count <= _MOST_METRICS:
        text = f"{resource.address} has {count} metrics; 1 to {_MOST_METRICS} are allowed"
        hint = f"metrics takes {in_one_line(known)}"
        yield error("judge-metric", "How many metrics?", text, at=at, hint=hint)
    for name in sorted(set(config.names) - known.keys()):
        text = f'"{name}" is no built-in metric.{nearest(name, known)}'
        hint = f"use any of {in_one_line(known)}"
        yield error("judge-metric", "Unknown metric", text, at=at, hint=hint)
    if config.custom_judge is not None and not config.metric:
        text = "custom_judge judges by metrics of one's own, and there are none"
        yield error("judge-metric", "Nothing to judge", text, at=resource.at(("custom_judge",)))
    for problem in metric_problems(config.metric):
        yield error("judge-metric", "Metric not allowed", problem, at=own)
    for metric in config.metric:
        if metric.name in known or metric.name.startswith(_PREDICTED):
            text = f"{metric.name} is the name of a built-in metric"
            yield error("judge-metric", "Metric not allowed", text, at=own)
    for problem in metric_warnings(config.metric):
        yield warning("judge-metric", "Metric of little use", problem, at=own)


def _limits(
    resource: Checked, config: BedrockJudgeFields, stack: StackSettings
) -> Iterator[Diagnostic]:
    text = inference_text(config)
    if len(text) > _LONGEST_PARAMETERS:
        said = (
            f"written as JSON it has {len(text)} characters; {_LONGEST_PARAMETERS} are allowed"
        )
        yield error("inference", "Too much to set", said, at=resource.at(("inference",)))
    if len(config.description) > _LONGEST_DESCRIPTION:
        said = (
            f"it has {len(config.description)} characters; {_LONGEST_DESCRIPTION} are allowed"
        )
        at = resource.at(("description",))
        yield error("description", "Description too long", said, at=at)
    key = config.kms_key or stack.kms_key
    if key and not _KEY.fullmatch(key):
        said = f'"{key}": write the ARN of a key or alias, a key id, or alias/<name>'
        yield error("kms-key", "Not a key", said, at=resource.at(("kms_key",)))
