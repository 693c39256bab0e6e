"""A bar: what was measured, what it may be at most, whether it passes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the design. `measured` is None where there was nothing to measure against."""

    what: str
    measured: float | None
    at_most: float
    unit: str = "x"
    note: str = ""

    @property
    def verdict(self) -> str:
        """`pass`, `FAIL`, or `-` where it could not be measured."""
        if self.measured is None:
            return "-"
        return "pass" if self.measured <= self.at_most else "FAIL"

    def __str__(self) -> str:
        number = "-" if self.measured is None else f"{self.measured:.2f}{self.unit}"
        bar = f"{self.at_most:.2f}{self.unit}"
        note = f"  ({self.note})" if self.note else ""
        return f"{self.verdict:4}  {self.what:52}  {number:>8}  bar {bar:>8}{note}"
