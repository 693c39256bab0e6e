"""The rows about apply: what nvx itself costs, and how well it fills the time of slow calls."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.bars import Bar
from bench.peers import built_in, terraform
from bench.stacks import Size, write_stack
from bench.timing import Command, run

_LATENCY_S = 0.2
_PARALLELISM = 8


def overhead(root: Path) -> Iterator[Bar]:
    """1,000 creates with AWS in memory against 1,000 of Terraform's; and 10,000 against 1,000."""
    small, big = applied(root / "a", Size.mixed(1000)), applied(root / "b", Size.mixed(10_000))
    again = applied(root / "c", Size.mixed(1000))
    took = min(small["seconds"], again["seconds"])
    counted = f"{small['calls']} calls, {small['fsyncs']} fsyncs"
    what = "apply of 1,000 creates / terraform"
    if built_in(root / "terraform", Size.mixed(1000)):
        theirs = run(terraform(root / "terraform", "apply", "-auto-approve")).seconds
        note = f"{took:.2f} s against {theirs:.2f} s; {counted}"
        yield Bar(what, took / theirs, 0.1, note=note)
    else:
        yield Bar(what, None, 0.1, note=f"{took:.2f} s; no terraform found; {counted}")
    # Work, not time: it takes a minute, and others use the machine meanwhile.
    work = min(small["cpu_seconds"], again["cpu_seconds"])
    note = f"{big['cpu_seconds']:.1f} s of work against {work:.1f} s; {big['fsyncs']} fsyncs"
    yield Bar("apply of 10,000 / apply of 1,000", big["cpu_seconds"] / work, 12.0, note=note)


def latency(root: Path) -> Iterator[Bar]:
    """Calls of 200 ms, eight at a time."""
    done = applied(root, Size(datasets=60, evaluators=60, fine_tunes=60), _LATENCY_S)
    ideal = done["calls"] * _LATENCY_S / _PARALLELISM
    note = f"{done['seconds']:.1f} s; {done['calls']} calls fill {ideal:.1f} s"
    yield Bar("apply against 200 ms calls / ideal", done["seconds"] / ideal, 1.3, note=note)


def applied(root: Path, size: Size, latency_s: float = 0.0) -> Any:
    """What an apply in a process of its own took. Raises AssertionError where it failed."""
    write_stack(root / "stacks" / "bench", size)
    script = [sys.executable, "-m", "tests.bench.applying", "stacks/bench", str(latency_s)]
    ended = run(Command(script, root))
    done = json.loads(ended.out)
    assert not done["failed"], done
    assert sum(done["applied"].values()) == size.resources, done
    return done
