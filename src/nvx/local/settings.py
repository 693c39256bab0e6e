"""What can be chosen about the local AWS: speed, lags, throttles, outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from fnmatch import fnmatchcase
from typing import Any

from nvx.local.context import AwsError

OUTCOME_TAG = "nvx-local:outcome"
"""A tag whose value is the final status of the tagged job."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of jobs whose ARN or name matches a glob."""

    match: str
    status: str
    reason: str = ""
    times: int | None = None

    def fits(self, *names: str) -> bool:
        """Whether one of the names (an ARN, a job name) matches."""
        return any(fnmatchcase(name, self.match) for name in names)


@dataclass(slots=True)
class Settings:
    """Settings of one server. Durations are wall seconds unless the name says nominal."""

    speed: float = 600.0
    """Nominal durations (a 40-minute job) are divided by this."""
    run_lambda: bool = True
    """Whether Invoke runs the function's code in a subprocess."""
    strict: bool = False
    """Whether to refuse what AWS is only believed to refuse."""
    seed: int = 0
    """Seed of every random choice: faults, ids of executions."""
    max_running: int | None = None
    """Running training jobs allowed at once; None is no quota."""
    lag: float = 0.0
    """Seconds until a new resource can be described."""
    list_lag: float = 0.0
    """Seconds until a new resource shows in lists, searches and the tagging API."""
    iam_lag: float = 0.0
    """Seconds until a new role can be used by another service."""
    throttle: dict[str, list[float]] = field(default_factory=dict)
    """`service:Operation` glob to [requests per second, burst]; the first that matches rules."""
    error_rate: float = 0.0
    """Share of requests refused with a 500 before anything happens."""
    lost_reply_rate: float = 0.0
    """Share of requests done whose reply is lost."""
    outcomes: list[Outcome] = field(default_factory=list)
    """How jobs end, where not well; the first that fits rules."""

    def outcome_of(self, *names: str, tags: Mapping[str, str] | None = None) -> Outcome | None:
        """The outcome set for a job, by its tags or by its names; counts one use of it."""
        tagged = (tags or {}).get(OUTCOME_TAG)
        if tagged:
            return Outcome(
                match="*", status=tagged, reason=f"Asked for by the tag {OUTCOME_TAG}."
            )
        for index, outcome in enumerate(self.outcomes):
            if outcome.times != 0 and outcome.fits(*names):
                if outcome.times is not None:
                    self.outcomes[index] = replace(outcome, times=outcome.times - 1)
                return outcome
        return None

    def as_dict(self) -> dict[str, Any]:
        """All settings as plain data."""
        return asdict(self)

    def update(self, values: Mapping[str, Any], *, preset: str | None = None) -> None:
        """Take over a preset and, on top, the given settings.

        AwsError ValidationException where one of them is wrong; nothing has changed then.
        """
        values = {**_preset(preset), **values}
        known = {item.name for item in fields(self)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise AwsError("ValidationException", f"No such setting: {', '.join(unknown)}.")
        checked = {name: _checked(name, value) for name, value in values.items()}
        for name, value in checked.items():
            setattr(self, name, value)


_AWS_LIKE: dict[str, Any] = {
    "lag": 1.0,
    "list_lag": 5.0,
    "iam_lag": 8.0,
    "error_rate": 0.01,
    "throttle": {
        "*:List*": [2.0, 5.0],
        "*:Search": [2.0, 5.0],
        "*:Create*": [3.0, 5.0],
        "*:Describe*": [10.0, 20.0],
    },
}

PRESETS: Mapping[str, Mapping[str, Any]] = {
    "calm": {
        "lag": 0.0,
        "list_lag": 0.0,
        "iam_lag": 0.0,
        "error_rate": 0.0,
        "lost_reply_rate": 0.0,
        "throttle": {},
    },
    "aws-like": _AWS_LIKE,
    "rough": {"error_rate": 0.02, "lost_reply_rate": 0.05},
    "hostile": {**_AWS_LIKE, "error_rate": 0.1, "lost_reply_rate": 0.15},
}
"""Named sets of settings for how badly the network and the service behave."""


def _checked(name: str, value: Any) -> Any:
    try:
        if name == "outcomes":
            return [item if isinstance(item, Outcome) else Outcome(**item) for item in value]
        if name == "throttle":
            return {str(glob): _rate(pair) for glob, pair in _preset_throttle(value).items()}
        if name in ("run_lambda", "strict"):
            return _boolean(value)
        if name in ("seed", "max_running"):
            return None if value is None and name == "max_running" else int(value)
        number = float(value)
    except (TypeError, ValueError, AttributeError) as error:
        raise AwsError("ValidationException", f"Setting {name}: {error}.") from error
    if not number >= 0 or (name == "speed" and not 0 < number < float("inf")):
        raise AwsError("ValidationException", f"Setting {name} cannot be {value}.")
    return number


def _preset(name: Any) -> Mapping[str, Any]:
    if name is None:
        return {}
    if not isinstance(name, str) or name not in PRESETS:
        known = ", ".join(PRESETS)
        raise AwsError("ValidationException", f"No preset {name!r}; there are {known}.")
    return PRESETS[name]


def _preset_throttle(value: Any) -> Mapping[str, Any]:
    if isinstance(value, str):
        rates: Mapping[str, Any] = _preset(value).get("throttle", {})
        return rates
    return dict(value)


def _rate(pair: Any) -> list[float]:
    rate, burst = (float(number) for number in pair)
    if not rate > 0 or not burst >= 1:
        raise ValueError("a throttle is [requests per second > 0, burst >= 1]")
    return [rate, burst]


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("must be true or false")
    return value
