"""The checksums of S3: computed as bodies pass, compared, combined from those of parts."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from nvx.local.context import AwsError, Params


class Digest(Protocol):
    """A running checksum, as in hashlib."""

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""

    def digest(self) -> bytes:
        """The checksum of the bytes so far."""


@dataclass(frozen=True, slots=True)
class Crc:
    """A reflected CRC whose register starts and ends inverted, as all three of S3 do."""

    width: int
    polynomial: int

    @property
    def mask(self) -> int:
        """The register with all bits set."""
        return (1 << self.width) - 1

    def combine(self, first: int, second: int, length: int) -> int:
        """The CRC of two texts in a row, out of theirs; `length` is that of the second."""
        return self._times(self._power(8 * length), first) ^ second

    def table(self) -> tuple[int, ...]:
        """What each byte does to the register."""
        return tuple(self._byte(byte) for byte in range(256))

    def _byte(self, value: int) -> int:
        for _ in range(8):
            value = (value >> 1) ^ (self.polynomial if value & 1 else 0)
        return value

    def _times(self, one: int, other: int) -> int:
        product = 0
        for bit in reversed(range(self.width)):
            if one >> bit & 1:
                product ^= other
            other = (other >> 1) ^ (self.polynomial if other & 1 else 0)
        return product

    def _power(self, exponent: int) -> int:
        """Give x to the exponent, modulo the polynomial; the highest bit stands for x⁰."""
        result, square = 1 << (self.width - 1), 1 << (self.width - 2)
        while exponent:
            if exponent & 1:
                result = self._times(result, square)
            square = self._times(square, square)
            exponent >>= 1
        return result


_CRC32 = Crc(32, 0xEDB88320)
_CRC32C = Crc(32, 0x82F63B78)
_CRC64NVME = Crc(64, 0x9A6C9329AC4BC9B5)
_TABLES = {crc: crc.table() for crc in (_CRC32C, _CRC64NVME)}


class _ZlibCrc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


class _TableCrc:
    def __init__(self, crc: Crc) -> None:
        self._crc = crc
        self._register = crc.mask

    def update(self, data: bytes, /) -> None:
        table, register = _TABLES[self._crc], self._register
        for byte in data:
            register = table[(register ^ byte) & 0xFF] ^ (register >> 8)
        self._register = register

    def digest(self) -> bytes:
        return (self._register ^ self._crc.mask).to_bytes(self._crc.width // 8, "big")


_START: Mapping[str, Callable[[], Digest]] = {
    "CRC32": _ZlibCrc32,
    "CRC32C": lambda: _TableCrc(_CRC32C),
    "CRC64NVME": lambda: _TableCrc(_CRC64NVME),
    "SHA1": lambda: hashlib.sha1(usedforsecurity=False),
    "SHA256": hashlib.sha256,
    "SHA512": hashlib.sha512,
    "MD5": lambda: hashlib.md5(usedforsecurity=False),
}
_LINEAR = {"CRC32": _CRC32, "CRC32C": _CRC32C, "CRC64NVME": _CRC64NVME}
_UNKNOWN = ("XXHASH64", "XXHASH3", "XXHASH128")

ALGORITHMS = tuple(_START)
"""The checksum algorithms that can be computed with the standard library."""


def start(algorithm: str) -> Digest:
    """A running checksum; refuses an algorithm that the local AWS cannot compute."""
    if algorithm not in _START:
        message = (
            f"The local AWS cannot compute {algorithm} checksums: use one of {ALGORITHMS}."
        )
        raise AwsError("NotImplementedByLocalAws", message, 501)
    return _START[algorithm]()


def text(digest: bytes) -> str:
    """A checksum as S3 writes it: base64."""
    return base64.b64encode(digest).decode("ascii")


def algorithms_of(params: Params) -> list[str]:
    """The algorithms that a request names, by a value or by ChecksumAlgorithm."""
    named = given(params)
    if len(named) > 1:
        message = "Expecting a single x-amz-checksum- header"
        raise AwsError("InvalidRequest", f"{message}. Multiple checksum Types are not allowed.")
    if not named and params.get("ChecksumAlgorithm"):
        return [params["ChecksumAlgorithm"]]
    return list(named)


def given(params: Params) -> dict[str, str]:
    """The checksum values of a request (or of a completed part), by algorithm."""
    names = (*ALGORITHMS, *_UNKNOWN)
    return {name: params[f"Checksum{name}"] for name in names if params.get(f"Checksum{name}")}


def verify(params: Params, computed: Mapping[str, str]) -> None:
    """Refuse a body whose checksum is not the one that came with it."""
    for algorithm, value in given(params).items():
        if _size(value) != len(start(algorithm).digest()):
            header = f"x-amz-checksum-{algorithm.lower()}"
            raise AwsError("InvalidRequest", f"Value for {header} header is invalid.")
        if computed[algorithm] != value:
            message = f"The {algorithm} you specified did not match the calculated checksum."
            raise AwsError("BadDigest", message)


def verify_md5(params: Params, md5: bytes) -> None:
    """Refuse a body whose Content-MD5 is not the one that came with it."""
    value = params.get("ContentMD5")
    if not value:
        return
    if _size(value) != len(md5):
        raise AwsError("InvalidDigest", "The Content-MD5 you specified was invalid.")
    if value != text(md5):
        message = "The Content-MD5 you specified did not match what we received."
        raise AwsError("BadDigest", message)


def members(checksums: Mapping[str, str]) -> dict[str, Any]:
    """Checksums as members of a reply: ChecksumCRC32 and so on."""
    return {f"Checksum{name}": value for name, value in checksums.items()}


def full(algorithm: str, parts: Iterable[tuple[str, int]]) -> str:
    """The checksum of a whole object out of the (checksum, size) of its parts; CRCs only."""
    crc = _LINEAR[algorithm]
    value = 0
    for checksum, size in parts:
        value = crc.combine(value, int.from_bytes(base64.b64decode(checksum), "big"), size)
    return text(value.to_bytes(crc.width // 8, "big"))


def composite(algorithm: str, parts: Iterable[str]) -> str:
    """The checksum of the parts' checksums, with their number: `…-3`."""
    values = [base64.b64decode(checksum) for checksum in parts]
    digest = start(algorithm)
    digest.update(b"".join(values))
    return f"{text(digest.digest())}-{len(values)}"


def default_type(algorithm: str) -> str:
    """The checksum type of a multipart upload that names none."""
    return "FULL_OBJECT" if algorithm == "CRC64NVME" else "COMPOSITE"


def check_type(algorithm: str, kind: str) -> None:
    """Refuse a pair of algorithm and checksum type that multipart uploads do not have."""
    allowed = algorithm in _LINEAR if kind == "FULL_OBJECT" else algorithm != "CRC64NVME"
    if not allowed:
        message = (
            f"The {kind} checksum type cannot be used with the {algorithm.lower()} checksum"
        )
        raise AwsError("InvalidRequest", f"{message} algorithm.")


def _size(value: str) -> int:
    try:
        return len(base64.b64decode(value, validate=True))
    except ValueError:
        return -1
