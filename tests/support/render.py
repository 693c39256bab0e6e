"""Diagnostics as plain text, for expected files."""

from __future__ import annotations

from collections.abc import Iterable

from nvx.core.diagnostics import Diagnostic


def rendered(diagnostics: Iterable[Diagnostic], root: str) -> str:
    """Each diagnostic on a few lines, its file relative to `root`."""
    return "\n".join(_one(d) for d in diagnostics).replace(f"{root}/", "").replace(root, ".")


def _one(found: Diagnostic) -> str:
    lines = [f"{found.location}: {found.severity.value}: {found.summary}"]
    lines += [f"  | {found.line_text}"] if found.line_text else []
    lines += [f"  {found.detail}"] if found.detail else []
    lines += [f"  hint: {found.hint}"] if found.hint else []
    return "\n".join(lines) + "\n"
