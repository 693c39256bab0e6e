"""What nvx knows about fine-tune recipes of Nova models as data. Read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from nvx.data.nova import nova_model, read

TECHNIQUES = ("sft", "dpo", "rft", "cpt", "ppo", "distillation")
BOTH = ("smtj", "smhp")


@dataclass(frozen=True, slots=True)
class Key:
    """A key of `training_config`: what values it takes."""

    path: tuple[str, ...]
    type: str
    """integer, number, numbers, switch, text, digits, scheme, effort, function."""
    least: float | None = None
    most: float | None = None
    most_full: float | None = None
    step: int = 0
    choices: tuple[Any, ...] = ()
    choices_full: tuple[Any, ...] = ()
    default: Any = None
    required: bool = False
    lora: bool = False
    """Whether it is there only where an adapter is trained."""
    platform: str = ""
    """The only platform that takes it."""

    @property
    def name(self) -> str:
        """The path as people write it."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Offer:
    """A recipe that AWS has: for which models and techniques, on which instances."""

    models: tuple[str, ...]
    techniques: tuple[str, ...]
    types: tuple[str, ...]
    instances: tuple[str, ...]
    replicas: tuple[int, ...]
    """How many instances it takes; the first is the default."""
    max_length: int
    platforms: tuple[str, ...] = BOTH


@dataclass(frozen=True, slots=True)
class Tuned:
    """A model that recipes tune, or that teaches in a distillation."""

    name: str
    model_type: str
    hub_name: str
    path: str
    """What `model_name_or_path` says for the model as it comes; "" for a teacher."""
    generation: int
    teacher: str = ""
    regions: tuple[str, ...] = ()
    """Where it teaches; empty: everywhere."""


def tuned_model(name: str, technique: str) -> Tuned | None:
    """The model that a name means for a technique; None where there is none."""
    if technique == "distillation":
        return _teacher(name)
    found = nova_model(name)
    if found is None:
        return None
    return Tuned(found.name, found.model_type, found.hub_name, found.path, found.generation)


def offers(model: str, technique: str, platform: str) -> tuple[Offer, ...]:
    """The recipes of a model for a technique on a platform."""
    return tuple(
        offer
        for offer in _offers()
        if model in offer.models
        and technique in offer.techniques
        and platform in offer.platforms
    )


@cache
def shape_of(technique: str, generation: int) -> Mapping[str, Key]:
    """The keys of a technique by dotted path, in the order of the recipe."""
    found = read("nova_shapes")["shapes"].get(f"{technique}-{generation}", {})
    return MappingProxyType(
        {
            name: Key(tuple(name.split(".")), **{k: _frozen(v) for k, v in fields.items()})
            for name, fields in found.items()
        }
    )


def ppo_batch(model: str) -> int:
    """The global batch size that PPO has for a model; 0 where it has none."""
    return int(read("nova_fine_tunes")["ppo_batch"].get(model, 0))


def _teacher(name: str) -> Tuned | None:
    for known, fields in read("nova_fine_tunes")["teachers"].items():
        if name in (known, fields["hub_name"], fields["model_type"], fields["teacher"]):
            given = {**fields, "regions": tuple(fields["regions"])}
            return Tuned(known, path="", generation=1, **given)
    return None


@cache
def _offers() -> tuple[Offer, ...]:
    rows = read("nova_fine_tunes")["recipes"]
    return tuple(Offer(**{k: _frozen(v) for k, v in row.items()}) for row in rows)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
