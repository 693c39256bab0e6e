"""What nvx knows about Nova recipes as data: models, tasks, images. Read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import tomli

from nvx.data.catalogue import benchmarks


@dataclass(frozen=True, slots=True)
class NovaModel:
    """A Nova model by all its names, and what a recipe for it may ask."""

    name: str
    model_type: str
    path: str
    """What `model_name_or_path` says for the model as it comes."""
    hub_name: str
    generation: int
    images: bool
    reasoning: bool
    default_tokens: int
    most_tokens: int
    instances: tuple[str, ...]
    older_instances: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that people may call it."""
        hub_alias = self.model_type.partition(":")[0]
        return (self.name, self.hub_name, self.path, hub_alias, self.model_type)


@dataclass(frozen=True, slots=True)
class Task:
    """A task of an evaluation recipe."""

    name: str
    strategies: tuple[str, ...]
    metric: str
    files: tuple[str, ...] = ()
    any_file: bool = False
    """Whether its data set may have any name."""
    answers: str = "plain"
    models: tuple[str, ...] = ()
    also: str = ""
    """The other name of the same task, which newer sources use."""

    @property
    def needs_data(self) -> bool:
        """Whether it asks questions of one's own."""
        return bool(self.files)

    @property
    def subtasks(self) -> tuple[str, ...]:
        """Its parts; none where it has none."""
        known = benchmarks().get(self.name)
        return known.subtasks if known is not None else ()


@cache
def nova_models() -> Mapping[str, NovaModel]:
    """The Nova models by their short name."""
    found = read("nova_models")["models"]
    return MappingProxyType(
        {name: NovaModel(name, **_frozen(fields)) for name, fields in found.items()}
    )


def nova_model(name: str) -> NovaModel | None:
    """The model that a name means: short name, hub name, base path, model type."""
    return next((m for m in nova_models().values() if name in m.names), None)


@cache
def nova_tasks() -> Mapping[str, Task]:
    """The tasks of evaluation recipes by name."""
    found = read("nova_tasks")["tasks"]
    return MappingProxyType(
        {name: Task(name, **_frozen(fields)) for name, fields in found.items()}
    )


def answers_of(task: Task, model: NovaModel) -> Mapping[str, float]:
    """How the model answers where the recipe does not say."""
    settings = dict(read("nova_tasks")["answers"][task.answers])
    if not settings.pop("without_tokens", False):
        settings = {"max_new_tokens": model.default_tokens, **settings}
    return settings


def metrics_of(task: Task) -> tuple[str, ...]:
    """The names of the metrics that a task measures."""
    if task.metric != "all":
        return (task.metric,)
    return tuple(read("nova_tasks")["all"][task.name])


def image_regions() -> tuple[str, ...]:
    """The regions whose images are known."""
    return tuple(sorted(read("nova_images")["accounts"]))


def image_of(use: str, generation: int, region: str) -> str:
    """The image of a training job: `use` is evaluation or a technique. "" where none is known."""
    known = read("nova_images")
    account = known["accounts"].get(region)
    image = next(
        (i for i in known["images"] if i["use"] == use and i["generation"] in (0, generation)),
        None,
    )
    if account is None or image is None:
        return ""
    return f"{account}.dkr.ecr.{region}.amazonaws.com/{image['repository']}:{image['tag']}"


@cache
def read(name: str) -> Mapping[str, Any]:
    """One file of the catalogue."""
    text = files("nvx.data").joinpath("catalogue", f"{name}.toml").read_text("utf-8")
    return MappingProxyType(tomli.loads(text))


def _frozen(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
