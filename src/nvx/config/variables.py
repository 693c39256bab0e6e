"""Variables: declared in a stack, given by the command line, files or the environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any, Literal

import tomli
from pydantic import BaseModel, ConfigDict

from nvx.config.credentials import ADVICE, credentials_in, looks_secret
from nvx.config.load import CREDENTIAL, Document, load, read_document
from nvx.config.model import validated
from nvx.config.references import has_references
from nvx.config.scalars import plain_rule
from nvx.config.subject import Subject, kind_of, shown, with_nearest
from nvx.core.diagnostics import Diagnostic, Location, error
from nvx.core.values import UNKNOWN

TABLE = "variables"
ENVIRONMENT_PREFIX = "NVX_VAR_"

_WORDS: Mapping[str, str] = {
    "string": "text",
    "integer": "an integer",
    "number": "a number",
    "bool": "true or false",
    "list": "a list",
    "table": "a table",
}


@dataclass(frozen=True, slots=True)
class VariableInput:
    """What a command was given: `--var name=value`, `--var-file FILE`, the environment.

    `elsewhere` are names that other stacks of the same command declare: they are no mistake here.
    """

    assignments: Sequence[str] = ()
    files: Sequence[str] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()


class VariableTable(BaseModel):
    """`[variables.NAME]`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    type: Literal["string", "integer", "number", "bool", "list", "table"] = "string"
    default: Any = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Variables:
    """The values of a stack's variables; UNKNOWN for one whose value is missing or wrong."""

    values: Mapping[str, Any]
    declared_at: Mapping[str, Location]
    documents: tuple[Document, ...]
    """The variable files, for the lines that diagnostics show."""
    problems: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class _Given:
    """A value from outside: text that is converted, or a TOML value."""

    name: str
    value: Any
    at: Location
    is_text: bool
    is_required: bool
    """Whether it is a mistake to give a variable that the stack does not declare."""


def resolve_variables(declared: Sequence[Subject], given: VariableInput) -> Variables:
    """Every variable's value: `--var` before `--var-file` before the environment before its default."""
    problems: list[Diagnostic] = []
    tables: dict[str, VariableTable | None] = {}
    subjects = {str(subject.path[-1]): subject for subject in declared}
    for name, subject in subjects.items():
        tables[name], found = validated(VariableTable, subject.table, subject)
        problems += found
    documents = _files(given.files, problems)
    problems += [p for document in documents for p in _credentials(document)]
    values = {name: UNKNOWN for name in subjects}
    chosen = {g.name: g for g in _all_given(given, documents, problems)}
    for name, table in tables.items():
        if table is not None:
            values[name] = _value(subjects[name], table, chosen.get(name), problems)
    unknown = [g for g in chosen.values() if g.is_required and g.name not in subjects]
    problems += [_unknown(g, subjects) for g in unknown if g.name not in given.elsewhere]
    if len(documents) < len(
        given.files
    ):  # what is missing may be in the file that was not read
        problems = [found for found in problems if found.code != "missing_variable"]
    places = {name: subject.declared_at for name, subject in subjects.items()}
    return Variables(values, places, documents, tuple(problems))


def _files(files: Sequence[str], problems: list[Diagnostic]) -> tuple[Document, ...]:
    documents = []
    for file in files:
        document, found = read_document(file)
        problems += found
        documents += [] if document is None else [document]
    return tuple(documents)


def _credentials(document: Document) -> Iterable[Diagnostic]:
    return credentials_in(Subject("the file", document.places, (), document.tables))


def _all_given(
    given: VariableInput, documents: Iterable[Document], problems: list[Diagnostic]
) -> Iterator[_Given]:
    """Everything given, the strongest last."""
    for name in sorted(given.environ):
        if name.startswith(ENVIRONMENT_PREFIX):
            short = name.removeprefix(ENVIRONMENT_PREFIX)
            yield _Given(short, given.environ[name], Location(name), True, False)
    for document in documents:
        for name, value in document.tables.items():
            yield _Given(name, value, document.places.at((name,)), False, True)
    for assignment in given.assignments:
        name, sign, text = assignment.partition("=")
        at = Location(f"--var {name}")
        if sign:
            yield _Given(name.strip(), text, at, True, True)
        else:
            problems.append(
                error("bad_assignment", "Bad --var", f"{shown(name)} is not name=value", at=at)
            )


def _value(
    subject: Subject, table: VariableTable, given: _Given | None, problems: list[Diagnostic]
) -> Any:
    """The value of one variable; UNKNOWN if it is missing or wrong."""
    name = subject.path[-1]
    if given is None and "default" not in table.model_fields_set:
        problems.append(_missing(subject))
        return UNKNOWN
    value = table.default if given is None else given.value
    if given is not None and given.is_text:
        value = _converted(given.value, table.type)
    problem = _secret(given) or _refused(value, str(name), table.type)
    if problem is None:
        return value
    at = subject.at(("default",)) if given is None else given.at
    problems.append(replace(problem, location=at))
    return UNKNOWN


def _secret(given: _Given | None) -> Diagnostic | None:
    """Why text from outside cannot be used; files are looked through as a whole."""
    if given is None or not given.is_text or not looks_secret((given.name,), given.value):
        return None
    detail = f"variable {given.name} looks like a credential; nvx holds no secrets"
    return error(CREDENTIAL, "Credential in a stack", detail, hint=ADVICE)


def _refused(value: object, name: str, wanted: str) -> Diagnostic | None:
    """Why a value cannot be that of a variable."""
    if not _fits(value, wanted):
        detail = f"variable {name} is {_said(value)}; its type is {wanted}: {_WORDS[wanted]}"
        return error("wrong_type", "Wrong type", detail)
    if any(isinstance(inner, str) and has_references(inner) for inner in _scalars(value)):
        detail = f"the value of variable {name} holds ${{…}}, which is not looked at in values"
        return error("reference_not_allowed", "Reference not allowed", detail)
    rule = next(filter(None, map(plain_rule, _scalars(value))), "")
    if rule:
        return error("invalid_value", "Invalid value", f"variable {name}: {rule}")
    return None


def _said(value: object) -> str:
    return (
        f"{shown(value)}, {kind_of(value)}"
        if isinstance(value, str | int | float)
        else shown(value)
    )


def _converted(text: str, wanted: str) -> Any:
    """Text as a value of a type; the text itself where it is none of that type."""
    if wanted == "string":
        return text
    try:
        parsed = tomli.loads(f"value = {text.strip()}")
    except (ValueError, RecursionError):
        return text
    return parsed["value"] if len(parsed) == 1 else text


def _fits(value: object, wanted: str) -> bool:
    is_bool = isinstance(value, bool)
    checks: Mapping[str, bool] = {
        "string": isinstance(value, str),
        "integer": isinstance(value, int) and not is_bool,
        "number": isinstance(value, int | float) and not is_bool and isfinite(value),
        "bool": is_bool,
        "list": isinstance(value, list),
        "table": isinstance(value, dict),
    }
    return checks[wanted]


def _scalars(value: object) -> Iterator[object]:
    """Every value inside a value that is no list and no table."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _scalars(inner)
    else:
        yield value


def _missing(subject: Subject) -> Diagnostic:
    name = subject.path[-1]
    return error(
        "missing_variable",
        "Missing variable",
        f"variable {name} has no default and was given no value",
        at=subject.declared_at,
        hint=f"give it: --var {name}=…, a --var-file, or {ENVIRONMENT_PREFIX}{name}",
    )


def _unknown(given: _Given, known: Iterable[str]) -> Diagnostic:
    return error(
        "unknown_variable",
        "Unknown variable",
        with_nearest(f"the stack declares no variable {shown(given.name)}", given.name, known),
        at=given.at,
    )


def declared_variables(paths: Iterable[str]) -> frozenset[str]:
    """The names of the variables that the stacks at these paths declare; unreadable files have none."""
    tables = (
        document.tables.get("variables") for path in paths for document in load(path).documents
    )
    return frozenset(name for table in tables if isinstance(table, Mapping) for name in table)
