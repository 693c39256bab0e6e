"""The digest of a resource: SHA-256 of what it is made of. A changed digest is money."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from nvx.core.address import Address
from nvx.core.values import JsonValue, Reference, Template, Value, canonical

FORM = 1
"""The form of digests written today. Older forms are migrated, never silently changed."""


def digest_of(
    kind: str, variant: str, inputs: Mapping[str, Value], digests: Mapping[Address, str]
) -> str:
    """SHA-256 (64 hex) of canonical `{"form", "kind", "variant", "inputs"}`.

    `inputs` holds the behaviour fields that differ from their defaults, files and objects already
    replaced by their identity; a reference enters as the digest of its target, from `digests`.
    Raises KeyError for a reference to a resource without a digest.
    """
    return sha256_of(
        {
            "form": FORM,
            "kind": kind,
            "variant": variant,
            "inputs": pinned(inputs, digests),
        }
    )


def document_digest(digest: str, document: Mapping[str, JsonValue]) -> str:
    """SHA-256 (64 hex) of everything that a version of a versioned kind is imported with."""
    return sha256_of({"form": FORM, "digest": digest, "document": document})


def sha256_of(value: JsonValue) -> str:
    """SHA-256 (64 hex) of the canonical JSON of a value, integral floats as integers."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def pinned(value: Value, digests: Mapping[Address, str]) -> JsonValue:
    """The value with each reference replaced by `{"ref": digest of the target, "output": name}`."""
    if isinstance(value, Reference):
        return {"ref": digests[value.target], "output": value.output}
    if isinstance(value, Template):
        return {"text": [pinned(part, digests) for part in value.parts]}
    if isinstance(value, Mapping):
        return {key: pinned(inner, digests) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [pinned(inner, digests) for inner in value]
    return value  # type: ignore[return-value]  # what is left of Value is JSON
