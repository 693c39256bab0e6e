"""The row about throttles: a local AWS that refuses what comes too early."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench.bars import Bar
from bench.stacks import ACCOUNT, REGION, Size, write_stack
from bench.timing import Command, nvx, run
from nvx.aws.rates import RATES, verb_class
from nvx.local.calls import Call
from nvx.local.server import LocalAws
from nvx.local.settings import PRESETS, Settings

_DATASETS = 60


def throttle(root: Path) -> Iterator[Bar]:
    """An apply at nvx's own rates, which are those of AWS: none fails, and the rates are used."""
    write_stack(root / "stacks" / "bench", Size(datasets=_DATASETS))
    settings = Settings(throttle=dict(PRESETS["aws-like"]["throttle"]))
    with LocalAws(settings=settings) as aws:
        command = _through_the_door(nvx(root, "apply", "--endpoint-url", aws.url, "--yes"))
        begun = time.perf_counter()
        run(command)
        took = time.perf_counter() - begun
        calls = aws.calls
    refused = sum(call.status in (400, 429, 503) for call in calls)
    limit = _at_the_limit(calls)
    note = f"{took:.1f} s; {len(calls)} calls, {refused} refused; the rates allow {limit:.1f} s"
    yield Bar("apply against the throttle / its rate", took / limit, 1.2, note=note)


def _through_the_door(command: Command) -> Command:
    """The command with credentials that the local AWS knows, as if it were AWS itself."""
    env = {
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return Command(command.arguments, command.folder, env)


def _at_the_limit(calls: list[Call]) -> float:
    """How long the calls take at the least, where each class of verbs keeps to its rate."""
    counted = Counter(
        (call.service, verb_class(call.service, call.operation)) for call in calls
    )
    return max(
        (count - RATES[verb].burst) / RATES[verb].per_second
        for (_, verb), count in counted.items()
        if verb in RATES
    )
