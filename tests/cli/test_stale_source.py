"""A source that changes between the plan and its use: nothing is made from it, exit 5."""

from __future__ import annotations

import threading

from support.project import Project

DATA = "stacks/quickstart/data/conversions.jsonl"


def test_a_file_that_changes_after_the_plan_is_refused(quickstart: Project) -> None:
    file = quickstart.root / DATA
    lines = file.read_bytes().splitlines(keepends=True)
    look = {"op": "HeadObject", "do": "delay", "seconds": 3, "times": 1}
    quickstart.aws.faults.extend([look])
    process = quickstart.start("apply", "--local", "--yes")
    while not any(fault.struck for fault in quickstart.aws.faults.rules()):
        threading.Event().wait(0.01)
    file.write_bytes(b"".join(lines[:-1]))
    _, err = process.communicate(timeout=60)
    assert process.returncode == 5
    assert "SourceChanged" in err
    assert quickstart.counted()["PutObject"] == 0
    quickstart.apply()
    assert quickstart.plan() == {}
