"""Faults to inject: rules that pick requests, and what happens to those."""

from __future__ import annotations

import json
import random
import shlex
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any

from nvx.local.context import AwsError, Params

ERROR = "error"
ERROR_AFTER = "error_after"
DROP = "drop"
RESET = "reset"
DROP_AFTER = "drop_after"
HANG = "hang"
HANG_AFTER = "hang_after"
DELAY = "delay"
TRUNCATE = "truncate"
GARBAGE = "garbage"

EFFECTS = (
    ERROR,
    ERROR_AFTER,
    DROP,
    RESET,
    DROP_AFTER,
    HANG,
    HANG_AFTER,
    DELAY,
    TRUNCATE,
    GARBAGE,
)
BEFORE = frozenset({ERROR, DROP, RESET, HANG})
"""Effects of which the service notices nothing; after all others the request was done."""
SILENT = frozenset({DROP, RESET, HANG, DROP_AFTER, HANG_AFTER})
"""Effects after which no reply leaves."""


@dataclass(slots=True)
class Fault:
    """One rule: which requests (service, op, match, attempt, after, times, prob), and what."""

    do: str
    service: str = "*"
    op: str = "*"
    match: dict[str, str] = field(default_factory=dict)
    """Globs on members of the request, by name; "A.B" looks into a structure."""
    attempt: int | None = None
    """Only this attempt of botocore's (1 is the first)."""
    after: int = 0
    """Let so many matching requests pass first."""
    times: int | None = None
    """Strike so many times, then no more."""
    prob: float = 1.0
    code: str = "InternalFailure"
    status: int = 0
    """HTTP status of an error (500) or of garbage (200); 0 is the usual one."""
    message: str = "Fault injected."
    retry_after_ms: int | None = None
    seconds: float = 3600.0
    """How long to hang or to delay."""
    at: int | None = None
    """How many bytes of the body to send before the cut; half of them where None."""
    seen: int = 0
    struck: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The rule as plain data."""
        return asdict(self)

    def fits(self, service: str, operation: str, params: Params, attempt: int) -> bool:
        """Whether the rule is about a request, all counting aside."""
        return (
            fnmatchcase(service, self.service)
            and fnmatchcase(operation, self.op)
            and self.attempt in (None, attempt)
            and all(
                fnmatchcase(str(_member(params, path)), glob)
                for path, glob in self.match.items()
            )
        )

    @property
    def live(self) -> bool:
        """Whether the rule may strike again."""
        return self.times is None or self.struck < self.times

    @property
    def is_silent(self) -> bool:
        """Whether no reply leaves at all."""
        return self.do in SILENT

    def error(self) -> AwsError:
        """The refusal this fault answers with."""
        retry = self.retry_after_ms
        headers = {} if retry is None else {"x-amz-retry-after": str(retry)}
        return AwsError(self.code, self.message, self.status or 500, headers=headers)


class Faults:
    """The rules of a server, in order: the first live one that fits strikes."""

    def __init__(self, seed: int = 0) -> None:
        self._rules: list[Fault] = []
        self._random = random.Random(seed)  # noqa: S311  repeatable on purpose
        self._lock = threading.Lock()

    def add(self, rule: Fault | Mapping[str, Any] | str) -> Fault:
        """Add a rule at the end; see `fault_from` for its forms."""
        fault = rule if isinstance(rule, Fault) else fault_from(rule)
        with self._lock:
            self._rules.append(fault)
        return fault

    def extend(self, rules: Iterable[Fault | Mapping[str, Any] | str]) -> None:
        """Add several rules, or none where one of them is wrong."""
        faults = [rule if isinstance(rule, Fault) else fault_from(rule) for rule in rules]
        with self._lock:
            self._rules.extend(faults)

    def clear(self) -> None:
        """Drop all rules."""
        with self._lock:
            self._rules.clear()

    def rules(self) -> list[Fault]:
        """The rules, with how often each was seen and struck."""
        with self._lock:
            return list(self._rules)

    def pick(self, service: str, operation: str, params: Params, attempt: int) -> Fault | None:
        """The fault that strikes a request, or None; counts it."""
        with self._lock:
            for fault in self._rules:
                if fault.live and fault.fits(service, operation, params, attempt):
                    fault.seen += 1
                    if fault.seen > fault.after and self._random.random() < fault.prob:
                        fault.struck += 1
                        return fault
        return None

    def chance(self, share: float) -> bool:
        """Whether a thing that happens to this share of requests happens now."""
        with self._lock:
            return share > 0 and self._random.random() < share


def fault_from(spec: Mapping[str, Any] | str) -> Fault:
    """The rule of a mapping or of a text like `op=CreateTrainingJob do=drop_after times=1`.

    In the text form `match.TrainingJobName=sft-*` is a glob on a member; a text may be JSON, too.
    AwsError ValidationException says what is wrong with the rule.
    """
    if not isinstance(spec, str | Mapping):
        raise _wrong("it is neither a text nor an object")
    given = _words(spec) if isinstance(spec, str) else dict(spec)
    types = {item.name: str(item.type) for item in fields(Fault)}
    unknown = sorted(set(given) - set(types))
    if unknown:
        raise _wrong(f"it has no {', '.join(unknown)}")
    if given.get("do") not in EFFECTS:
        raise _wrong(f"do must be one of {', '.join(EFFECTS)}")
    try:
        return Fault(**{name: _value(types[name], value) for name, value in given.items()})
    except (TypeError, ValueError, AttributeError) as error:
        raise _wrong(str(error)) from error


def rules_of(text: str) -> list[Fault]:
    """The rules of a file: a list in JSON, or a rule on each line; # starts a comment."""
    if text.lstrip().startswith("["):
        return [fault_from(rule) for rule in _json(text)]
    lines = (line.strip() for line in text.splitlines())
    return [fault_from(line) for line in lines if line and not line.startswith("#")]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _wrong("it is not JSON") from error


def _words(text: str) -> dict[str, Any]:
    if text.lstrip().startswith("{"):
        return dict(_json(text))
    given: dict[str, Any] = {}
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise _wrong(str(error)) from error
    for word in words:
        name, sign, value = word.partition("=")
        if not sign:
            raise _wrong(f"{word!r} is not name=value")
        if name.startswith("match."):
            given.setdefault("match", {})[name.removeprefix("match.")] = value
        else:
            given[name] = value
    return given


def _value(kind: str, value: Any) -> Any:
    if value is None and "None" in kind:
        return None
    if kind.startswith("int"):
        return int(value)
    if kind.startswith("float"):
        return float(value)
    if kind.startswith("dict"):
        return {str(path): str(glob) for path, glob in value.items()}
    return str(value)


def _member(params: Params, path: str) -> Any:
    value: Any = params
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return "" if value is None else value


def _wrong(what: str) -> AwsError:
    return AwsError("ValidationException", f"The fault cannot be used: {what}.")
