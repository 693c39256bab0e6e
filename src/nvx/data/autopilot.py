"""What nvx knows about Autopilot's text generation as data. Read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from nvx.data.catalogue import read_table


@dataclass(frozen=True, slots=True)
class TunableModel:
    """A model that Autopilot tunes: how many rows it takes, how long, and whether it has a licence."""

    name: str
    jumpstart: str
    """Its id in JumpStart."""
    rows: int
    """The most, of all files and both channels together."""
    tokens: int
    """The context of a row."""
    eula: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """What a hyperparameter may be, both ends included."""

    least: float
    most: float
    fraction: bool = False
    """Whether it need not be a whole number."""


@cache
def tunable_models() -> Mapping[str, TunableModel]:
    """The known models by the name that the service takes."""
    found = read_table("autopilot")["models"]
    return MappingProxyType(
        {name: TunableModel(name, **fields) for name, fields in found.items()}
    )


@cache
def hyperparameter_ranges() -> Mapping[str, Range]:
    """The four hyperparameters by name."""
    found = read_table("autopilot")["hyperparameters"]
    return MappingProxyType({name: Range(**fields) for name, fields in found.items()})


@cache
def canvas_regions() -> tuple[str, ...]:
    """Regions that are known to have SageMaker Canvas, and with it Autopilot's text generation."""
    return tuple(read_table("autopilot")["canvas"]["regions"])
