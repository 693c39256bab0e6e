"""The models that an AutoML job can tune."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

DEFAULT = "Falcon7BInstruct"
"""What the service tunes where no model is named."""


@dataclass(frozen=True, slots=True)
class TunableModel:
    """One model: how many rows it takes, how many tokens of each, whether it has a licence."""

    rows: int
    tokens: int
    licence: bool = False


@cache
def tunable_models() -> Mapping[str, TunableModel]:
    """Every model by the name that requests use."""
    file = resources.files(__package__) / "seeds" / "autopilot.toml"
    found = tomllib.loads(file.read_text(encoding="utf-8"))
    return {name: TunableModel(**members) for name, members in found.items()}
