"""What commands share: writing, choosing stacks and addresses, reading state."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Iterable, Sequence

import click

from nvx.cli.app import Workspace
from nvx.cli.terminal import paint_for
from nvx.config.stack import LoadedStack
from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, DiagnosticError, error, nearest
from nvx.core.state import Record, State
from nvx.core.values import JsonValue
from nvx.views.diagnostics import diagnostics_text
from nvx.views.paint import Paint


def out_paint(space: Workspace) -> Paint:
    """How stdout wants its text."""
    return paint_for(sys.stdout, no_color=space.common.no_color)


def err_paint(space: Workspace) -> Paint:
    """How stderr wants its text."""
    return paint_for(sys.stderr, no_color=space.common.no_color)


def say(text: str) -> None:
    """A line of data."""
    click.echo(text, color=True)


def tell(text: str) -> None:
    """A line of progress or a remark."""
    click.echo(text, err=True, color=True)


def write_json(document: JsonValue) -> None:
    """A document for machines."""
    click.echo(jsonlib.dumps(document, indent=2, ensure_ascii=False))


def warn(space: Workspace, diagnostics: Iterable[Diagnostic]) -> None:
    """Warnings, to stderr."""
    listed = list(diagnostics)
    if listed:
        tell(diagnostics_text(listed, err_paint(space)) + "\n")


def states(space: Workspace) -> list[tuple[LoadedStack, State | None]]:
    """The recorded state of every stack that the command names. Takes no lock."""
    return [(loaded, space.store_of(loaded.settings).load()) for loaded in space.loaded()]


def addressed(text: str) -> Address:
    """An address as it was typed. Raises DiagnosticError."""
    try:
        return Address.parse(text)
    except ValueError as wrong:
        raise DiagnosticError(
            [error("address", "Not an address", str(wrong), hint="`nvx status` lists them")]
        ) from None


def rerun_addresses(texts: Sequence[str], known: Iterable[Address]) -> frozenset[Address]:
    """The addresses of `--rerun`; each must be a declared run. Raises DiagnosticError."""
    runs = {str(address) for address in known}
    wanted = [addressed(text) for text in texts]
    problems = [
        error(
            "rerun",
            "Nothing to run again",
            f"no stack declares a run {address}.{nearest(str(address), runs)}",
            hint=f"runs here: {', '.join(sorted(runs)) or 'none'}",
        )
        for address in wanted
        if str(address) not in runs
    ]
    if problems:
        raise DiagnosticError(problems)
    return frozenset(wanted)


def recorded(
    found: Sequence[tuple[LoadedStack, State | None]], text: str
) -> tuple[State, Record]:
    """The current record of an address in one of the states. Raises DiagnosticError."""
    address = addressed(text)
    for _, state in found:
        if state is not None and (record := state.current(address)) is not None:
            return state, record
    names = {str(r.address) for _, state in found if state for r in state.currents()}
    raise DiagnosticError(
        [
            error(
                "not-recorded",
                "Nothing is recorded there",
                f"{address} has no record.{nearest(text, names)}",
                hint="`nvx status` lists what is recorded",
            )
        ]
    )
