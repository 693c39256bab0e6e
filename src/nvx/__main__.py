"""`nvx` and `python -m nvx`."""

from __future__ import annotations

import gc
import os
import sys

from nvx import __version__

_ASKED_FOR_VERSION = (["version"], ["--version"])
_OBJECTS_BETWEEN_COLLECTIONS = 100_000


def main() -> None:
    """Run the command line and leave with its exit code."""
    # Asked by every script and shell prompt: click alone takes longer to load than Python to start.
    if sys.argv[1:] in _ASKED_FOR_VERSION:
        sys.stdout.write(f"nvx {__version__}\n")
        return
    # A command makes many objects and few cycles: to look for those often is a tenth of its time.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 20, 20)
    # pydantic would look through every installed package for plugins, and run them.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from nvx.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
