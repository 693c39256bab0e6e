"""A stack, loaded and checked: the way from paths to resources, and every problem on it in one run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nvx.config.check import Catalogue, catalogue_of, check_blocks
from nvx.config.credentials import credentials_in
from nvx.config.expand import expand
from nvx.config.load import CREDENTIAL, Document, Loaded, load
from nvx.config.local_values import SCOPE, Locals, resolve_locals
from nvx.config.outputs import Output, outputs_of
from nvx.config.read import Names
from nvx.config.references import Name
from nvx.config.settings import settings_of
from nvx.config.tables import Tables, tables_of
from nvx.config.told import told_once
from nvx.config.variables import VariableInput, Variables, resolve_variables
from nvx.core.diagnostics import (
    Diagnostic,
    DiagnosticError,
    Location,
    error,
    in_order,
    warning,
)
from nvx.core.kind import KindSpec
from nvx.core.resource import Checked, StackSettings
from nvx.core.values import UNKNOWN

_NEEDS_EVERY_FILE = frozenset(
    {
        "unknown_target",
        "unknown_name",
        "missing_stack",
        "unknown_variable",
        "unused_variable",
        "unused_local",
    }
)
"""What is no news while a file cannot be read: it may hold what seems to be missing."""


@dataclass(frozen=True, slots=True)
class LoadedStack:
    """A stack that passed every check that needs no AWS and no data."""

    settings: StackSettings
    resources: tuple[Checked, ...]
    outputs: Mapping[str, Output]
    warnings: tuple[Diagnostic, ...]
    directory: str
    files: tuple[str, ...]


def load_stack(
    path: str, variables: VariableInput, schemas: Catalogue | Sequence[type[KindSpec]]
) -> LoadedStack:
    """The stack at a path. Raises DiagnosticError with everything that is wrong with it."""
    loaded = load(path)
    catalogue = catalogue_of(schemas)
    tables = tables_of(loaded.documents, catalogue)
    given = resolve_variables(tables.variables, variables)
    checked = _checked(loaded, tables, given, catalogue)
    told = (
        found
        for found in checked.diagnostics
        if not (loaded.problems and found.code in _NEEDS_EVERY_FILE)
    )
    diagnostics = in_order(_with_lines(told, (*loaded.documents, *given.documents)))
    settings = checked.settings
    if settings is None or any(found.is_error for found in diagnostics):
        raise DiagnosticError(diagnostics)
    return LoadedStack(
        settings,
        checked.resources,
        checked.outputs,
        diagnostics,
        loaded.directory,
        tuple(document.file for document in loaded.documents),
    )


@dataclass(frozen=True, slots=True)
class _Result:
    """What came of the checks, complete or not."""

    settings: StackSettings | None
    resources: tuple[Checked, ...]
    outputs: Mapping[str, Output]
    diagnostics: tuple[Diagnostic, ...]


def _checked(loaded: Loaded, tables: Tables, given: Variables, catalogue: Catalogue) -> _Result:
    """Every check in turn; each goes on with what the ones before could make of the stack."""
    names = Names({"var": given.values})
    settings, found = _settings(loaded, tables, names)
    problems = [*loaded.problems, *tables.problems, *given.problems, *found]
    for subject in tables.variables:
        problems += credentials_in(subject)
    names = names.opened("stack", _stack_names(settings))
    named = resolve_locals(tables.locals, names)
    names = names.opened(SCOPE, named.values)
    expanded = expand(tables.blocks, names)
    findings = check_blocks(expanded, catalogue, settings, loaded.directory)
    outputs, wrong = outputs_of(tables.outputs, names, findings.targets)
    told = told_once((*expanded.problems, *findings.problems), expanded.keys)
    every = (*problems, *named.problems, *told, *wrong, *_unused(given, named, names))
    return _Result(settings, tuple(findings.resources), outputs, every)


def _settings(
    loaded: Loaded, tables: Tables, names: Names
) -> tuple[StackSettings | None, list[Diagnostic]]:
    if tables.stack is not None:
        return settings_of(tables.stack, names)
    missing = error(
        "missing_stack",
        "Missing [stack]",
        "a stack needs a [stack] table with its name and region",
        at=Location(loaded.path),
        hint='add [stack] with name = "…" and region = "us-west-2"',
    )
    return None, [missing]


def _stack_names(settings: StackSettings | None) -> Mapping[str, object]:
    """What `${stack.…}` may name; UNKNOWN where the settings could not be read."""
    if settings is None:
        return dict.fromkeys(("name", "region", "account"), UNKNOWN)
    known = {"name": settings.name, "region": settings.region, "account": settings.account}
    return {name: value for name, value in known.items() if value}


def _unused(given: Variables, named: Locals, names: Names) -> Iterable[Diagnostic]:
    for name, at in given.declared_at.items():
        if Name("var", name) not in names.used:
            detail = f"nothing uses variable {name}"
            yield warning("unused_variable", "Unused variable", detail, at=at)
    for name, at in () if named.problems else named.declared_at.items():
        if Name(SCOPE, name) not in names.used:
            detail = f"nothing uses local {name}"
            yield warning("unused_local", "Unused local", detail, at=at)


def _with_lines(
    diagnostics: Iterable[Diagnostic], documents: Iterable[Document]
) -> Iterator[Diagnostic]:
    """The diagnostics with their lines. Where a credential is, nothing else is said: it may show it."""
    by_file = {document.file: document for document in documents}
    listed = list(diagnostics)
    secret = {found.location for found in listed if found.code == CREDENTIAL}
    for found in listed:
        if found.location in secret and found.code != CREDENTIAL:
            continue
        document = by_file.get(found.location.file) if found.location else None
        yield found if document is None else document.with_line(found)
