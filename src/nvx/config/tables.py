"""The tables of a stack's files, sorted: settings, variables, outputs, blocks; none declared twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from nvx.config import settings, variables
from nvx.config.load import Document
from nvx.config.scan import KeyPath
from nvx.config.subject import Subject, kind_of, shown, with_nearest
from nvx.core.address import NAME
from nvx.core.diagnostics import Diagnostic, error
from nvx.core.ports import in_one_line

OUTPUTS = "output"

_LATER = ("locals", "moved")
"""Tables of the language that this version does not know yet."""
_NAME_RULE = "a name has 1 to 40 characters: a-z, 0-9, _ and -, the first of them a letter"


@dataclass(slots=True)
class Tables:
    """Every table of a stack by what it is for, in file order; and what is wrong with them."""

    stack: Subject | None = None
    variables: list[Subject] = field(default_factory=list)
    outputs: list[Subject] = field(default_factory=list)
    blocks: list[Subject] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)

    def every(self) -> Iterator[Subject]:
        """All of them."""
        if self.stack is not None:
            yield self.stack
        yield from (*self.variables, *self.outputs, *self.blocks)


def tables_of(documents: Iterable[Document], kinds: Collection[str]) -> Tables:
    """Sort the tables of all documents. `kinds` are the tables that hold blocks."""
    return _Sorting(kinds).run(documents)


class _Sorting:
    def __init__(self, kinds: Collection[str]) -> None:
        self._kinds = kinds
        self._tables = Tables()
        self._first: dict[KeyPath, Subject] = {}

    def run(self, documents: Iterable[Document]) -> Tables:
        for document in documents:
            for word, value in document.tables.items():
                self._sort(document, word, value)
        return self._tables

    def _sort(self, document: Document, word: str, value: Any) -> None:
        tables = self._tables
        if word == settings.TABLE:
            for subject in self._taken(document, (word,), value, f"[{word}]"):
                tables.stack = subject
        elif word == variables.TABLE:
            tables.variables += self._named(document, word, value, "variable ")
        elif word == OUTPUTS:
            tables.outputs += self._named(document, word, value, "output ")
        elif word in self._kinds:
            tables.blocks += self._named(document, word, value, f"{word}.")
        elif word in _LATER:
            detail = f"this version of nvx does not know [{word}]"
            self._report("not_supported", "Not supported yet", detail, document, (word,))
        else:
            self._unknown(document, word, value)

    def _named(
        self, document: Document, word: str, value: Any, prefix: str
    ) -> Iterator[Subject]:
        """The tables `[word.name]`."""
        if not isinstance(value, dict):
            detail = f"{word} is {kind_of(value)}; it holds tables, written [{word}.NAME]"
            self._report("wrong_type", "Wrong type", detail, document, (word,))
            return
        for name, table in value.items():
            path = (word, name)
            if isinstance(table, dict) and NAME.fullmatch(name) is None:
                detail = f"{shown(name)} cannot be a name: {_NAME_RULE}"
                self._report("bad_name", "Bad name", detail, document, path)
            else:
                yield from self._taken(document, path, table, f"{prefix}{name}")

    def _taken(
        self, document: Document, path: KeyPath, table: Any, title: str
    ) -> Iterator[Subject]:
        """The subject of a table, unless it is none or was declared before."""
        written = ".".join(str(part) for part in path)
        if not isinstance(table, dict):
            example = f"{path[0]}.NAME" if len(path) > 1 else written
            detail = f"{written} is {kind_of(table)}; a table is expected here, opened by [{example}]"
            self._report("wrong_type", "Wrong type", detail, document, path)
            return
        subject = Subject(title, document.places, path, table)
        first = self._first.setdefault(path, subject)
        if first is subject:
            yield subject
            return
        self._tables.problems.append(
            error(
                "declared_twice",
                "Declared twice",
                f"[{written}] is already declared at {first.declared_at}",
                at=subject.declared_at,
                hint="remove one of the two",
            )
        )

    def _unknown(self, document: Document, word: str, value: Any) -> None:
        allowed = {settings.TABLE, variables.TABLE, OUTPUTS, *self._kinds}
        hint = f"a stack holds {in_one_line(sorted(allowed))}"
        if not isinstance(value, dict | list):
            hint = "files of variables are given with --var-file and kept outside the stack"
        what = "table" if isinstance(value, dict | list) else "key"
        detail = with_nearest(f"a stack has no {what} {shown(word)}", word, allowed)
        self._report("unknown_table", "Unknown table", detail, document, (word,), hint)

    def _report(
        self,
        code: str,
        summary: str,
        detail: str,
        document: Document,
        path: KeyPath,
        hint: str = "",
    ) -> None:
        at = document.places.header(path)
        self._tables.problems.append(error(code, summary, detail, at=at, hint=hint))
