"""Runs the rows that are asked for and prints their bars."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from bench import commands, engine, throttled
from bench.bars import Bar

ROWS: Mapping[str, Sequence[Callable[[Path], Iterator[Bar]]]] = {
    "startup": (commands.startup,),
    "plan": (commands.plan,),
    "refresh": (commands.refresh,),
    "apply": (engine.overhead,),
    "latency": (engine.latency, throttled.throttle),
}


def main(names: Sequence[str]) -> int:
    """Print the bars of the named rows (all without a name); 1 where a bar fails."""
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        sys.stderr.write(f"no such row: {', '.join(unknown)}; rows: {', '.join(ROWS)}\n")
        return 1
    measurements = [(name, measure) for name in names or ROWS for measure in ROWS[name]]
    failed = False
    for name, measure in measurements:
        with tempfile.TemporaryDirectory(prefix=f"nvx-bench-{name}-") as folder:
            for bar in measure(Path(folder)):
                sys.stdout.write(f"{name:9} {bar}\n")
                sys.stdout.flush()
                failed |= bar.verdict == "FAIL"
    return int(failed)
