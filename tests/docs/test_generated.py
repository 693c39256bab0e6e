"""The generated pages are what the commands and the kinds say today."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from nvx.cli.main import COMMANDS
from nvx.kinds import all_specs
from support.project import REPOSITORY

DOCS = REPOSITORY / "docs"
REMEDY = "run `make docs` and commit what it wrote"


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    monkeypatch.syspath_prepend(str(DOCS))
    made: Mapping[str, str] = importlib.import_module("generate").pages()
    return made


def test_the_committed_pages_are_what_would_be_generated_today(
    pages: Mapping[str, str],
) -> None:
    committed = {name: (DOCS / name).read_text() for name in pages if (DOCS / name).exists()}
    stale = [name for name, text in pages.items() if committed.get(name) != text]
    assert not stale, f"out of date: {', '.join(stale)}: {REMEDY}"
    there = {f"reference/{path.name}" for path in (DOCS / "reference").glob("*.md")}
    assert there <= set(pages), f"pages of kinds that are gone: {REMEDY}"


def test_every_command_and_every_kind_variant_has_its_page(pages: Mapping[str, str]) -> None:
    assert all(f"\n## nvx {name}\n" in pages["commands.md"] for name in COMMANDS)
    references = {name for name in pages if name.startswith("reference/")}
    assert set(pages) - references == {"commands.md", "rules.md"}
    assert len(references) == len(all_specs()) + 1


@pytest.mark.usefixtures("pages")
def test_every_field_says_what_it_is_for() -> None:
    silent = [
        f"{spec.name} {spec.variant}: {'.'.join(path)}"
        for spec in all_specs()
        for path, info in fields_of(spec.model)
        if not info.description
    ]
    assert not silent, f"give these fields a description: {', '.join(silent)}"


def fields_of(model: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """Every field of a model and of the tables inside it."""
    kinds = importlib.import_module("generator.kinds")
    found = [((*path, name), info) for name, info in model.model_fields.items()]
    for name, inner in kinds.tables_in(model):
        found += [((*path, name, key), info) for key, info in inner.model_fields.items()]
    return found


def test_every_link_between_pages_leads_somewhere() -> None:
    pages = [REPOSITORY / "README.md", *DOCS.rglob("*.md")]
    broken = [
        f"{page.relative_to(REPOSITORY)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", without_code(page))
        if not target.startswith(("http:", "https:")) and not (page.parent / target).exists()
    ]
    assert not broken


def without_code(page: Path) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(), flags=re.DOTALL)
