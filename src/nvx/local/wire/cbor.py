"""CBOR (RFC 8949), as far as Smithy's RPC protocol goes."""

from __future__ import annotations

import struct
from datetime import datetime
from typing import Any

from nvx.local.wire.scalars import EPOCH, from_epoch, write_time

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_INDEFINITE = 31
_EPOCH_TAG = 1
_MAX_DEPTH = 200
_FLOATS = {25: (2, ">e"), 26: (4, ">f"), 27: (8, ">d")}
_CONSTANTS = {20: False, 21: True, 22: None, 23: None}


class CborError(ValueError):
    """The bytes are not CBOR."""


class _Break:
    """Ends an item of indefinite length."""


_BREAK = _Break()


def loads(data: bytes) -> Any:
    """The tree of some bytes; timestamps are aware datetimes."""
    reader = _Reader(data)
    try:
        value = reader.item(0)
    except CborError:
        raise
    except (struct.error, ValueError, OverflowError, TypeError) as error:
        raise CborError(str(error)) from error
    if value is _BREAK:
        raise CborError("a break outside of an item")
    return value


def dumps(value: Any) -> bytes:
    """The bytes of a tree of mappings, lists, texts, bytes, numbers, booleans and datetimes."""
    out = bytearray()
    _write(out, value)
    return bytes(out)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def item(self, depth: int) -> Any:
        if depth > _MAX_DEPTH:
            raise CborError("nested too deeply")
        first = self._take(1)[0]
        major, info = first >> 5, first & 31
        if major == _SIMPLE:
            return self._simple(info)
        if info == _INDEFINITE:
            return self._indefinite(major, depth)
        return self._definite(major, self._argument(info), depth)

    def _definite(self, major: int, size: int, depth: int) -> Any:
        match major:
            case 0:
                return size
            case 1:
                return -1 - size
            case 2:
                return self._take(size)
            case 3:
                return self._take(size).decode()
            case 4:
                return [self._whole(depth) for _ in range(self._possible(size))]
            case 5:
                return dict(self._pair(depth) for _ in range(self._possible(size)))
            case _:
                return self._tagged(size, depth)

    def _indefinite(self, major: int, depth: int) -> Any:
        items: list[Any] = []
        while (item := self.item(depth + 1)) is not _BREAK:
            items.append(item)
        match major:
            case 2:
                return b"".join(items)
            case 3:
                return "".join(items)
            case 4:
                return items
            case 5:
                return dict(zip(items[::2], items[1::2], strict=True))
            case _:
                raise CborError("an item of indefinite length that has none")

    def _pair(self, depth: int) -> tuple[Any, Any]:
        key = self._whole(depth)
        return key, self._whole(depth)

    def _whole(self, depth: int) -> Any:
        item = self.item(depth + 1)
        if item is _BREAK:
            raise CborError("a break inside an item of known length")
        return item

    def _tagged(self, tag: int, depth: int) -> Any:
        value = self._whole(depth)
        return from_epoch(value) if tag == _EPOCH_TAG else value

    def _simple(self, info: int) -> Any:
        if info == _INDEFINITE:
            return _BREAK
        if info in _FLOATS:
            size, code = _FLOATS[info]
            return struct.unpack(code, self._take(size))[0]
        if info in _CONSTANTS:
            return _CONSTANTS[info]
        raise CborError(f"no simple value {info}")

    def _argument(self, info: int) -> int:
        if info < 24:
            return info
        if info > 27:
            raise CborError("a reserved length")
        return int.from_bytes(self._take(1 << (info - 24)), "big")

    def _possible(self, size: int) -> int:
        if size > len(self._data) - self._at:
            raise CborError("longer than the data")
        return size

    def _take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise CborError("cut short")
        taken = self._data[self._at : end]
        self._at = end
        return taken


def _write(out: bytearray, value: Any) -> None:
    match value:
        case None | bool():
            out.append((_SIMPLE << 5) | {False: 20, True: 21, None: 22}[value])
        case int():
            _head(out, *((_UNSIGNED, value) if value >= 0 else (_NEGATIVE, -1 - value)))
        case float():
            out.append((_SIMPLE << 5) | 27)
            out += struct.pack(">d", value)
        case datetime():
            _head(out, _TAG, _EPOCH_TAG)
            _write(out, write_time(value, EPOCH))
        case _:
            _write_sized(out, value)


def _write_sized(out: bytearray, value: Any) -> None:
    match value:
        case bytes() | bytearray():
            _head(out, _BYTES, len(value))
            out += value
        case str():
            encoded = value.encode()
            _head(out, _TEXT, len(encoded))
            out += encoded
        case list() | tuple():
            _head(out, _ARRAY, len(value))
            for item in value:
                _write(out, item)
        case dict():
            _head(out, _MAP, len(value))
            for key, item in value.items():
                _write(out, key)
                _write(out, item)
        case _:
            raise TypeError(f"CBOR cannot hold {type(value).__name__}")


def _head(out: bytearray, major: int, argument: int) -> None:
    if argument < 24:
        out.append((major << 5) | argument)
        return
    power = next(power for power in range(4) if argument < 1 << (8 << power))
    out.append((major << 5) | (24 + power))
    out += argument.to_bytes(1 << power, "big")
