"""What can be known offline against an evaluation that a model judges."""

from __future__ import annotations

from collections.abc import Iterator

from nvx.core.diagnostics import Diagnostic, error, nearest, warning
from nvx.core.ports import in_one_line
from nvx.core.resource import Checked, StackSettings
from nvx.data.catalogue import aliases, family_of
from nvx.data.judging import judge_metrics, judges, without_prefix
from nvx.kinds.evaluation.checks import base_of, is_base
from nvx.kinds.evaluation.judge_fields import LlmJudgeFields
from nvx.kinds.evaluation.judge_metrics import metric_problems, metric_warnings

_MOST_METRICS = 25
_BLOCK = """\
judge it on Bedrock instead:

    [{address}]
    type    = "bedrock_judge"
    model   = {model}
    judge   = "{judge}"
    metrics = [{metrics}]
    dataset = {dataset}"""


def judge_problems(
    resource: Checked, config: LlmJudgeFields, stack: StackSettings
) -> Iterator[Diagnostic]:
    """The judge, the metrics, the family of the model, and what nobody can set."""
    yield from _nova(resource, config)
    yield from _judge(resource, config, stack)
    yield from _metrics(resource, config)
    for name in config.inference:
        yield error(
            "inference",
            "Nothing to set",
            f"{name}: the service fixes how a model answers that is judged",
            at=resource.at((name,)),
            hint=f"remove `{name}`",
        )


def _nova(resource: Checked, config: LlmJudgeFields) -> Iterator[Diagnostic]:
    base = base_of(resource)
    if not base or family_of(base) != "nova":
        return
    metrics = ", ".join(f'"{name}"' for name in config.names) or '"Correctness"'
    yield error(
        "judge-nova",
        "Amazon Nova is not judged serverless",
        f"{resource.address} evaluates {base}, and serverless jobs judge open-weight models only",
        at=resource.at(("model",)),
        hint=_BLOCK.format(
            address=resource.address,
            model=_on_bedrock(config, base),
            judge=config.judge,
            metrics=metrics,
            dataset=_written(config.dataset),
        ),
    )


def _on_bedrock(config: LlmJudgeFields, base: str) -> str:
    """What a Bedrock job would ask: the base model by its id there, a tuned one where it is deployed."""
    if not is_base(config):
        return '"<ARN of the endpoint or deployment of the tuned model>"'
    names = [alias for alias, hub_name in aliases().items() if hub_name == base]
    return f'"{names[0]}:0"' if names else f'"<Bedrock id of {base}>"'


def _written(value: object) -> str:
    """A field as it would be written again: references without the output that was filled in."""
    text = str(value)
    return (
        f'"{text.removesuffix("}").rpartition(".")[0]}}}"'
        if text.startswith("${")
        else f'"{text}"'
    )


def _judge(
    resource: Checked, config: LlmJudgeFields, stack: StackSettings
) -> Iterator[Diagnostic]:
    known, at = judges(), resource.at(("judge",))
    judge = known.get(config.judge)
    if judge is None:
        yield warning(
            "judge",
            "Unknown judge",
            f'judge = "{config.judge}" is not known to judge.{nearest(config.judge, known)}',
            at=at,
            hint=f"known are {in_one_line(sorted(known))}",
        )
        return
    if judge.regions and stack.region and stack.region not in judge.regions:
        yield warning(
            "judge",
            "Perhaps not offered in this region",
            f"{judge.id} is known to judge in {in_one_line(judge.regions)}, not in {stack.region}",
            at=at,
        )
    if not judge.builtin and config.names:
        yield error(
            "judge",
            "Judge takes no built-in metrics",
            f"{judge.id} judges only by metrics of one's own",
            at=resource.at(("metrics",)),
            hint="declare [[evaluation.<name>.metric]], or choose another judge",
        )


def _metrics(resource: Checked, config: LlmJudgeFields) -> Iterator[Diagnostic]:
    at = resource.at(("metrics",))
    if not (config.metrics or config.metric or config.metrics_file):
        yield error(
            "judge-metric",
            "A metric is needed",
            f"{resource.address} has neither metrics, metric nor metrics_file",
            at=resource.declared_at,
            hint=f"metrics takes {in_one_line(judge_metrics())}",
        )
    for name in sorted(
        {without_prefix(name) for name in config.metrics} - judge_metrics().keys()
    ):
        yield error(
            "judge-metric",
            "Unknown metric",
            f'"{name}" is no built-in metric.{nearest(name, judge_metrics())}',
            at=at,
            hint=f"use any of {in_one_line(judge_metrics())}",
        )
    if config.metric and config.metrics_file:
        text = "metric and metrics_file both define metrics of one's own"
        hint = "use one of the two"
        yield error("judge-metric", "Two places for metrics", text, at=at, hint=hint)
    yield from custom_problems(resource, config, ("metric",))


def custom_problems(
    resource: Checked, config: LlmJudgeFields, field: tuple[str, ...]
) -> Iterator[Diagnostic]:
    """What stands against metrics of one's own, written in the block or read from a file."""
    at, metrics = resource.at(field), config.custom
    for problem in metric_problems(metrics):
        yield error("judge-metric", "Metric not allowed", problem, at=at)
    for name in sorted({metric.name for metric in metrics} & judge_metrics().keys()):
        text = f"{name} is the name of a built-in metric"
        yield error("judge-metric", "Metric not allowed", text, at=at)
    if len(metrics) + len(config.names) > _MOST_METRICS:
        text = f"there are {len(metrics) + len(config.names)} metrics; at most {_MOST_METRICS}"
        yield error("judge-metric", "Too many metrics", text, at=at)
    for problem in metric_warnings(metrics):
        yield warning("judge-metric", "Metric of little use", problem, at=at)
