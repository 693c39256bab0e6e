"""Benchmarks: a model against public questions, serverless."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nvx.aws.models import BaseModel
from nvx.core.diagnostics import Diagnostic, error, nearest
from nvx.core.ports import Sources, in_one_line
from nvx.core.resource import Checked, Role, StackSettings
from nvx.core.values import Value
from nvx.data.catalogue import (
    Benchmark,
    benchmarks,
    clean_subtasks,
    family_of,
    unknown_subtasks,
)
from nvx.kinds.evaluation.checks import base_of
from nvx.kinds.evaluation.fields import EvaluationFields
from nvx.kinds.evaluation.runs import ServerlessEvaluations
from nvx.kinds.evaluation.subject import Question

ALL = "ALL"


class BenchmarkFields(EvaluationFields):
    """`[evaluation.<name>]` with `type = "benchmark"`."""

    type: Annotated[
        Literal["benchmark"], Role.POLICY, Field(description="Public questions.")
    ] = "benchmark"
    benchmark: Annotated[
        str, Role.BEHAVIOUR, Field(description="Which questions, such as mmlu.")
    ]
    subtasks: Annotated[
        list[str] | str | None,
        Role.BEHAVIOUR,
        Field(description='Which parts of the benchmark; all of them by default, or "ALL".'),
    ] = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The subtasks as the service gets them; none for all."""
        if self.subtasks is None:
            return ()
        if isinstance(self.subtasks, str):
            whole = self.subtasks.strip().upper() == ALL
            return () if whole else clean_subtasks(self.subtasks.split(","))
        return clean_subtasks(self.subtasks)


class Benchmarks(ServerlessEvaluations):
    """`evaluation` with `type = "benchmark"`: rules, identity, verbs."""

    variant: ClassVar[str] = "benchmark"
    model: ClassVar[type[EvaluationFields]] = BenchmarkFields
    example: ClassVar[str] = """\
[evaluation.mmlu]
type      = "benchmark"
model     = "${fine_tune.support}"
benchmark = "mmlu"
subtasks  = ["abstract_algebra", "anatomy"]
compare_base = true

[evaluation.mmlu.gate.accuracy]
min = 0.55
max_drop = 0.01
"""

    @classmethod
    def type_problems(cls, resource: Checked, stack: StackSettings) -> Iterable[Diagnostic]:
        """The benchmark and its subtasks by the catalogue."""
        return _benchmark_problems(resource, _fields(resource))

    @classmethod
    def normalised(cls, resource: Checked, sources: Sources) -> Mapping[str, Value]:
        """Subtasks each once and sorted; none for all."""
        return {"subtasks": list(_fields(resource).parts) or None}

    def question(self, config: EvaluationFields, base: BaseModel) -> Question:
        """The benchmark as a job of its own knows it."""
        if not isinstance(config, BenchmarkFields):
            raise TypeError("a benchmark has the fields of a benchmark")
        asked = benchmarks()[config.benchmark]
        hyperparameters = {
            "task": asked.name,
            "strategy": asked.strategy,
            "metric" if base.is_nova else "evaluation_metric": asked.metric,
        }
        if config.parts:
            hyperparameters["subtask"] = ",".join(config.parts)
        return Question(
            evaluation_type="BenchmarkEvaluation",
            recipe_type=_recipe_type(asked, base),
            hyperparameters=hyperparameters,
            problems=tuple(_family_problems(asked, base.name)),
        )


def _fields(resource: Checked) -> BenchmarkFields:
    if not isinstance(resource.config, BenchmarkFields):
        raise TypeError(f"{resource.address} is no benchmark")
    return resource.config


def _recipe_type(benchmark: Benchmark, base: BaseModel) -> str:
    if not base.is_nova:
        return "DeterministicEvaluation"
    if benchmark.modality == "text":
        return "DeterministicTextBenchmark"
    return "DeterministicMultiModalBenchmark"


def _usable() -> tuple[str, ...]:
    return tuple(sorted(name for name, found in benchmarks().items() if found.serverless))


def _benchmark_problems(resource: Checked, config: BenchmarkFields) -> Iterator[Diagnostic]:
    asked = benchmarks().get(config.benchmark)
    if asked is None or not asked.serverless:
        why = "is not known" if asked is None else "cannot be run by a serverless evaluation"
        yield error(
            "benchmark",
            "Benchmark not available",
            f'benchmark = "{config.benchmark}" {why}.{nearest(config.benchmark, _usable())}',
            at=resource.at(("benchmark",)),
            hint=f"use one of {in_one_line(_usable())}",
        )
        return
    base = base_of(resource)
    if base:
        for problem in _family_problems(asked, base):
            yield error(
                "benchmark", "Benchmark not available", problem, at=resource.at(("benchmark",))
            )
    yield from _subtask_problems(resource, config, asked)


def _family_problems(benchmark: Benchmark, model: str) -> Iterator[str]:
    family = family_of(model)
    if family not in benchmark.families:
        yield (
            f"{benchmark.name} is only for models of the family"
            f" {in_one_line(benchmark.families)}, and {model} is of the family {family}"
        )


def _subtask_problems(
    resource: Checked, config: BenchmarkFields, benchmark: Benchmark
) -> Iterator[Diagnostic]:
    if config.subtasks in ([], ""):
        yield error(
            "subtasks",
            "No subtasks",
            "subtasks is empty",
            at=resource.at(("subtasks",)),
            hint='leave it out, or write "ALL", for all of them',
        )
        return
    if config.parts and not benchmark.subtasks:
        yield error(
            "subtasks",
            "No subtasks",
            f"{benchmark.name} has no subtasks",
            at=resource.at(("subtasks",)),
            hint="leave `subtasks` out",
        )
        return
    for name in unknown_subtasks(benchmark, config.parts):
        yield error(
            "subtasks",
            "Unknown subtask",
            f'{benchmark.name} has no subtask "{name}".{nearest(name, benchmark.subtasks)}',
            at=resource.at(("subtasks",)),
            hint=f"use any of {in_one_line(benchmark.subtasks)}",
        )
