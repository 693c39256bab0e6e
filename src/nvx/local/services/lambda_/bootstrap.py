"""The program that runs a handler in a process of its own: it stands alone, without nvx.

It is started as `python -I -u -c <this text> request.json reply.json` in the folder of the code, and
its text is read from this file. It prints nothing itself: what is printed is the function's log.
"""

import contextlib
import importlib
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

_GRACE_S = 5


class LambdaContext:
    """What a handler gets as its second argument."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.function_name: str = values["function_name"]
        self.function_version: str = values["function_version"]
        self.invoked_function_arn: str = values["invoked_function_arn"]
        self.memory_limit_in_mb: str = values["memory_limit_in_mb"]
        self.aws_request_id: str = values["aws_request_id"]
        self.log_group_name: str = values["log_group_name"]
        self.log_stream_name: str = values["log_stream_name"]
        self.identity = None
        self.client_context: Any = values["client_context"]
        self._deadline = time.monotonic() + values["timeout_s"]

    def get_remaining_time_in_millis(self) -> int:
        """How long the handler may still run."""
        return max(int((self._deadline - time.monotonic()) * 1000), 0)


class _Refused(Exception):
    """The handler cannot be called; `kind` is Lambda's name for why."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Call the handler; {"result": text} or {"error": …}."""
    try:
        handler = _handler(request["handler"])
        result = handler(request["event"], LambdaContext(request["context"]))
    except _Refused as error:
        return {
            "error": {"errorMessage": str(error), "errorType": error.kind, "stackTrace": []}
        }
    except Exception as error:  # noqa: BLE001  it is the user's, and becomes the reply
        return {"error": _described(error)}
    try:
        return {"result": json.dumps(result)}
    except (TypeError, ValueError) as error:
        message = f"Unable to marshal response: {error}"
        kind = "Runtime.MarshalError"
        return {"error": {"errorMessage": message, "errorType": kind, "stackTrace": []}}


def _handler(name: str) -> Any:
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise _Refused(
            "Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values"
        )
    module_name = module_name.replace("/", ".")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {error}"
        raise _Refused("Runtime.ImportModuleError", message) from error
    except SyntaxError as error:
        message = f"Syntax error in module '{module_name}': {error}"
        raise _Refused("Runtime.UserCodeSyntaxError", message) from error
    if not hasattr(module, function_name):
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise _Refused("Runtime.HandlerNotFound", message)
    return getattr(module, function_name)


def _log(error: dict[str, Any]) -> None:
    lines = [f"[ERROR] {error['errorType']}: {error['errorMessage']}\n"]
    lines += ["Traceback (most recent call last):\n", *error["stackTrace"]]
    # Not through sys.stdout: the handler may have replaced or closed it.
    with contextlib.suppress(OSError):
        os.write(1, "".join(lines).encode("utf-8", "backslashreplace"))


def _described(error: Exception) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename != "<string>"]
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "stackTrace": traceback.format_list(own),
    }


def main() -> None:
    """Read the request, run it for each of its events, write the replies."""
    request_path, reply_path = sys.argv[1:3]
    sys.path.insert(0, str(Path.cwd()))
    request = json.loads(Path(request_path).read_text(encoding="utf-8"))
    # The server stops the code in time; should it be killed itself, the code must end alone.
    signal.alarm(int(request["context"]["timeout_s"]) + _GRACE_S)
    replies = [run({**request, "event": event}) for event in request["events"]]
    for reply in replies:
        if "error" in reply:
            _log(reply["error"])
    Path(reply_path).write_text(json.dumps(replies), encoding="utf-8")


if __name__ == "__main__":
    main()
