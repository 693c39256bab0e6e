"""Addresses: the label of a resource in a stack, `kind.name` or `kind.name["key"]`."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
"""What a block may be called."""

_ADDRESS = re.compile(r'([a-z][a-z0-9_]*)\.([a-z][a-z0-9_-]{0,39})(?:\["((?:[^"\\]|\\.)*)"\])?')
_MARK_LIMIT = 200
_MARK_KEPT = 180


@dataclass(frozen=True, slots=True)
class Address:
    """Where a resource is declared: its kind, the name of its block, its `for_each` key."""

    kind: str
    name: str
    key: str | None = None

    def __lt__(self, other: Address) -> bool:
        """By kind, name and key; a block before its instances."""
        return self._order < other._order

    @property
    def _order(self) -> tuple[str, str, bool, str]:
        return (self.kind, self.name, self.key is not None, self.key or "")

    def __str__(self) -> str:
        if self.key is None:
            return f"{self.kind}.{self.name}"
        escaped = self.key.replace("\\", "\\\\").replace('"', '\\"')
        return f'{self.kind}.{self.name}["{escaped}"]'

    @property
    def mark(self) -> str:
        """The form used in tags and keywords: `kind.name` or `kind.name/key`, at most 200 characters."""
        if self.key is None:
            return f"{self.kind}.{self.name}"
        text = f"{self.kind}.{self.name}/{_escaped(self.key)}"
        if len(text) <= _MARK_LIMIT:
            return text
        return text[:_MARK_KEPT] + "=" + hashlib.sha256(text.encode()).hexdigest()[:16]

    @classmethod
    def parse(cls, text: str) -> Address:
        """The address that `str()` wrote. Raises ValueError for anything else."""
        match = _ADDRESS.fullmatch(text)
        if match is None:
            raise ValueError(
                f'"{text}" is no address; write kind.name, such as fine_tune.support'
            )
        kind, name, key = match.groups()
        return cls(kind, name, None if key is None else re.sub(r"\\(.)", r"\1", key))


def _escaped(key: str) -> str:
    """Every byte outside [a-z0-9._-] as =xx."""
    return "".join(
        chr(byte)
        if chr(byte).isascii() and re.match(r"[a-z0-9._-]", chr(byte))
        else f"={byte:02x}"
        for byte in key.encode()
    )
