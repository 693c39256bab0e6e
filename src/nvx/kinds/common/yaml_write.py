"""YAML as recipes are uploaded: block style, no anchors, the same bytes for the same values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from nvx.core.values import JsonValue

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./@+-]*(:[A-Za-z0-9_./@+-]+)*")
_RESERVED = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
_PRINTABLE = re.compile(r"[ !#-\[\]-~\u00a1-\u167f\u1681-\u1fff\u3001-\ud7ff]")
_INDENT = "  "


def yaml_text(document: Mapping[str, JsonValue]) -> str:
    """A document in the order of its keys."""
    return "".join(f"{line}\n" for line in _lines(document, ""))


def _lines(table: Mapping[str, JsonValue], indent: str) -> Iterator[str]:
    for key, value in table.items():
        name = f"{indent}{_string(key)}:"
        if isinstance(value, Mapping) and value:
            yield name
            yield from _lines(value, indent + _INDENT)
        else:
            yield f"{name} {_inline(value)}"


def _inline(value: JsonValue) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_string(k)}: {_inline(v)}" for k, v in value.items())
        return f"{{{inner}}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(_inline(inner) for inner in value)}]"
    return _scalar(value)


def _scalar(value: bool | int | float | str | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    return str(value) if isinstance(value, int) else _string(value)


def _float(number: float) -> str:
    """With a point in the mantissa: YAML 1.1 reads `1e-05` as text."""
    mantissa, e, exponent = repr(number).partition("e")
    return f"{mantissa}.0e{exponent}" if e and "." not in mantissa else repr(number)


def _string(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    return f'"{"".join(_character(c) for c in text)}"'


def _character(character: str) -> str:
    if _PRINTABLE.fullmatch(character):
        return character
    if character in '"\\':
        return f"\\{character}"
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
