"""What the terminal can show."""

from __future__ import annotations

import os
from typing import IO

from nvx.views.paint import Paint


def paint_for(stream: IO[str], *, no_color: bool = False) -> Paint:
    """Colour and symbols for a stream: plain for files and pipes, and where NO_COLOR is set."""
    color = (
        not no_color
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
        and (stream.isatty() or bool(os.environ.get("FORCE_COLOR")))
    )
    encoding = (getattr(stream, "encoding", "") or "").lower().replace("-", "")
    return Paint(color=color, unicode=encoding.startswith("utf"))
