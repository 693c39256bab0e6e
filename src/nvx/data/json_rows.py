"""Rows as JSON: one object a line (`.jsonl`), or one list of objects (`.json`)."""

from collections.abc import Iterable

import orjson

from nvx.data.elements import Element, ListError, split_elements
from nvx.data.findings import Findings
from nvx.data.lines import LONGEST_ROW, split_blocks
from nvx.data.locate import offset_of
from nvx.data.rules import RowRules
from nvx.data.shapes import RowError

TOO_LONG = f"a row may have at most {LONGEST_ROW:,} bytes"
MISFIT = "Row does not fit its technique"


def read_jsonl(chunks: Iterable[bytes], rules: RowRules, findings: Findings) -> int:
    """Check every line; the number of rows, blank lines left out."""
    lines = _Lines(rules, findings)
    for block in split_blocks(chunks):
        if block is None:
            lines.too_long()
        elif not lines.all_right(block):
            lines.one_by_one(block)
    return lines.rows()


class _Lines:
    """Counts lines and checks them: a block at once while all is right, else one by one."""

    def __init__(self, rules: RowRules, findings: Findings) -> None:
        self._rules = rules
        self._findings = findings
        self._number = 0
        self._first_blank = 0
        self._blanks = 0

    def all_right(self, block: bytes) -> bool:
        """Whether every line of the block is a right row; nothing is noted when not.

        The lines are read as one list of one-element lists. A newline cannot stand inside a
        JSON string, and a line that ends inside an object or a list cannot go on after `]`, so
        two lines never make one row; a line that makes two changes a length.
        """
        as_lists = block.replace(b"\n", b"],\n[")
        count = (len(as_lists) - len(block)) // len(b"],[") + 1
        try:
            rows = orjson.loads(b"[[%b]]" % as_lists)
            if len(rows) != count:
                return False
            format_ = self._rules.format_for(*rows[0])
            surely_right, check = format_.surely_right, format_.check
            for (row,) in rows:
                if not surely_right(row):
                    check(row)
        except (RowError, TypeError, ValueError):
            return False
        self._number += count
        return True

    def one_by_one(self, block: bytes) -> None:
        """Check the lines of a block, noting what is wrong with each."""
        for line in block.split(b"\n"):
            self._number += 1
            element = Element(self._number, 1, line)
            try:
                self._rules.check(orjson.loads(line))
            except RowError as problem:
                _misfit(element, problem, self._findings)
            except orjson.JSONDecodeError:
                if line.strip():
                    _broken(element, self._findings)
                else:
                    self._blank()

    def too_long(self) -> None:
        """Note a line that was not kept."""
        self._number += 1
        self._findings.row("Row too long", TOO_LONG, line=self._number, column=1)

    def rows(self) -> int:
        """The number of rows; warns of blank lines that stand before the last of them."""
        rows = self._number - self._blanks
        if self._blanks and rows >= self._first_blank:
            self._findings.warn(
                "Blank line",
                "blank lines between rows are skipped here; some trainers count them as rows",
                line=self._first_blank,
                hint="remove the blank lines",
            )
        return rows

    def _blank(self) -> None:
        self._blanks += 1
        self._first_blank = self._first_blank or self._number


def read_list(chunks: Iterable[bytes], rules: RowRules, findings: Findings) -> int:
    """Check every element of the list that the file is; the number of elements."""
    rows = 0
    try:
        for element in split_elements(chunks):
            rows += 1
            try:
                rules.check(orjson.loads(element.text))
            except RowError as problem:
                _misfit(element, problem, findings)
            except orjson.JSONDecodeError:
                _broken(element, findings)
    except ListError as problem:
        findings.file("Not a list of rows", problem.text, line=problem.line)
    return rows


def _misfit(element: Element, problem: RowError, findings: Findings) -> None:
    if findings.full:
        findings.count(element.line)
        return
    text = element.text.decode()
    line, column = element.place(text, offset_of(text, problem.at))
    findings.row(MISFIT, problem.text, line=line, column=column, text=_excerpt(element, text))


def _broken(element: Element, findings: Findings) -> None:
    """Say why bytes are not JSON: the encoding first, for nothing behind it can be trusted."""
    if findings.full:
        findings.count(element.line)
        return
    try:
        text = element.text.decode()
    except UnicodeDecodeError as error:
        before = element.text[: error.start].decode()
        line, column = element.place(before, len(before))
        detail = f"byte 0x{element.text[error.start]:02x} is not UTF-8"
        findings.row(
            "Invalid UTF-8", detail, line=line, column=column, hint="save the file as UTF-8"
        )
        return
    offset, detail = _json_error(text)
    line, column = element.place(text, offset)
    findings.row("Invalid JSON", detail, line=line, column=column, text=_excerpt(element, text))


def _json_error(text: str) -> tuple[int, str]:
    if "\0" in text:
        return text.index("\0"), "a NUL byte, which JSON does not allow"
    if not text.strip():
        return 0, "there is no value here"
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return min(error.pos, len(text)), error.msg
    return 0, "it cannot be read"


def _excerpt(element: Element, text: str) -> str:
    """The row as the line to show, when it is one whole line of the file."""
    return text.rstrip() if element.column == 1 and "\n" not in text else ""
