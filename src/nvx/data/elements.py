"""The elements of one long JSON list, each as its own bytes, in bounded memory."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nvx.data.lines import LONGEST_ROW

# What can be passed over: whole strings, and all that is no bracket, inside of an element; around
# elements commas count too. A quote that is left over opens a string that is still incomplete.
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_INSIDE = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING + rb")*+", re.DOTALL)
_AROUND = re.compile(rb'(?:[^"\[\]{},]++|' + _STRING + rb")*+", re.DOTALL)
_SPACE = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Element:
    """The bytes of one row, and the line and column of the file at which they begin."""

    line: int
    column: int
    text: bytes

    def place(self, text: str, offset: int) -> tuple[int, int]:
        """The line and column in the file of a character of the decoded text."""
        before = text[:offset]
        breaks = before.count("\n")
        if not breaks:
            return self.line, self.column + offset
        return self.line + breaks, offset - before.rindex("\n")


class ListError(Exception):
    """The file is not one list; what follows `line` cannot be told apart into rows."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.text = text


def split_elements(chunks: Iterable[bytes], *, longest: int = LONGEST_ROW) -> Iterator[Element]:
    """Every element of the list, in order. Raises ListError where the bytes are no list."""
    splitter = _Splitter(longest)
    for chunk in chunks:
        yield from splitter.feed(chunk)
    splitter.finish()


class _Splitter:
    """Follows brackets and strings; what lies between them is left to the JSON reader."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._data = b""
        self._depth = 0
        self._closed = False
        self._commas = 0
        self._begin = 0  # of the element in hand, in _data
        self._seen = 0  # how much of _data was followed
        self._line = 1
        self._column = 1

    def feed(self, chunk: bytes) -> Iterator[Element]:
        """The elements that end in this chunk."""
        self._data = self._data[self._begin :] + chunk
        self._seen -= self._begin
        self._begin = 0
        if self._depth == 0:
            self._check_outside()
        place = self._seen
        while (place := self._pass_over(place)) < len(self._data):
            token = self._data[place : place + 1]
            if token == b'"':
                break
            if self._depth > 1 or (self._depth == 1 and token in b"[{"):
                self._depth += 1 if token in b"[{" else -1
            else:
                yield from self._follow(token, place)
            place += 1
        self._seen = place
        if len(self._data) - self._begin > self._longest:
            at_most = f"a row may have at most {self._longest:,} bytes"
            raise ListError(self._line, f"{at_most}; the rest of the file was not checked")

    def finish(self) -> None:
        """Raise ListError when the list has not ended."""
        if self._depth:
            raise ListError(self._line, "the list is not closed: it has no last ]")

    def _pass_over(self, place: int) -> int:
        """The next place at which something can begin or end."""
        found = (_INSIDE if self._depth > 1 else _AROUND).match(self._data, place)
        return found.end() if found else place

    def _follow(self, token: bytes, place: int) -> Iterator[Element]:
        """What a bracket or a comma of the list itself means."""
        if token == b"}":
            raise ListError(self._line, "a } closes the list; it must be a ]")
        if self._depth:
            yield from self._element(place, last=token == b"]")
        self._advance(place + 1)
        if token == b"[":
            self._depth = 1
        elif token == b"]":
            self._depth = 0
            self._closed = True
            self._check_outside()

    def _element(self, place: int, *, last: bool) -> Iterator[Element]:
        raw = self._data[self._begin : place]
        text = raw.strip(_SPACE)
        if last and not text and not self._commas:
            return
        self._commas += 1
        self._advance(self._begin + len(raw) - len(raw.lstrip(_SPACE)))
        yield Element(self._line, self._column, text)

    def _check_outside(self) -> None:
        """Before the list and after it only white space may stand, and the list must be one."""
        rest = self._data[self._begin :].lstrip(_SPACE)
        self._advance(len(self._data) - len(rest))
        if not rest:
            return
        if self._closed:
            raise ListError(self._line, "there is more after the list's last ]")
        if rest[:1] != b"[":
            raise ListError(self._line, "a .json dataset must be one list of objects: [ … ]")

    def _advance(self, place: int) -> None:
        """Move the beginning of what is in hand, counting lines and columns on the way."""
        passed = self._data[self._begin : place]
        breaks = passed.count(b"\n")
        if breaks:
            self._line += breaks
            self._column = 1
            passed = passed[passed.rindex(b"\n") + 1 :]
        self._column += len(passed.decode(errors="replace"))
        self._begin = place
