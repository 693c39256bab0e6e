"""`python -m tests.bench [ROW…]`: the bars of the design, as ratios in one run."""

from __future__ import annotations

import sys
from pathlib import Path

# As pytest does for tests: what they share is imported from the folder that holds them.
sys.path.insert(0, str(Path(__file__).parents[1]))

if __name__ == "__main__":
    from bench.table import main

    sys.exit(main(sys.argv[1:]))
