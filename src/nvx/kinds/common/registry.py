"""The AI registry hub of an account and region: made where it is missing, never deleted."""

from __future__ import annotations

import threading
from datetime import timedelta

from nvx.aws.hub import IN_SERVICE, Hub, display_name, registry
from nvx.core.cloud import Limited, Rejected
from nvx.core.ports import Clock
from nvx.core.resource import Scope

_POLLS = 30
_PAUSE = timedelta(seconds=2)
_OPENING = threading.Lock()
"""Datasets and evaluators share the registry: the first to need it makes it, the others wait."""


class Registry:
    """Opens the registry once for each account and region."""

    def __init__(self, hub: Hub, clock: Clock) -> None:
        self._hub = hub
        self._clock = clock
        self._open: set[str] = set()

    def open(self, scope: Scope) -> None:
        """Make sure that the hub is there and in service. Raises CloudError."""
        name = registry(scope.stack.region, scope.stack.account)
        with _OPENING:
            if name not in self._open:
                self._opened(name, scope)

    def _opened(self, name: str, scope: Scope) -> None:
        status = self._hub.status(name)
        if not status:
            self._hub.create(name, display_name(scope.stack.region, scope.stack.account))
        for _ in range(_POLLS):
            status = self._hub.status(name)
            if status == IN_SERVICE:
                self._open.add(name)
                return
            if status.endswith("Failed"):
                raise Rejected(f"the AI registry hub {name} is in status {status}")
            self._clock.sleep(_PAUSE)
        raise Limited(f"the AI registry hub {name} is still in status {status or 'unknown'}")
