"""Text folded to the width that every terminal has."""

from __future__ import annotations

import textwrap

from nvx.views.paint import clean

WIDTH = 80


def wrapped(text: str, indent: str) -> list[str]:
    """Paragraphs folded to the width; lines that are indented are commands or examples and stay."""
    rows: list[str] = []
    for paragraph in clean(text).splitlines():
        if paragraph.startswith("  ") or not paragraph:
            rows.append(indent + paragraph)
            continue
        rows += textwrap.wrap(
            paragraph,
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return rows


def clipped(text: str, width: int, ellipsis: str) -> str:
    """Text cut to a width, where it is longer."""
    return text if len(text) <= width else text[: width - len(ellipsis)] + ellipsis


def counted(count: int, one: str, many: str = "") -> str:
    """`1 version`, `2 versions`."""
    return f"{count} {one if count == 1 else many or one + 's'}"
