"""Problems said to people: where, what is wrong, what is allowed, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a diagnostic is. Only errors stop a command."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file. Line and column count from 1; 0 means that they are not known."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        parts = [self.file]
        if self.line:
            parts.append(str(self.line))
        if self.line and self.column:
            parts.append(str(self.column))
        return ":".join(parts)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem.

    `summary` is short and constant, so that it can be searched for; names, values and limits are in
    `detail`; `hint` says what to do; `line_text` is the source line that `location` points at.
    """

    severity: Severity
    code: str
    summary: str
    detail: str = ""
    location: Location | None = None
    hint: str = ""
    line_text: str = ""

    @property
    def is_error(self) -> bool:
        """Whether it stops the command."""
        return self.severity is Severity.ERROR


class NvxError(Exception):
    """Base of everything that nvx raises on purpose.

    NvxError
    ├─ DiagnosticError      wrong input: carries diagnostics              exit 1
    ├─ CloudError           the cloud refused or did not answer (core.cloud)
    └─ StateError           the state cannot be used (core.ports)
    """


class DiagnosticError(NvxError):
    """Wrong input, with every problem that was found."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(d.summary for d in self.diagnostics))


def error(
    code: str, summary: str, detail: str = "", *, at: Location | None = None, hint: str = ""
) -> Diagnostic:
    """An error."""
    return Diagnostic(Severity.ERROR, code, summary, detail, at, hint)


def warning(
    code: str, summary: str, detail: str = "", *, at: Location | None = None, hint: str = ""
) -> Diagnostic:
    """A warning."""
    return Diagnostic(Severity.WARNING, code, summary, detail, at, hint)


def nearest(word: str, allowed: Iterable[str]) -> str:
    """' Did you mean "x"?' for the allowed word that is closest, else nothing."""
    close = difflib.get_close_matches(word, sorted(allowed), n=1, cutoff=0.6)
    return f' Did you mean "{close[0]}"?' if close else ""


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Diagnostics in file order, those without a place last; duplicates dropped."""
    unique = dict.fromkeys(diagnostics)
    return tuple(sorted(unique, key=lambda d: (d.location is None, d.location or Location(""))))
