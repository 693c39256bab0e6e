"""Values that look like credentials: nvx holds no secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from nvx.config.load import CREDENTIAL
from nvx.config.scan import KeyPath
from nvx.config.subject import Subject, dotted
from nvx.core.diagnostics import Diagnostic, error

ADVICE = "store it in AWS Secrets Manager, pass the ARN of the secret, and revoke this one"

_KNOWN = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\bhf_[A-Za-z0-9]{34}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{36}\b"
    r"|\bsk-[A-Za-z0-9_-]{32,}"
)
_SHORTEST = 20
_SECRET = re.compile(r"(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9/+=]{40}")
"""An AWS secret access key; a Git commit or a SHA-1 has no letters of both cases."""
_SECRET_NAME = re.compile(r"key|secret|token|password|credential", re.IGNORECASE)


def credentials_in(subject: Subject) -> list[Diagnostic]:
    """An error for each value in a table that looks like a credential."""
    return [
        credential(subject, path)
        for path, text in _texts(subject.table, ())
        if looks_secret((*subject.path, *path), text)
    ]


def credential(subject: Subject, path: KeyPath) -> Diagnostic:
    """The error for a value that looks like a credential, which is not shown."""
    return error(
        CREDENTIAL,
        "Credential in a stack",
        f"{dotted(path)} of {subject.title} looks like a credential; nvx holds no secrets",
        at=subject.at(path),
        hint=ADVICE,
    )


def looks_secret(path: KeyPath, text: str) -> bool:
    """Whether a text is a known form of credential, or an AWS secret key under a name for one."""
    if len(text) < _SHORTEST:
        return False
    if _KNOWN.search(text):
        return True
    if len(text) != 40 or not _SECRET.fullmatch(text):
        return False
    return any(isinstance(part, str) and _SECRET_NAME.search(part) for part in path)


def _texts(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*path, index))
