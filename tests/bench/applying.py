"""One apply in a process of its own, with AWS in memory: `python -m tests.bench.applying STACK`.

Writes what it did as JSON. The time is that of a whole command, from the first file read to the
last snapshot written; what Python needs to start and to import is not in it.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from io import FileIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.memory_aws import MemoryAws
from bench.stacks import ACCOUNT, NAME, REGION
from nvx.cli.clock import SystemClock
from nvx.config.stack import load_stack
from nvx.config.variables import VariableInput
from nvx.core.events import Summary
from nvx.core.resource import Scope
from nvx.data.hashcache import HashCache
from nvx.engine.apply import Apply
from nvx.engine.declare import declare
from nvx.engine.desk import Desk, Pace
from nvx.kinds import all_kinds, all_specs
from nvx.kinds.common.sources import FileSources, Recorded
from nvx.store.disk import Disk
from nvx.store.file import FileStore
from nvx.store.lock import ourselves

STATE = "state"
CACHE = ".nvx/cache/hashes.json"
AT_ONCE = Pace(runs_s=0.0, imports_s=0.0, settle_grace_s=0.0, missing_s=0.0)
"""Nothing is waited for: in memory all is done at once."""


class Silence:
    """Listens and says nothing."""

    def emit(self, event: object) -> None:
        """Take one event."""


class CountingDisk(Disk):
    """The disk, and how often it was told to make something last."""

    def __init__(self) -> None:
        self.fsyncs = 0

    def sync(self, file: FileIO) -> None:
        """Count and sync."""
        self.fsyncs += 1
        super().sync(file)

    def sync_folder(self, path: Path) -> None:
        """Count and sync."""
        self.fsyncs += 1
        super().sync_folder(path)


def apply(root: Path, stack: str, latency_s: float = 0.0) -> dict[str, object]:
    """Apply the stack of a project; what it took."""
    aws, disk = MemoryAws(REGION, ACCOUNT, latency_s), CountingDisk()
    begun, worked = time.perf_counter(), time.process_time()
    summary = _applied(root, stack, aws, disk)
    return {
        "seconds": time.perf_counter() - begun,
        "cpu_seconds": time.process_time() - worked,
        "calls": aws.calls,
        "fsyncs": disk.fsyncs,
        "applied": dict(summary.applied),
        "failed": [str(address) for address in summary.failed],
    }


def _applied(root: Path, stack: str, aws: MemoryAws, disk: Disk) -> Summary:
    clock = SystemClock(threading.Event())
    loaded = load_stack(stack, VariableInput(), all_specs())
    cache = HashCache(root / CACHE)
    specs = {(spec.name, spec.variant): spec for spec in all_specs()}
    sources = FileSources(Recorded({}), cache)
    declared, _ = declare(loaded.resources, loaded.settings, specs, sources)
    cache.save()
    desk = Desk(
        scope=Scope(loaded.settings, lineage=""),
        kinds=all_kinds(aws, clock),
        store=FileStore(
            root / STATE, NAME, ACCOUNT, REGION, holder=ourselves(clock), disk=disk
        ),
        clock=clock,
        events=Silence(),
        pace=AT_ONCE,
    )
    summary = Apply(desk, declared).run(lambda plan: True)
    if summary is None:
        raise RuntimeError("a plan that was approved was not applied")
    return summary


if __name__ == "__main__":
    latency = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
    sys.stdout.write(json.dumps(apply(Path(), sys.argv[1], latency)))
