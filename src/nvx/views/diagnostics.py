"""Diagnostics as people read them and as machines do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nvx.core.diagnostics import Diagnostic
from nvx.core.values import JsonValue
from nvx.views.paint import Paint, clean
from nvx.views.wrap import WIDTH, clipped, wrapped


def diagnostics_text(diagnostics: Iterable[Diagnostic], paint: Paint) -> str:
    """Every diagnostic, a blank line between them."""
    return "\n\n".join(_text(diagnostic, paint) for diagnostic in diagnostics)


def _text(diagnostic: Diagnostic, paint: Paint) -> str:
    place = f"{diagnostic.location}: " if diagnostic.location is not None else ""
    summary = paint(clean(diagnostic.summary), "bold")
    lines = [f"{clean(place)}{paint.severity(diagnostic.severity)}: {summary}"]
    lines += _source(diagnostic, paint)
    lines += wrapped(paint.words(diagnostic.detail), "  ")
    if diagnostic.hint:
        first, *rest = wrapped(paint.words(f"hint: {diagnostic.hint}"), "  ")
        lines += [first.replace("hint:", paint("hint:", "cyan"), 1), *rest]
    return "\n".join(lines)


def _source(diagnostic: Diagnostic, paint: Paint) -> list[str]:
    """The line itself, and a caret under the column."""
    if not diagnostic.line_text.strip() or diagnostic.location is None:
        return []
    line, column = clean(diagnostic.line_text.expandtabs(1)), diagnostic.location.column
    stripped = line.lstrip()
    start = column - 1 - (len(line) - len(stripped))
    number = str(diagnostic.location.line)
    shown = clipped(stripped.rstrip(), WIDTH - len(f"  {number} | "), paint.ellipsis)
    rows = [f"  {paint(number + ' |', 'dim')} {shown}"]
    if column and 0 <= start < len(shown):
        rows.append(
            f"  {' ' * len(number)} {paint('|', 'dim')} {' ' * start}{paint('^', 'red')}"
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
