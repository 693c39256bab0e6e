"""Writes docs/commands.md, docs/rules.md and docs/reference/ from the commands and the kinds themselves.

Run by `make docs`. A test fails while what is committed differs from what this would write.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from generator.commands import commands_page
from generator.kinds import index_page, kind_page, page_of
from generator.rules import rules_page

from nvx.kinds import all_specs

DOCS = Path(__file__).parent


def pages() -> Mapping[str, str]:
    """Every generated page by its path below docs/."""
    specs = all_specs()
    written = {f"reference/{page_of(spec)}": kind_page(spec) for spec in specs}
    return {
        "commands.md": commands_page(),
        "rules.md": rules_page(),
        "reference/README.md": index_page(specs),
        **written,
    }


def main() -> None:
    """Write the pages, and remove those of kinds that are gone."""
    made = pages()
    (DOCS / "reference").mkdir(exist_ok=True)
    for old in (DOCS / "reference").glob("*.md"):
        if f"reference/{old.name}" not in made:
            old.unlink()
    for name, text in made.items():
        (DOCS / name).write_text(text, encoding="utf-8")
    sys.stdout.write(f"wrote {len(made)} pages below {DOCS.name}/\n")


if __name__ == "__main__":
    main()
