"""The page on JSON shows documents with the very fields that nvx writes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from support.project import REPOSITORY, project

PAGE = (REPOSITORY / "docs/json.md").read_text()
OPEN = {"outputs", "inputs", "ran_with", "upstream", "applied", "subtasks"}
"""Tables whose names depend on what is declared."""


def shown() -> dict[str, Any]:
    """The documents of the page by their format, and the events by their name."""
    found: dict[str, Any] = {}
    for block in re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL):
        whole = block.startswith(("{\n", "[\n"))
        for text in [block] if whole else block.splitlines():
            document = json.loads(text)
            if isinstance(document, dict):
                found[document.get("event") or document["format"]] = document
    return found


def shape(value: Any) -> Any:
    """Names, not values: of a list the first entry counts."""
    if isinstance(value, dict):
        return {k: "…" if k in OPEN else shape(v) for k, v in value.items()}
    entries = [shape(v) for v in value] if isinstance(value, list) else []
    return [entries[0]] if entries and entries[0] != "…" else "…"


def test_the_page_on_json_shows_the_fields_that_nvx_writes(tmp_path: Path) -> None:
    page = shown()
    with project(tmp_path, "quickstart") as made:
        lines = made.apply("--json").events
        made.edit("stacks/quickstart/quickstart.toml", "max_steps = 60", "max_steps = 61")
        written = {
            "nvx.plan/1": made.nvx("plan", "--local", "--json").json,
            "nvx.results/1": made.nvx("results", "--local", "--json").json,
            "nvx.outputs/1": made.nvx("output", "--local", "--json").json,
            "nvx.status/1": made.nvx("status", "--local", "--json").json,
        }
    for event in lines:
        assert shape(event) == shape(page[event["event"]]), event["event"]
    for name, document in written.items():
        assert shape(document) == shape(page[name]), name
