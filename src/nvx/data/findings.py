"""Collecting what is wrong with a file: the first problems in full, the rest as a count."""

from nvx.core.diagnostics import Diagnostic, Location, Severity

MOST_SHOWN = 20
LONGEST_LINE_SHOWN = 200


class Findings:
    """The problems of one file, in file order, at most `MOST_SHOWN` wrong rows in full."""

    def __init__(self, display: str) -> None:
        self.display = display
        self.wrong_rows = 0
        self._first_hidden = 0
        self._problems: list[Diagnostic] = []

    @property
    def full(self) -> bool:
        """Whether further wrong rows are only counted."""
        return self.wrong_rows >= MOST_SHOWN

    def row(
        self,
        summary: str,
        detail: str,
        *,
        line: int,
        column: int,
        text: str = "",
        hint: str = "",
    ) -> None:
        """Note one wrong row."""
        if self.full:
            self.count(line)
            return
        excerpt = text if len(text) <= LONGEST_LINE_SHOWN else ""
        location = Location(self.display, line, column)
        self._add(Severity.ERROR, summary, detail, location, hint, excerpt)
        self.wrong_rows += 1

    def count(self, line: int) -> None:
        """Note one wrong row that is no longer shown."""
        self._first_hidden = self._first_hidden or line
        self.wrong_rows += 1

    def file(self, summary: str, detail: str, *, line: int = 0, hint: str = "") -> None:
        """Note something wrong with the file as a whole."""
        location = Location(self.display, line, 1 if line else 0)
        self._add(Severity.ERROR, summary, detail, location, hint)

    def warn(self, summary: str, detail: str, *, line: int, hint: str = "") -> None:
        """Note something odd that does not stop anybody."""
        location = Location(self.display, line, 1)
        self._add(Severity.WARNING, summary, detail, location, hint)

    def problems(self) -> tuple[Diagnostic, ...]:
        """Everything noted, and how many wrong rows are not shown."""
        more = self.wrong_rows - MOST_SHOWN
        if more <= 0:
            return tuple(self._problems)
        rows = "row is" if more == 1 else "rows are"
        rest = Diagnostic(
            Severity.ERROR,
            "dataset-row",
            "More rows are wrong",
            f"and {more:,} more {rows} wrong",
            Location(self.display, self._first_hidden, 1),
        )
        return (*self._problems, rest)

    def _add(
        self,
        severity: Severity,
        summary: str,
        detail: str,
        location: Location,
        hint: str,
        excerpt: str = "",
    ) -> None:
        found = Diagnostic(severity, "dataset-row", summary, detail, location, hint, excerpt)
        self._problems.append(found)
