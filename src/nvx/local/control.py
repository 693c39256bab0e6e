"""The control API below /_nvx/: health, faults, clock, config, calls, reset, findings, blobs."""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from nvx.local.context import AwsError
from nvx.local.faults import BEFORE, EFFECTS
from nvx.local.pipeline import Machine
from nvx.local.quirks import QUIRKS
from nvx.local.wire.message import Reply, Request

PREFIX = "/_nvx/"
TOKEN_HEADER = "x-nvx-token"  # noqa: S105  the name of a header

Given = dict[str, Any]
Verb = Callable[[Machine, Given], Any]


def control_reply(machine: Machine, token: str, request: Request) -> Reply:
    """The reply to a control request; whatever changes something needs the token."""
    name = request.path.removeprefix(PREFIX)
    if name.startswith("blobs/") and request.method in ("GET", "HEAD"):
        return _blob(machine, name.removeprefix("blobs/"))
    try:
        verb = _verb(request, name, token)
        given = _given(request)
        with machine.lock:
            content = verb(machine, given)
    except AwsError as error:
        return _json({"code": error.code, "message": error.message}, error.status)
    return _json(content, 200)


def _verb(request: Request, name: str, token: str) -> Verb:
    verb = _VERBS.get((request.method, name))
    if verb is None:
        raise AwsError("NotFound", f"No control call {request.method} {request.path}.", 404)
    if request.method != "GET" and not _allowed(request, token):
        raise AwsError("AccessDenied", f"The header {TOKEN_HEADER} lacks the token.", 403)
    return verb


def _allowed(request: Request, token: str) -> bool:
    return hmac.compare_digest(request.header(TOKEN_HEADER).encode(), token.encode())


def _given(request: Request) -> Given:
    data = request.data()
    if not data.strip():
        return {}
    try:
        given = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise AwsError("ValidationException", "The body is not JSON.") from error
    if not isinstance(given, dict):
        raise AwsError("ValidationException", "The body is not a JSON object.")
    return given


def _json(content: Any, status: int) -> Reply:
    body = json.dumps(content, default=str, indent=1).encode()
    return Reply(status, {"Content-Type": "application/json"}, body)


def _blob(machine: Machine, sha: str) -> Reply:
    try:
        return Reply(200, {"Content-Type": "application/octet-stream"}, machine.blobs.open(sha))
    except KeyError:
        return _json({"code": "NotFound", "message": "No such blob."}, 404)


def _health(machine: Machine, _given: Given) -> Given:
    return {
        "status": "ok",
        "url": machine.endpoint,
        "pid": os.getpid(),
        "now": machine.clock.now().isoformat(),
    }


def _list_faults(machine: Machine, _given: Given) -> list[Given]:
    return [fault.as_dict() for fault in machine.faults.rules()]


def _add_faults(machine: Machine, given: Given) -> list[Given]:
    """One rule (a mapping, or {"rule": "text form"}), or {"rules": [several]}."""
    rules = given["rules"] if "rules" in given else [given.get("rule", given)]
    if not isinstance(rules, list) or not all(isinstance(rule, dict | str) for rule in rules):
        raise AwsError("ValidationException", "rules must be a list of rules.")
    machine.faults.extend(rules)
    return _list_faults(machine, given)


def _clear_faults(machine: Machine, given: Given) -> list[Given]:
    machine.faults.clear()
    return _list_faults(machine, given)


def _clock(machine: Machine, given: Given) -> Given:
    seconds = given.get("advance", 0)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise AwsError("ValidationException", "advance must be a number of seconds, 0 or more.")
    try:
        machine.clock.advance(seconds)
        now = machine.clock.now()
    except OverflowError as error:
        raise AwsError("ValidationException", "The clock cannot go so far.") from error
    return {"now": now.isoformat()}


def _config(machine: Machine, given: Given) -> Given:
    """Change settings; {"preset": name} comes first, the other members on top."""
    changes = dict(given)
    machine.settings.update(changes, preset=changes.pop("preset", None))
    return machine.settings.as_dict()


def _calls(machine: Machine, _given: Given) -> list[Given]:
    return [asdict(call) for call in machine.calls.all()]


def _clear_calls(machine: Machine, _given: Given) -> list[Given]:
    machine.calls.clear()
    return []


def _reset(machine: Machine, _given: Given) -> Given:
    """Forget every resource, fault, call and finding; settings and clock stay."""
    machine.store.clear()
    machine.blobs.clear()
    machine.faults.clear()
    machine.calls.clear()
    machine.bad_output.clear()
    return {"status": "ok"}


def _stop(machine: Machine, _given: Given) -> Given:
    machine.halted.set()
    return {"status": "stopping"}


def _bad_output(machine: Machine, _given: Given) -> list[str]:
    return list(machine.bad_output)


def _quirks(_machine: Machine, _given: Given) -> list[Given]:
    return [asdict(quirk) for quirk in QUIRKS]


def _effects(_machine: Machine, _given: Given) -> Given:
    return {"effects": list(EFFECTS), "before": sorted(BEFORE)}


_VERBS: dict[tuple[str, str], Verb] = {
    ("GET", "health"): _health,
    ("GET", "faults"): _list_faults,
    ("POST", "faults"): _add_faults,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "effects"): _effects,
    ("GET", "clock"): _health,
    ("POST", "clock"): _clock,
    ("GET", "config"): lambda machine, _given: machine.settings.as_dict(),
    ("POST", "config"): _config,
    ("GET", "calls"): _calls,
    ("DELETE", "calls"): _clear_calls,
    ("POST", "reset"): _reset,
    ("POST", "stop"): _stop,
    ("GET", "bad_output"): _bad_output,
    ("GET", "quirks"): _quirks,
}
