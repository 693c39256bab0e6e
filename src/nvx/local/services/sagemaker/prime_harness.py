"""Runs a program on its tests, as a handler of a process of its own: it stands alone, without nvx."""

import contextlib
import io
import json
import sys
from typing import Any


def lambda_handler(event: dict[str, Any], _context: object) -> int:
    """1 where the program passes every test, else 0."""
    tests = zip(event["inputs"], event["outputs"], strict=False)
    try:
        compiled = compile(event["program"], "program", "exec")
        return int(all(_passes(compiled, event["fn_name"], *test) for test in tests))
    except (Exception, SystemExit):  # noqa: BLE001  whatever the program does, it did not pass
        return 0


def _passes(compiled: Any, function: str | None, given: Any, expected: Any) -> bool:
    if not function:
        return _printed(compiled, given).split() == str(expected).split()
    names: dict[str, Any] = {"__name__": "program"}
    exec(compiled, names)  # noqa: S102  the user's own program, in a process of its own
    found = names[function](*_arguments(given))
    return bool(found == _value(expected) or str(found) == str(expected))


def _printed(compiled: Any, given: Any) -> str:
    """What a program prints that reads its input."""
    out, before = io.StringIO(), sys.stdin
    sys.stdin = io.StringIO(str(given))
    try:
        with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
            exec(compiled, {"__name__": "__main__"})  # noqa: S102  as above
    finally:
        sys.stdin = before
    return out.getvalue()


def _arguments(given: Any) -> list[Any]:
    """The arguments of a call: a list, or text with one JSON value a line."""
    if isinstance(given, list):
        return given
    return [_value(line) for line in str(given).splitlines()]


def _value(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
