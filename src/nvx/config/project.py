"""`nvx.toml`: what all stacks of a project share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from nvx.config.credentials import credentials_in
from nvx.config.load import PROJECT_FILE, Document, read_document
from nvx.config.model import validated
from nvx.config.subject import Subject
from nvx.core.diagnostics import DiagnosticError, in_order

_CONFIG = ConfigDict(extra="forbid", frozen=True, strict=True)


@dataclass(frozen=True, slots=True)
class Project:
    """The settings of a project. `directory` is where its paths start."""

    directory: str
    state_backend: Literal["local"] = "local"
    state_path: str = "state"
    endpoint_url: str = ""
    unproven: Mapping[str, str] = field(default_factory=dict)
    """Id of an unproven fact → what this project takes it for."""


class _State(BaseModel):
    """`[state]`."""

    model_config = _CONFIG

    backend: Literal["local"] = "local"
    path: Annotated[str, Field(min_length=1)] = "state"


class _File(BaseModel):
    """The whole file."""

    model_config = _CONFIG

    endpoint_url: Annotated[str, Field(pattern=r"^https?://\S+$")] = ""
    state: _State = _State()
    unproven: Mapping[str, str] = {}


def find_project(start: str = ".") -> Project:
    """The project that a folder belongs to: its own `nvx.toml` or its nearest parent's.

    Without any, everything is as by default. Raises DiagnosticError for a file that is wrong.
    """
    here = Path(start)
    for directory in (here, *here.resolve().parents):
        file = directory / PROJECT_FILE
        if file.is_file():
            return read_project(str(file))
    return Project(start)


def read_project(file: str) -> Project:
    """The settings in a file. Raises DiagnosticError with everything that is wrong with it."""
    document, problems = read_document(file)
    if document is None:
        raise DiagnosticError(problems)
    return _project(document)


def _project(document: Document) -> Project:
    subject = Subject(PROJECT_FILE, document.places, (), document.tables)
    table, problems = validated(_File, document.tables, subject)
    problems += credentials_in(subject)
    if table is None or problems:
        raise DiagnosticError(in_order(document.with_line(found) for found in problems))
    return Project(
        directory=str(Path(document.file).parent),
        state_backend=table.state.backend,
        state_path=table.state.path,
        endpoint_url=table.endpoint_url,
        unproven=table.unproven,
    )
