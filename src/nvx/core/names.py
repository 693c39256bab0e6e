"""Physical names: readable, unique, and the same for the same wish."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from nvx.core.address import Address

STACK_NAME = re.compile(r"[a-z0-9](-*[a-z0-9])*")
STACK_NAME_LIMIT = 20
LIMIT = 63
LAMBDA_LIMIT = 64
LAMBDA_PREFIX = "SageMaker-nvx-"
"""Managed policies allow a job to invoke only functions with SageMaker in their name."""


def slug_of(address: Address) -> str:
    """Block name and key in lower case, everything else a single `-`."""
    text = address.name if address.key is None else f"{address.name}-{address.key}"
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def tag8(stack: str, address: Address, digest: str) -> str:
    """8 hex that tell one wish from another."""
    return hashlib.sha256(f"{stack}\n{address}\n{digest}".encode()).hexdigest()[:8]


def run_name(
    stack: str, address: Address, digest: str, attempt: int, limit: int = LIMIT
) -> str:
    """`<stack>-<slug>-<tag8>[-r<attempt>]`; only the slug is cut to fit, to nothing if need be."""
    again = (f"r{attempt}",) if attempt > 1 else ()
    return _joined((stack,), slug_of(address), (tag8(stack, address, digest), *again), limit)


def function_name(stack: str, address: Address, digest: str) -> str:
    """The name of the Lambda function of one digest of a reward function, at most 64 characters."""
    room = LAMBDA_LIMIT - len(LAMBDA_PREFIX)
    return LAMBDA_PREFIX + run_name(stack, address, digest, 1, room)


def content_name(stack: str, address: Address, limit: int = LIMIT) -> str:
    """`<stack>-<slug>`, plus 6 hex of the address for an instance of `for_each`."""
    key: tuple[str, ...] = ()
    if address.key is not None:
        key = (hashlib.sha256(str(address).encode()).hexdigest()[:6],)
    return _joined((stack,), slug_of(address), key, limit)


def display_name(address: Address, digest: str, attempt: int, limit: int = 82) -> str:
    """The display name of an attempt of a pipeline: `<slug>-<digest12>-r<attempt>`."""
    return _joined((), slug_of(address), (digest[:12], f"r{attempt}"), limit)


def _joined(before: Iterable[str], slug: str, after: Iterable[str], limit: int) -> str:
    """The parts joined by `-`, with the slug cut so that the whole fits."""
    fixed = [*before, *after]
    room = limit - sum(len(part) + 1 for part in fixed)
    cut = slug[: max(room, 0)].strip("-")
    return "-".join(part for part in (*before, cut, *after) if part)
