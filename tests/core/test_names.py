from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from nvx.core.address import Address
from nvx.core.names import content_name, display_name, function_name, run_name

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True)
KEYS = st.none() | st.text(min_size=1, max_size=300)
STACKS = st.from_regex(r"[a-z0-9](-?[a-z0-9]){0,9}", fullmatch=True)
DIGESTS = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
ADDRESSES = st.builds(Address, st.just("fine_tune"), NAMES, KEYS)
AWS_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")


@given(STACKS, ADDRESSES, DIGESTS, st.integers(1, 999), st.sampled_from([32, 63]))
def test_run_names_fit_their_limit_and_pattern(
    stack: str, address: Address, digest: str, attempt: int, limit: int
) -> None:
    name = run_name(stack, address, digest, attempt, limit)
    assert AWS_NAME.fullmatch(name)
    assert len(name) <= max(limit, len(stack) + 15)


@given(STACKS, ADDRESSES, DIGESTS)
def test_function_names_fit_lambda(stack: str, address: Address, digest: str) -> None:
    assert re.fullmatch(r"SageMaker-nvx-[a-z0-9-]{1,50}", function_name(stack, address, digest))


@given(STACKS, ADDRESSES)
def test_content_names_fit_the_hub(stack: str, address: Address) -> None:
    name = content_name(stack, address)
    assert len(name) <= 63
    assert AWS_NAME.fullmatch(name)


@given(ADDRESSES, DIGESTS, st.integers(1, 99))
def test_display_names_fit_a_pipeline_execution(address: Address, digest: str, n: int) -> None:
    name = display_name(address, digest, n)
    assert len(name) <= 82
    assert AWS_NAME.fullmatch(name)
    assert name.endswith(f"{digest[:12]}-r{n}")


@given(ADDRESSES)
def test_an_address_reads_back(address: Address) -> None:
    assert "\n" in str(address) or Address.parse(str(address)) == address


@given(ADDRESSES)
def test_a_mark_is_short_and_plain(address: Address) -> None:
    assert re.fullmatch(r"[a-z0-9._=/-]{1,200}", address.mark)


@given(st.lists(ADDRESSES, unique=True, max_size=8))
def test_different_addresses_have_different_marks(addresses: list[Address]) -> None:
    assert len({address.mark for address in addresses}) == len(addresses)


def test_the_next_attempt_has_another_name() -> None:
    address = Address("fine_tune", "support")
    first = run_name("prod", address, "ab" * 32, 1)
    assert run_name("prod", address, "ab" * 32, 2) == f"{first}-r2"


def test_a_block_sorts_before_its_instances() -> None:
    block, one, two = (Address("a", "x", key) for key in (None, "1", "2"))
    assert sorted([two, block, one]) == [block, one, two]
