"""The tables of a stack's files, sorted: settings, variables, outputs, blocks; none declared twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from nvx.config import local_values, settings, variables
from nvx.config.load import Document
from nvx.config.scan import KeyPath
from nvx.config.subject import Subject, kind_of, shown, with_nearest
from nvx.core.address import NAME
from nvx.core.diagnostics import Diagnostic, error
from nvx.core.ports import in_one_line

OUTPUTS = "output"

_LATER = ("moved",)
"""Tables of the language that this version does not know yet."""
_NAME_RULE = "a name has 1 to 40 characters: a-z, 0-9, _ and -, the first of them a letter"


@dataclass(slots=True)
class Tables:
    """Every table of a stack by what it is for, in file order; and what is wrong with them."""

    stack: Subject | None = None
    variables: list[Subject] = field(default_factory=list)
    locals: list[Subject] = field(default_factory=list)
    """`[locals]` of each file that has it."""
    outputs: list[Subject] = field(default_factory=list)
    blocks: list[Subject] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)


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
        elif word == local_values.TABLE:
            tables.locals += self._values(document, word, value)
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
                self._bad_name(document, path, name)
            else:
                yield from self._taken(document, path, table, f"{prefix}{name}")

    def _values(self, document: Document, word: str, value: Any) -> Iterator[Subject]:
        """A table of values with names: each name once in a stack, in any of its files."""
        if not isinstance(value, dict):
            detail = f"{word} is {kind_of(value)}; a table is expected here, opened by [{word}]"
            self._report("wrong_type", "Wrong type", detail, document, (word,))
            return
        for name in value:
            path = (word, name)
            place = Subject(name, document.places, path, value)
            first = self._first.setdefault(path, place)
            if NAME.fullmatch(name) is None:
                self._bad_name(document, path, name)
            elif first is not place:
                self._again(f"local {name}", first, place)
        yield Subject(f"[{word}]", document.places, (word,), value)

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
        self._again(f"[{written}]", first, subject)

    def _again(self, written: str, first: Subject, second: Subject) -> None:
        self._tables.problems.append(
            error(
                "declared_twice",
                "Declared twice",
                f"{written} is already declared at {first.declared_at}",
                at=second.declared_at,
                hint="remove one of the two",
            )
        )

    def _bad_name(self, document: Document, path: KeyPath, name: str) -> None:
        detail = f"{shown(name)} cannot be a name: {_NAME_RULE}"
        self._report("bad_name", "Bad name", detail, document, path)

    def _unknown(self, document: Document, word: str, value: Any) -> None:
        allowed = {settings.TABLE, variables.TABLE, local_values.TABLE, OUTPUTS, *self._kinds}
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
