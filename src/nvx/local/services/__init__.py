"""The services: one module (or package) each, registering handlers as it is imported."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType


@cache
def load_all() -> tuple[ModuleType, ...]:
    """Import every module below this package; their handlers are registered then."""
    found = sorted(
        module.name for module in pkgutil.walk_packages(__path__, prefix=f"{__name__}.")
    )
    return tuple(importlib.import_module(name) for name in found)
