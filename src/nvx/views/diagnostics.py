"""Diagnostics as people read them and as machines do."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from nvx.core.diagnostics import Diagnostic
from nvx.core.values import JsonValue
from nvx.views.paint import Paint, clean

_WIDTH = 96


def diagnostics_text(diagnostics: Iterable[Diagnostic], paint: Paint) -> str:
    """Every diagnostic, a blank line between them."""
    return "\n\n".join(_text(diagnostic, paint) for diagnostic in diagnostics)


def _text(diagnostic: Diagnostic, paint: Paint) -> str:
    place = f"{diagnostic.location}: " if diagnostic.location is not None else ""
    summary = paint(clean(diagnostic.summary), "bold")
    lines = [f"{clean(place)}{paint.severity(diagnostic.severity)}: {summary}"]
    lines += _source(diagnostic, paint)
    lines += _wrapped(diagnostic.detail, "  ")
    if diagnostic.hint:
        first, *rest = _wrapped(f"hint: {diagnostic.hint}", "  ")
        lines += [first.replace("hint:", paint("hint:", "cyan"), 1), *rest]
    return "\n".join(lines)


def _source(diagnostic: Diagnostic, paint: Paint) -> list[str]:
    """The line itself, and a caret under the column."""
    if not diagnostic.line_text.strip() or diagnostic.location is None:
        return []
    line, column = clean(diagnostic.line_text.expandtabs(1)), diagnostic.location.column
    stripped = line.lstrip()
    start = column - 1 - (len(line) - len(stripped))
    shown = stripped.rstrip()
    if len(shown) > _WIDTH:
        shown = shown[: _WIDTH - 1] + paint.ellipsis
    number = str(diagnostic.location.line)
    rows = [f"  {paint(number + ' |', 'dim')} {shown}"]
    if column and 0 <= start < len(shown):
        rows.append(
            f"  {' ' * len(number)} {paint('|', 'dim')} {' ' * start}{paint('^', 'red')}"
        )
    return rows


def _wrapped(text: str, indent: str) -> list[str]:
    """Paragraphs folded to the width; lines that are indented are commands or examples and stay."""
    rows: list[str] = []
    for paragraph in clean(text).splitlines():
        if paragraph.startswith("  ") or not paragraph:
            rows.append(indent + paragraph)
            continue
        rows += textwrap.wrap(
            paragraph,
            _WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return rows


def diagnostics_document(diagnostics: Sequence[Diagnostic]) -> list[JsonValue]:
    """Diagnostics for machines."""
    return [
        {
            "severity": d.severity.value,
            "code": d.code,
            "summary": d.summary,
            "detail": d.detail,
            "hint": d.hint,
            "file": d.location.file if d.location else None,
            "line": (d.location.line or None) if d.location else None,
            "column": (d.location.column or None) if d.location else None,
        }
        for d in diagnostics
    ]
