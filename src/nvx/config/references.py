"""`${…}` in strings: references to resources, and names that are known before anything is applied."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from nvx.core.address import Address
from nvx.core.values import Reference

SCOPES = ("var", "local", "each", "stack")
"""First words that do not name a kind."""

_MARK = re.compile(r"\$?\$\{")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_WHOLE = re.compile(rf"\$\{{({_WORD.pattern})\.({_WORD.pattern})(?:\.({_WORD.pattern}))?\}}")
"""A text as most are: one reference and nothing else."""
_PART = re.compile(r"[A-Za-z0-9_-]+")
"""A key of a table, as TOML writes it without quotes."""
_KEY = re.compile(r'\["((?:[^"\\]|\\.)*)"\]')


@dataclass(frozen=True, slots=True)
class Name:
    """`${var.env}`: a value that is known when the stack is loaded; `path` leads into a table."""

    scope: str
    name: str
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"${{{'.'.join((self.scope, self.name, *self.path))}}}"


Part: TypeAlias = str | Name | Reference


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a string, and the index at which it starts."""

    index: int
    part: Part


class ReferenceSyntaxError(ValueError):
    """`${…}` that cannot be read; `index` is the character at which reading stopped."""

    def __init__(self, message: str, index: int) -> None:
        self.index = index
        super().__init__(message)


def has_references(text: str) -> bool:
    """Whether there is anything in it to parse."""
    return "${" in text


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[Piece, ...]:
    """The text cut into literal parts and references. `$${` is a literal `${`.

    A key inside a reference keeps its `${…}`.
    Raises ReferenceSyntaxError.
    """
    whole = _WHOLE.fullmatch(text)
    if whole is not None and whole[1] not in SCOPES:
        return (Piece(0, Reference(Address(whole[1], whole[2]), whole[3] or "")),)
    pieces: list[Piece] = []
    literal, start, pos = "", 0, 0
    while (mark := _MARK.search(text, pos)) is not None:
        literal += text[pos : mark.start()]
        if mark[0] == "$${":
            literal, pos = literal + "${", mark.end()
            continue
        if literal:
            pieces.append(Piece(start, literal))
        part, pos = _expression(text, mark.end())
        pieces.append(Piece(mark.start(), part))
        literal, start = "", pos
    literal += text[pos:]
    if literal or not pieces:
        pieces.append(Piece(start, literal))
    return tuple(pieces)


def _expression(text: str, pos: int) -> tuple[Name | Reference, int]:
    """What stands between `${` and `}`; and where the text goes on."""
    first, pos = _word(text, pos, "a kind, or var, or stack")
    pos = _sign(text, pos, ".", f'"." and a name after "{first}"')
    second, pos = _word(text, pos, f'a name after "{first}."')
    if first in SCOPES:
        return _name(text, pos, first, second)
    key = _KEY.match(text, pos)
    if key is not None:
        pos = key.end()
    output = ""
    if text.startswith(".", pos):
        output, pos = _word(text, pos + 1, "the name of an output")
    pos = _sign(text, pos, "}", '"}", or "." and an output')
    address = Address(first, second, None if key is None else re.sub(r"\\(.)", r"\1", key[1]))
    return Reference(address, output), pos


def _name(text: str, pos: int, scope: str, name: str) -> tuple[Name, int]:
    """A name whose scope and first word end at `pos`, with the path that follows."""
    path: tuple[str, ...] = ()
    while text.startswith(".", pos):
        match = _PART.match(text, pos + 1)
        if match is None:
            raise _unexpected(text, pos + 1, f'a key after "{".".join((scope, name, *path))}."')
        path, pos = (*path, match[0]), match.end()
    last = ".".join((scope, name, *path))
    return Name(scope, name, path), _sign(text, pos, "}", f'"}}" after "{last}"')


def _word(text: str, pos: int, wanted: str) -> tuple[str, int]:
    match = _WORD.match(text, pos)
    if match is None:
        raise _unexpected(text, pos, wanted)
    return match[0], match.end()


def _sign(text: str, pos: int, sign: str, wanted: str) -> int:
    if not text.startswith(sign, pos):
        raise _unexpected(text, pos, wanted)
    return pos + 1


def _unexpected(text: str, pos: int, wanted: str) -> ReferenceSyntaxError:
    found = f'"{text[pos]}"' if pos < len(text) else "the end of the text"
    return ReferenceSyntaxError(f"expected {wanted}, found {found}", pos)
