"""`measure.py RESULT COMMAND…`: runs a command and writes its time and memory as JSON.

A program of its own, and a small one: Linux counts what its parent holds as memory of a new process.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main(result: str, command: list[str]) -> int:
    """Run the command; its exit code."""
    begun = time.perf_counter()
    pid = os.spawnvp(os.P_NOWAIT, command[0], command)  # noqa: S606  arguments of our own
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - begun
    with open(result, "w") as file:  # noqa: PTH123  pathlib would be most of what this loads
        json.dump({"seconds": seconds, "megabytes": usage.ru_maxrss / 1024}, file)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
