"""What nvx knows about AWS as data: the TOML files of the folder `catalogue`, read once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import tomli


@dataclass(frozen=True, slots=True)
class Metric:
    """A score: whether "higher" or "lower" is better, and its largest value."""

    name: str
    better: str
    scale: float


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark as the service takes it; `subtasks` is empty when it has none."""

    name: str
    title: str
    metric: str
    strategy: str
    better: str
    scale: float
    families: tuple[str, ...]
    subtasks: tuple[str, ...] = ()
    modality: str = "text"
    needs_dataset: bool = False
    serverless: bool = False


@dataclass(frozen=True, slots=True)
class Family:
    """A family of base models: the part of a hub name that marks it, and its regions."""

    name: str
    marker: str
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """An unproven fact that decides a request: what nvx does, and what else might be right."""

    id: str
    choice: str
    alternative: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class ModelException:
    """A value that botocore's service model lacks though the service takes it."""

    service: str
    member: str
    value: str
    text: str
    source: str


@cache
def benchmarks() -> Mapping[str, Benchmark]:
    """Every benchmark by name, also those that no serverless evaluation can run."""
    subtasks = read_table("subtasks")["subtasks"]
    found = {}
    for name, fields in read_table("benchmarks")["benchmarks"].items():
        metric = metrics()[fields["metric"]]
        lists = {
            "families": tuple(fields["families"]),
            "subtasks": tuple(sorted(subtasks.get(name, {}).get("names", ()))),
        }
        known = {**fields, **lists, "better": metric.better, "scale": metric.scale}
        found[name] = Benchmark(name, **known)
    return MappingProxyType(found)


@cache
def metrics() -> Mapping[str, Metric]:
    """Every known metric by name."""
    found = read_table("benchmarks")["metrics"]
    return MappingProxyType({name: Metric(name, **fields) for name, fields in found.items()})


def clean_subtasks(names: Iterable[str]) -> tuple[str, ...]:
    """Subtasks as they enter a digest and a request: stripped, each once, sorted."""
    return tuple(sorted({name.strip() for name in names}))


def unknown_subtasks(benchmark: Benchmark, names: Iterable[str]) -> tuple[str, ...]:
    """The cleaned names that the benchmark does not have."""
    return tuple(name for name in clean_subtasks(names) if name not in benchmark.subtasks)


@cache
def families() -> Mapping[str, Family]:
    """The families of base models by name."""
    found = read_table("models")["families"]
    return MappingProxyType(
        {
            name: Family(name, fields["marker"], tuple(fields["regions"]))
            for name, fields in found.items()
        }
    )


@cache
def aliases() -> Mapping[str, str]:
    """Hub names by the other names that people know base models by."""
    return MappingProxyType(read_table("models")["aliases"])


@cache
def known_base_models() -> tuple[str, ...]:
    """Hub names met so far, sorted: for suggestions, never a list of what is allowed."""
    return tuple(sorted(read_table("models")["known"]["names"]))


def base_model(name: str) -> str:
    """The hub name of a base model, given that or an alias."""
    return aliases().get(name, name)


def family_of(hub_name: str) -> str:
    """The family of a base model: "nova" or "open"."""
    lower = base_model(hub_name).lower()
    return next(name for name, family in families().items() if family.marker in lower)


def regions_of(family: str) -> tuple[str, ...]:
    """The regions in which a family of base models can be customized."""
    return families()[family].regions


@cache
def unproven() -> Mapping[str, Fact]:
    """The unproven facts by id."""
    found = read_table("unproven")["facts"]
    return MappingProxyType({id_: Fact(id_, **fields) for id_, fields in found.items()})


@cache
def model_exceptions() -> tuple[ModelException, ...]:
    """The values that are right although botocore's models lack them."""
    return tuple(ModelException(**row) for row in read_table("model_exceptions")["exceptions"])


@cache
def read_table(name: str) -> dict[str, Any]:
    """A file of the catalogue as it is written."""
    text = files("nvx.data").joinpath("catalogue", f"{name}.toml").read_text("utf-8")
    return tomli.loads(text)
