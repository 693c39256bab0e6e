"""`make demo`: the quickstart, validated, planned, applied, scored and planned again.

It begins with an empty local AWS and an empty state of its own account, 000000000000, so that it
shows the same story every time.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STACK = "stacks/quickstart"
STEPS = (
    ("validate", STACK),
    ("plan", "--local", STACK),
    ("apply", "--local", "--yes", STACK),
    ("results", "--local", STACK),
    ("plan", "--local", STACK),
)


def main() -> int:
    """Run the steps; the exit code of the first that fails."""
    shutil.rmtree(ROOT / ".nvx" / "local", ignore_errors=True)
    shutil.rmtree(ROOT / "state" / "000000000000", ignore_errors=True)
    for step in STEPS:
        print(f"\n$ nvx {' '.join(step)}", flush=True)
        ended = subprocess.run([sys.executable, "-m", "nvx", *step], cwd=ROOT, check=False)
        if ended.returncode:
            return ended.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
