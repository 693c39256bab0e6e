"""The boundary: what went wrong, as diagnostics and an exit code."""

from __future__ import annotations

import json as jsonlib
import os
import sys
import traceback
from collections.abc import Sequence

import click

from nvx.cli.exits import Exit
from nvx.cli.terminal import paint_for
from nvx.core.cloud import CloudError
from nvx.core.diagnostics import Diagnostic, DiagnosticError, NvxError, error
from nvx.core.ports import CorruptState, Locked, LockLost, NewerFormat, StaleState, StateError
from nvx.views.diagnostics import diagnostics_document, diagnostics_text

_KNOWN: tuple[tuple[type[Exception], str, str, Exit], ...] = (
    (LockLost, "lock-lost", "The lock was lost", Exit.LOCKED),
    (StaleState, "stale", "The plan is stale", Exit.STALE),
    (CorruptState, "corrupt-state", "The state is damaged", Exit.ERROR),
    (NewerFormat, "newer-state", "The state was written by a newer nvx", Exit.ERROR),
    (OSError, "io", "A file could not be used", Exit.ERROR),
)
_HINTS = {
    "lock-lost": "run `nvx apply` again: it looks up what was open",
    "stale": "read `nvx plan`, then apply again",
    "corrupt-state": "put the file back from a backup; without one, move it away:"
    " `nvx plan` finds what AWS has, and starts nothing",
    "newer-state": "install that version, or a later one",
}


def report(failure: Exception, *, json: bool) -> Exit:
    """Write a failure to stderr (with `json` as a list of diagnostics to stdout); the exit code."""
    diagnostics, code = explained(failure)
    if json:
        click.echo(jsonlib.dumps(diagnostics_document(diagnostics), indent=2))
    else:
        click.echo(diagnostics_text(diagnostics, paint_for(sys.stderr)), err=True)
    if os.environ.get("NVX_TRACEBACK"):
        traceback.print_exception(failure)
    return code


def explained(failure: Exception) -> tuple[Sequence[Diagnostic], Exit]:
    """The diagnostics and the exit code of a failure."""
    if isinstance(failure, DiagnosticError):
        return failure.diagnostics, Exit.ERROR
    for kind, code, summary, exit_code in _KNOWN:
        if isinstance(failure, kind):
            hint = _HINTS.get(code, "")
            return (error(code, summary, str(failure), hint=hint),), exit_code
    if isinstance(failure, Locked):
        return (_locked(failure),), Exit.LOCKED
    if isinstance(failure, click.ClickException):
        return (error("usage", "Wrong command line", failure.format_message()),), Exit.ERROR
    if isinstance(failure, CloudError):
        return (_cloud(failure),), Exit.ERROR
    if isinstance(failure, NvxError):
        summary = (
            "The state cannot be used" if isinstance(failure, StateError) else "nvx stopped"
        )
        return (error("error", summary, str(failure)),), Exit.ERROR
    return (_bug(failure),), Exit.ERROR


def _locked(failure: Locked) -> Diagnostic:
    return error(
        "locked",
        "The state is locked",
        f"{failure}.",
        hint="wait until it is done; if its process is gone, run `nvx state unlock`",
    )


def _cloud(failure: CloudError) -> Diagnostic:
    name = type(failure).__name__
    summary = {
        "Uncertain": "AWS did not answer",
        "Limited": "An AWS quota is used up",
        "Throttled": "AWS limits the rate of requests",
        "NotFound": "AWS does not know it",
    }.get(name, "AWS refused the request")
    return error("aws", summary, f"{failure}.".replace("..", "."))


def _bug(failure: Exception) -> Diagnostic:
    return error(
        "bug",
        "nvx has a bug",
        f"{type(failure).__name__}: {failure}",
        hint="set NVX_TRACEBACK=1, run the command again, and report what it prints",
    )
