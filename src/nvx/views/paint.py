"""Colour and symbols. Colour only adds: every text reads the same without it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nvx.core.diagnostics import Severity
from nvx.core.plan import Action

_CODES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}
_ACTIONS = {
    Action.CREATE: "green",
    Action.UPDATE: "yellow",
    Action.NEW_VERSION: "green",
    Action.RERUN: "magenta",
    Action.REPLACE: "red",
    Action.STOP: "red",
    Action.DELETE: "red",
    Action.DECIDE: "yellow",
    Action.ADOPT: "cyan",
    Action.MOVE: "cyan",
}
_SEVERITIES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_PLAIN = (("·", "|"), ("→", "->"), ("…", "..."), ("±", "+/-"), ("»", ">>"))
_UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
)


@dataclass(frozen=True, slots=True)
class Paint:
    """How a terminal wants its text."""

    color: bool = False
    unicode: bool = True

    def __call__(self, text: str, *names: str) -> str:
        """The text in the colours named, or as it is."""
        if not self.color or not names or not text:
            return text
        return f"\x1b[{';'.join(_CODES[name] for name in names)}m{text}\x1b[0m"

    def symbol(self, action: Action) -> str:
        """The sign of an action, three columns wide."""
        sign = action.symbol if self.unicode else action.ascii_symbol
        return self(f"{sign:>3}", *self.of(action))

    def of(self, action: Action) -> tuple[str, ...]:
        """The colour of an action."""
        return (_ACTIONS[action],) if action in _ACTIONS else ()

    def severity(self, severity: Severity) -> str:
        """The word of a severity in its colour."""
        return self(severity.value, "bold", _SEVERITIES[severity])

    def words(self, text: str) -> str:
        """Text from elsewhere in signs that the terminal has."""
        if self.unicode:
            return text
        for sign, plain in _PLAIN:
            text = text.replace(sign, plain)
        return text

    @property
    def arrow(self) -> str:
        """Between a value before and after."""
        return "→" if self.unicode else "->"

    @property
    def dot(self) -> str:
        """Between facts on one line."""
        return "·" if self.unicode else "|"

    @property
    def ellipsis(self) -> str:
        """Where text was cut."""
        return "…" if self.unicode else "..."


def clean(text: str) -> str:
    """Text with what could steer a terminal made visible: escape sequences, bidirectional marks."""
    return _UNPRINTABLE.sub(lambda match: f"\\x{ord(match.group()):02x}", text)
