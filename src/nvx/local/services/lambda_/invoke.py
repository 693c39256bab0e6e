"""Invoke: the user's code, run for real on the user's machine."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from nvx.local.context import AwsError, Context, Params, operation
from nvx.local.services.lambda_ import register, runner
from nvx.local.services.lambda_.register import LATEST, Function
from nvx.local.services.logs import put_lines

_LARGEST = {"RequestResponse": 6_291_456, "Event": 1_048_576, "DryRun": 6_291_456}
_LARGEST_REPLY = 6_291_556
_LOG_TAIL = 4096


@operation("lambda", "Invoke")
def invoke(ctx: Context, params: Params) -> Params:
    """Run a function; an Event is run before its 202, since the local AWS has no queue."""
    asked = register.named(params)
    function = register.function_of(ctx, asked.name)
    found = register.version_of(ctx, function, asked.qualifier)
    kind = params.get("InvocationType") or "RequestResponse"
    event = _event(params, kind)
    if register.is_busy(ctx, function) and not function["Updating"]:
        register.check_idle(ctx, function)
    if kind == "DryRun":
        return {"StatusCode": 204, "ExecutedVersion": found["Config"]["Version"]}
    _check_runnable(ctx, found["Config"])
    outcome = _run(ctx, found, [event], _client_context(params))
    lines = _log_lines(ctx, found["Config"], outcome)
    put_lines(ctx, f"/aws/lambda/{asked.name}", _stream(ctx, found), lines)
    if kind == "Event":
        return {"StatusCode": 202, "Payload": b""}
    return _reply(found["Config"], outcome) | _tail(params, lines)


def invoke_all(ctx: Context, arn: str, events: Sequence[object]) -> list[object]:
    """What a function answers to each event, in one process that stays warm; None for a failure.

    Lets other requests in while it runs. AwsError where there is no such function, or it cannot run here.
    """
    asked = register.named({"FunctionName": arn})
    found = register.version_of(ctx, register.function_of(ctx, asked.name), asked.qualifier)
    _check_runnable(ctx, found["Config"])
    outcome = _run(ctx, found, events, None)
    lines = _log_lines(ctx, found["Config"], outcome)
    put_lines(ctx, f"/aws/lambda/{asked.name}", _stream(ctx, found), lines)
    return [json.loads(reply.result or "null") for reply in outcome.replies]


def _event(params: Params, kind: str) -> object:
    payload = params.get("Payload") or b""
    data: bytes = payload if isinstance(payload, bytes) else payload.read()
    largest = _LARGEST[kind]
    if len(data) > largest:
        message = f"{len(data)} byte payload is too large for the {kind} invocation type"
        raise AwsError("RequestTooLargeException", f"{message} (limit {largest} bytes)", 413)
    try:
        return json.loads(data) if data.strip() else {}
    except (ValueError, RecursionError) as error:
        message = f"Could not parse request body into json: {error}"
        raise AwsError("InvalidRequestContentException", message) from error


def _client_context(params: Params) -> object:
    try:
        return json.loads(base64.b64decode(params.get("ClientContext") or "bnVsbA=="))
    except ValueError as error:
        message = "Client context must be a valid Base64-encoded JSON object."
        raise AwsError("InvalidRequestContentException", message) from error


def _check_runnable(ctx: Context, config: Params) -> None:
    if not ctx.settings.run_lambda:
        message = (
            "Running functions is switched off (run_lambda = false); the code was not run."
        )
        raise AwsError("NotImplementedByLocalAws", message, 501)
    if not config["Runtime"].startswith("python"):
        message = f"The local AWS runs python functions only, not {config['Runtime']}."
        raise AwsError("NotImplementedByLocalAws", message, 501)


def _run(
    ctx: Context, function: Function, events: Sequence[object], client_context: object
) -> runner.Outcome:
    config = function["Config"]
    context = {
        "function_name": config["FunctionName"],
        "function_version": config["Version"],
        "invoked_function_arn": config["FunctionArn"],
        "memory_limit_in_mb": str(config["MemorySize"]),
        "aws_request_id": ctx.request_id,
        "log_group_name": f"/aws/lambda/{config['FunctionName']}",
        "log_stream_name": _stream(ctx, function),
        "client_context": client_context,
        "timeout_s": config["Timeout"],
    }
    with ctx.blobs.open(function["Code"]["Blob"]) as code:
        job = runner.Job(
            code=code,
            handler=config["Handler"],
            events=events,
            context=context,
            environment=_environment(ctx, config),
            timeout_s=config["Timeout"],
        )
        # The code may call this server: with the lock held it would wait for itself.
        with ctx.unlocked():
            return _outcome(job)


def _outcome(job: runner.Job) -> runner.Outcome:
    try:
        return runner.run(job)
    except runner.NotUnzipped as error:
        message = f"Lambda could not unzip the function code: {error}"
        members = {"Type": "User"}
        raise AwsError("InvalidZipFileException", message, 502, members=members) from error


def _environment(ctx: Context, config: Params) -> dict[str, str]:
    """Lambda's own variables, the way to this server, and the function's variables."""
    name = config["FunctionName"]
    own = {
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": config["Version"],
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config["MemorySize"]),
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{config['Runtime']}",
        "AWS_REGION": ctx.region,
        "AWS_DEFAULT_REGION": ctx.region,
        "AWS_ACCESS_KEY_ID": ctx.account,
        "AWS_SECRET_ACCESS_KEY": "nvx-local",
        "AWS_ENDPOINT_URL": ctx.endpoint,
    }
    variables: dict[str, str] = (config.get("Environment") or {}).get("Variables") or {}
    return own | variables


def _stream(ctx: Context, function: Function) -> str:
    """One log stream for each state of a function and day."""
    config = function["Config"]
    instance = hashlib.sha256(
        f"{config['FunctionArn']}/{config['RevisionId']}".encode()
    ).hexdigest()
    return f"{ctx.now:%Y/%m/%d}/[{config['Version']}]{instance[:32]}"


def _log_lines(ctx: Context, config: Params, outcome: runner.Outcome) -> list[str]:
    request, spent = f"RequestId: {ctx.request_id}", outcome.duration_s * 1000
    lines = [f"START {request} Version: {config['Version'] or LATEST}"]
    lines += outcome.log.splitlines()
    if outcome.error is not None and "stackTrace" not in outcome.error:
        lines.append(str(outcome.error["errorMessage"]))
    lines.append(f"END {request}")
    lines.append(
        f"REPORT {request}\tDuration: {spent:.2f} ms\tBilled Duration: {int(spent) + 1} ms\t"
        f"Memory Size: {config['MemorySize']} MB"
    )
    return lines


def _reply(config: Params, outcome: runner.Outcome) -> Params:
    reply: dict[str, Any] = {"StatusCode": 200, "ExecutedVersion": config["Version"]}
    error = outcome.error
    payload = (outcome.result or "null").encode()
    if error is None and len(payload) > _LARGEST_REPLY:
        message = "Response payload size exceeded maximum allowed payload size "
        error = {
            "errorMessage": f"{message}({_LARGEST_REPLY} bytes).",
            "errorType": "Function.ResponseSizeTooLarge",
        }
    if error is None:
        return reply | {"Payload": payload}
    return reply | {"FunctionError": "Unhandled", "Payload": json.dumps(error).encode()}


def _tail(params: Params, lines: list[str]) -> Params:
    if params.get("LogType") != "Tail":
        return {}
    text = "".join(f"{line}\n" for line in lines).encode()[-_LOG_TAIL:]
    return {"LogResult": base64.b64encode(text).decode("ascii")}
