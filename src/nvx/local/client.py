"""Talking to the control API of a running local AWS."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nvx.local.control import PREFIX, TOKEN_HEADER

_TIMEOUT_S = 10.0
# A proxy of the environment has no business between two processes of one machine.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ControlError(Exception):
    """The server refused, or did not answer; the message says which."""


@dataclass(frozen=True, slots=True)
class Control:
    """The control API of one server; every method raises ControlError."""

    url: str
    token: str = ""

    def get(self, name: str) -> Any:
        """What a reading call gives: health, faults, config, calls, bad_output, quirks."""
        return self._call("GET", name, None)

    def post(self, name: str, content: Mapping[str, Any] | None = None) -> Any:
        """Change something: faults, clock, config, reset, stop."""
        return self._call("POST", name, content or {})

    def delete(self, name: str) -> Any:
        """Clear faults or calls."""
        return self._call("DELETE", name, None)

    def _call(self, method: str, name: str, content: Mapping[str, Any] | None) -> Any:
        request = urllib.request.Request(  # noqa: S310  the URL is the server's own
            f"{self.url}{PREFIX}{name}",
            data=None if content is None else json.dumps(content).encode(),
            headers={TOKEN_HEADER: self.token, "Content-Type": "application/json"},
            method=method,
        )
        try:
            with _DIRECT.open(request, timeout=_TIMEOUT_S) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            with error:
                raise ControlError(_message(error.read(), error.code)) from error
        except (OSError, ValueError) as error:
            raise ControlError(f"{self.url} does not answer: {error}") from error


def _message(body: bytes, status: int) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {status}"
