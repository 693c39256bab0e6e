"""Rows as a table: a header, then one row a record, every value text (`.csv`)."""

import csv
from collections.abc import Iterable, Iterator

from nvx.data.findings import Findings
from nvx.data.json_rows import MISFIT, TOO_LONG
from nvx.data.lines import LONGEST_ROW, split_lines
from nvx.data.rules import RowRules
from nvx.data.shapes import RowError


def read_csv(chunks: Iterable[bytes], rules: RowRules, findings: Findings) -> int:
    """Check every record; the number of records, without header and blank lines."""
    if needed := rules.structured():
        text = f"technique {rules.technique} takes {needed}, which a .csv file cannot hold"
        findings.file("Wrong kind of file", text, hint="write the rows as .jsonl")
        return 0
    source = _Records(chunks)
    rows = 0
    try:
        reader = csv.reader(source, strict=True)
        header = next(reader, [])
        source.begin_next()
        if not _check_header(header, rules, findings):
            return 0
        for record in reader:
            begin = source.begin_next()
            rows += bool(record)
            if record and len(record) != len(header):
                has = f"the row has {len(record)} values for {len(header)} columns"
                findings.row("Wrong number of values", has, line=begin, column=1)
    except (csv.Error, UnicodeDecodeError, _TooLong) as error:
        findings.file("Cannot be read as CSV", _said(error), line=source.line)
    return rows


class _TooLong(Exception):
    """One record is longer than a row may be."""


class _Records:
    """Lines of text for the csv module that know where the record in hand began."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.line = 0
        self._begin = 1
        self._size = 0
        self._lines = split_lines(chunks)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.line += 1
        self._size += LONGEST_ROW + 1 if line is None else len(line)
        if line is None or self._size > LONGEST_ROW:
            raise _TooLong(TOO_LONG)
        return line.decode() + "\n"

    def begin_next(self) -> int:
        """The line at which the record just read began; what follows is the next one."""
        begin, self._begin, self._size = self._begin, self.line + 1, 0
        return begin


def _check_header(header: list[str], rules: RowRules, findings: Findings) -> bool:
    """Whether the columns make right rows: every value is text, so the names decide."""
    if not any(name.strip() for name in header):
        findings.file("Empty header", "the first line must name the columns", line=1)
        return False
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        findings.file("Column named twice", f'the column "{twice[0]}" is there twice', line=1)
        return False
    try:
        rules.check(dict.fromkeys(header, "text"))
    except RowError as problem:
        findings.file(MISFIT, f"with these columns, {problem.text}", line=1)
        return False
    return True


def _said(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"byte 0x{error.object[error.start]:02x} is not UTF-8"
    return str(error)
