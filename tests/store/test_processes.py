"""Stores in processes of their own: races for the lock, and holders that are killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from nvx.core.ports import Locked
from nvx.core.state import Used
from nvx.store.file import FileStore
from support.state_sites import EMPTY, opened

COMMON = """
import sys
from pathlib import Path
from nvx.core.ports import Holder, Locked
from nvx.core.state import Ledger, Used
from nvx.store.file import FileStore

def holder(purpose):
    return Holder(sys.argv[2], "host", 1, purpose, "now")

store = FileStore(Path(sys.argv[1]), "demo", "000000000000", "us-east-1", holder=holder)

def say(text):
    print(text, flush=True)
"""

RACER = (
    COMMON
    + """
say("ready")
sys.stdin.readline()
done = 0
while done < 5:
    try:
        with store.lock("race"):
            ledger = Ledger(store.load())
            entry = Used(f"{sys.argv[2]}-{done}", 1)
            store.append([entry])
            ledger.apply(entry)
            store.save(ledger.state)
        done += 1
    except Locked:
        pass
"""
)

HOLDER = (
    COMMON
    + """
with store.lock("apply"):
    store.load()
    store.append([Used("hub", 1)])
    say("ready")
    sys.stdin.readline()
"""
)

Process = subprocess.Popen[str]


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    made = opened(tmp_path)
    with made.lock("start"):
        made.start(EMPTY)
    return made


@pytest.fixture
def processes() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def started(processes: ExitStack, script: str, root: Path, name: str) -> Process:
    """A process that has got to its first line of output."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(root), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    processes.enter_context(process)
    processes.callback(process.kill)
    return process


def ready(process: Process) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"


def go(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_eight_processes_race_and_no_write_is_lost(
    store: FileStore, processes: ExitStack, tmp_path: Path
) -> None:
    racers = [started(processes, RACER, tmp_path, str(number)) for number in range(8)]
    for racer in racers:
        ready(racer)
    for racer in racers:
        go(racer)
    assert [racer.wait(60) for racer in racers] == [0] * 8
    state = store.load()
    assert state is not None
    assert len(state.highest) == 40
    assert state.serial == 40


def test_a_killed_holder_frees_the_lock_and_loses_nothing(
    store: FileStore, processes: ExitStack, tmp_path: Path
) -> None:
    process = started(processes, HOLDER, tmp_path, "grace")
    ready(process)
    with pytest.raises(Locked, match="grace@host") as refused, store.lock("apply"):
        pytest.fail("two holders")
    holder = store.holder()
    assert refused.value.holder == holder
    with pytest.raises(Locked):
        store.unlock()
    process.kill()
    process.wait()
    assert store.holder() is None
    assert store.unlock() == holder
    with store.lock("apply"):
        state = store.load()
        assert state is not None
        assert state.highest == {"hub": 1}
        store.append([Used("hub", 2)])
