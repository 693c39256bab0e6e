"""The rows that time whole commands: start-up, plan, plan with a refresh."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from bench.applying import apply
from bench.bars import Bar
from bench.peers import built_in, has_aws_provider, terraform
from bench.stacks import Size, write_stack
from bench.timing import Command, median, nvx, run, side_by_side
from nvx.local.server import LocalAws
from nvx.local.settings import Settings

_REFRESH_REFERENCE_S, _REFRESH_REFERENCE_MB = 13.6, 620.0
"""Terraform 1.11 with its AWS provider on 150 S3 objects and 150 groups, measured elsewhere."""


def startup(root: Path) -> Iterator[Bar]:
    """`nvx version` against an empty program."""
    nothing = Command([sys.executable, "-c", "pass"], root)
    ours, bare = side_by_side(nvx(root, "version"), nothing, 15)
    note = f"{ours.seconds:.3f} s against {bare.seconds:.3f} s"
    yield Bar("nvx version / python -c pass", ours.seconds / bare.seconds, 4.0, note=note)


def plan(root: Path) -> Iterator[Bar]:
    """A plan of what is all there, without a look at AWS."""
    size, what = Size.mixed(1000), "plan of 1,000 without refresh / terraform"
    write_stack(root / "stacks" / "bench", size)
    apply(root, str(root / "stacks" / "bench"))
    ours = nvx(root, "plan", "--local", "--no-refresh", "--detailed-exitcode")
    if not built_in(root / "terraform", size):
        took = median([run(ours) for _ in range(5)]).seconds
        yield Bar(what, None, 1 / 3, note=f"{took:.2f} s; no terraform found")
        return
    run(terraform(root / "terraform", "apply", "-auto-approve"))
    theirs = terraform(root / "terraform", "plan", "-refresh=false")
    one, other = side_by_side(ours, theirs, 7)
    note = f"{one.seconds:.2f} s against {other.seconds:.2f} s"
    yield Bar(what, one.seconds / other.seconds, 1 / 3, note=note)
    note = f"{one.megabytes:.0f} MB against {other.megabytes:.0f} MB"
    yield Bar(f"{what}, memory", one.megabytes / other.megabytes, 1.0, note=note)


def refresh(root: Path) -> Iterator[Bar]:
    """A plan that looks at 150 datasets and 150 model groups in the local AWS."""
    write_stack(root / "stacks" / "bench", Size(datasets=150, model_groups=150))
    with LocalAws(root / ".nvx" / "local", settings=Settings()):
        run(nvx(root, "apply", "--local", "--yes"))
        ours = nvx(root, "plan", "--local", "--detailed-exitcode")
        took = median([run(ours) for _ in range(5)])
    found = has_aws_provider(root / "terraform")
    peer = "its AWS provider is found, but what it refreshes is not" if found else "not found"
    note = (
        f"{took.seconds:.2f} s, {took.megabytes:.0f} MB; peer {peer} here. Reference, measured"
        f" elsewhere: {_REFRESH_REFERENCE_S} s, {_REFRESH_REFERENCE_MB:.0f} MB"
    )
    yield Bar("plan with refresh of 300 / terraform", None, 1 / 15, note=note)
    yield Bar(
        "plan with refresh of 300, memory / reference",
        took.megabytes / _REFRESH_REFERENCE_MB,
        1 / 6,
        note="memory does not depend on the machine's speed",
    )
