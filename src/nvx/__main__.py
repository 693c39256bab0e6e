"""`nvx` and `python -m nvx`."""

from __future__ import annotations

import sys

from nvx import __version__

_ASKED_FOR_VERSION = (["version"], ["--version"])


def main() -> None:
    """Run the command line and leave with its exit code."""
    # Asked by every script and shell prompt: click alone takes longer to load than Python to start.
    if sys.argv[1:] in _ASKED_FOR_VERSION:
        sys.stdout.write(f"nvx {__version__}\n")
        return
    from nvx.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
