"""A call port without AWS: scripted answers, every request checked against the service model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from botocore.session import Session

from nvx.aws.requests import problems_of
from nvx.core import cloud

Answer = Mapping[str, Any] | Exception | Callable[[Mapping[str, Any]], Mapping[str, Any]]

_SESSION = Session()


@cache
def model_of(service: str) -> Any:
    """The service model of a service."""
    return _SESSION.get_service_model(service)


def error_named(name: str, message: str = "refused") -> cloud.CloudError:
    """The error of `core.cloud` with this class name."""
    kind: type[cloud.CloudError] = getattr(cloud, name)
    return kind(message)


@dataclass
class FakeCalls:
    """Answers by "service.Operation"; each list is used up in order, its last answer for ever."""

    answers: Mapping[str, Sequence[Answer]] = field(default_factory=dict)
    sent: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def call(
        self, service: str, operation: str, params: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The next answer to this operation. A request that AWS would refuse fails the test."""
        assert problems_of(model_of(service), operation, params) == []
        name = f"{service}.{operation}"
        before = self.operations.count(name)
        self.sent.append((name, params))
        answers = self.answers[name]
        answer = answers[min(before, len(answers) - 1)]
        if isinstance(answer, Exception):
            raise answer
        return answer(params) if callable(answer) else answer

    @property
    def operations(self) -> list[str]:
        """What was called, in order."""
        return [name for name, _ in self.sent]

    def requests(self, operation: str) -> list[Mapping[str, Any]]:
        """The requests of one operation."""
        return [params for name, params in self.sent if name == operation]


class ScriptedCalls:
    """Calls that have to come exactly as written, in order."""

    def __init__(self, script: Sequence[Mapping[str, Any]]) -> None:
        self._script = list(script)

    def call(
        self, service: str, operation: str, params: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The scripted reply. A call that was not expected fails the test."""
        name = f"{service}.{operation}"
        assert self._script, f"{name} was not expected: {params}"
        step = self._script.pop(0)
        assert (name, plain(params)) == (step["call"], step.get("request", {}))
        assert problems_of(model_of(service), operation, params) == []
        if "error" in step:
            raise error_named(step["error"], step.get("message", "refused"))
        reply: Mapping[str, Any] = step.get("reply", {})
        return reply

    def assert_done(self) -> None:
        """Every expected call was made."""
        assert self._script == []


def plain(value: Any) -> Any:
    """A request with files as their text and zips unseen, so that a data file can hold it."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if hasattr(value, "read"):
        return value.read().decode()
    return "<zip>" if isinstance(value, bytes) else value
