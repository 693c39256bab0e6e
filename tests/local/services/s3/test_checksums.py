from __future__ import annotations

import base64
import hashlib
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.local.services.s3 import checksums
from support.local_aws import refused

CHECK = b"123456789"
KNOWN = {
    "CRC32": 0xCBF43926.to_bytes(4, "big"),
    "CRC32C": 0xE3069283.to_bytes(4, "big"),
    "CRC64NVME": 0xAE8B14860A799888.to_bytes(8, "big"),
    "SHA1": hashlib.sha1(CHECK, usedforsecurity=False).digest(),
    "SHA256": hashlib.sha256(CHECK).digest(),
    "SHA512": hashlib.sha512(CHECK).digest(),
    "MD5": hashlib.md5(CHECK, usedforsecurity=False).digest(),
}
LINEAR = ("CRC32", "CRC32C", "CRC64NVME")


def sum_of(algorithm: str, data: bytes) -> str:
    digest = checksums.start(algorithm)
    digest.update(data)
    return checksums.text(digest.digest())


@pytest.mark.parametrize("algorithm", sorted(KNOWN))
def test_the_check_value_of_every_algorithm(algorithm: str) -> None:
    assert sum_of(algorithm, CHECK) == base64.b64encode(KNOWN[algorithm]).decode()


@given(algorithm=st.sampled_from(LINEAR), parts=st.lists(st.binary(max_size=40), max_size=5))
def test_the_crc_of_parts_is_that_of_the_whole(algorithm: str, parts: list[bytes]) -> None:
    sums = [(sum_of(algorithm, part), len(part)) for part in parts]

    assert checksums.full(algorithm, sums) == sum_of(algorithm, b"".join(parts))


@given(data=st.binary(), place=st.integers(0, 200))
def test_a_checksum_does_not_depend_on_how_bytes_arrive(data: bytes, place: int) -> None:
    for algorithm in checksums.ALGORITHMS:
        digest = checksums.start(algorithm)
        digest.update(data[:place])
        digest.update(data[place:])
        assert checksums.text(digest.digest()) == sum_of(algorithm, data)


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_a_checksum_is_echoed_kept_and_given_back(s3: Any, algorithm: str) -> None:
    stored = s3.put_object(Bucket="box", Key="k", Body=CHECK, ChecksumAlgorithm=algorithm)
    plain = s3.head_object(Bucket="box", Key="k")
    found = s3.head_object(Bucket="box", Key="k", ChecksumMode="ENABLED")

    member = f"Checksum{algorithm}"
    assert stored[member] == found[member] == sum_of(algorithm, CHECK)
    assert stored["ChecksumType"] == found["ChecksumType"] == "FULL_OBJECT"
    assert member not in plain


@pytest.mark.parametrize("algorithm", sorted(set(KNOWN) - {"MD5", "SHA512"}))
def test_a_precomputed_checksum_is_verified(s3: Any, algorithm: str) -> None:
    member = f"Checksum{algorithm}"
    right, wrong = sum_of(algorithm, CHECK), sum_of(algorithm, b"other")

    s3.put_object(Bucket="box", Key="k", Body=CHECK, **{member: right})
    bad = {"Bucket": "box", "Key": "bad", "Body": CHECK}
    assert refused(s3.put_object, **bad, **{member: wrong}) == ("BadDigest", 400)
    assert refused(s3.put_object, **bad, **{member: "short"}) == ("InvalidRequest", 400)
    assert refused(s3.head_object, Bucket="box", Key="bad") == ("404", 404)


def test_a_wrong_content_md5_is_refused(s3: Any) -> None:
    wrong = base64.b64encode(hashlib.md5(b"other", usedforsecurity=False).digest()).decode()
    put = {"Bucket": "box", "Key": "k", "Body": CHECK}

    assert refused(s3.put_object, **put, ContentMD5=wrong) == ("BadDigest", 400)
    assert refused(s3.put_object, **put, ContentMD5="nonsense") == ("InvalidDigest", 400)


def test_two_checksums_at_once_are_refused(s3: Any) -> None:
    crc = base64.b64encode(zlib.crc32(CHECK).to_bytes(4, "big")).decode()
    both = {"ChecksumCRC32": crc, "ChecksumSHA1": sum_of("SHA1", CHECK)}

    assert refused(s3.put_object, Bucket="box", Key="k", Body=CHECK, **both)[1] == 400


def test_an_algorithm_that_cannot_be_computed_is_named(s3: Any) -> None:
    assert refused(s3.put_object, Bucket="box", Key="k", Body=b"", ChecksumXXHASH64="AAAA") == (
        "NotImplementedByLocalAws",
        501,
    )
