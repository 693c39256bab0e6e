"""One request: identify, parse, fault, throttle, check, dispatch, commit, render."""

from __future__ import annotations

import re
import threading
import traceback
import uuid
from dataclasses import dataclass, field
from typing import Any

from nvx.local.blobs import Blobs
from nvx.local.calls import CallLog, brief
from nvx.local.check import reply_findings
from nvx.local.clock import Clock
from nvx.local.context import AwsError, Context, Params, handler_of
from nvx.local.dispatch import not_implemented, perform
from nvx.local.faults import BEFORE, DELAY, ERROR, ERROR_AFTER, Fault, Faults
from nvx.local.identify import Caller, Target, caller_of, protocol_guess, target_of
from nvx.local.model import family, operation_model
from nvx.local.seed import seed
from nvx.local.settings import Settings
from nvx.local.store import Store
from nvx.local.throttle import Throttle
from nvx.local.wire.errors import error_reply
from nvx.local.wire.message import Reply, Request
from nvx.local.wire.protocol import parse, render

_ATTEMPT = re.compile(r"attempt=(\d+)")


@dataclass(slots=True)
class Machine:
    """Everything a server holds. Store, blobs and handlers are used under the lock only."""

    store: Store
    blobs: Blobs
    clock: Clock
    settings: Settings
    faults: Faults
    calls: CallLog
    throttle: Throttle = field(default_factory=Throttle)
    bad_output: list[str] = field(default_factory=list)
    """What the self-check found wrong with our own replies."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    halted: threading.Event = field(default_factory=threading.Event)
    """Set when somebody asked the server to stop."""
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set when it stops; whoever hangs a reply wakes up."""
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply, and the fault that keeps it from arriving whole (None for none)."""

    reply: Reply
    fault: Fault | None = None


@dataclass(slots=True)
class _Asked:
    """A request on its way: what is known of it so far."""

    request: Request
    caller: Caller
    request_id: str
    attempt: int
    target: Target
    params: Params = field(default_factory=dict)
    fault: Fault | None = None


def answer(machine: Machine, request: Request) -> Answer:
    """The answer to a request of an AWS client; logged before it leaves."""
    caller = caller_of(request)
    found = _ATTEMPT.search(request.header("amz-sdk-request"))
    asked = _Asked(
        request=request,
        caller=caller,
        request_id=str(uuid.uuid4()),
        attempt=int(found.group(1)) if found else 1,
        target=Target(caller.signing_name, "", protocol_guess(request, caller)),
    )
    code = ""
    try:
        reply = _replied(machine, asked)
    except AwsError as error:
        code = error.code
        reply = _refusal(asked, error)
    reply.headers.setdefault("x-amzn-requestid", asked.request_id)
    if asked.target.service == "s3":
        reply.headers.setdefault("x-amz-request-id", asked.request_id)
        reply.headers.setdefault("x-amz-id-2", "nvx-local")
    _log(machine, asked, reply, code)
    return Answer(reply, asked.fault)


def refusal(request: Request, error: AwsError) -> Reply:
    """The reply to a request whose body cannot be read, in the protocol it seems to speak."""
    caller = caller_of(request)
    return error_reply(
        protocol_guess(request, caller),
        family(caller.signing_name)[0],
        error,
        str(uuid.uuid4()),
        head=request.method == "HEAD",
    )


def _replied(machine: Machine, asked: _Asked) -> Reply:
    """The reply; a failure of our own is a finding of the self-check and an InternalFailure."""
    try:
        return _attempted(machine, asked)
    except AwsError:
        raise
    except Exception as error:
        target = asked.target
        where = f"{target.service}:{target.operation}"
        machine.bad_output.append(f"{where}: {traceback.format_exc()}")
        raise AwsError("InternalFailure", f"The local AWS broke: {error!r}", 500) from error


def _attempted(machine: Machine, asked: _Asked) -> Reply:
    asked.target = target_of(asked.request, asked.caller)
    service, operation = asked.target.service, asked.target.operation
    model = operation_model(service, operation)
    if model is None or handler_of(service, operation) is None:
        raise not_implemented(service, operation)
    asked.params = parse(asked.target.protocol, model, asked.request, asked.target.labels)
    asked.fault = _pick(machine, asked)
    _strike_before(machine, asked.fault)
    scope = (asked.caller.account, asked.caller.region)
    machine.throttle.take(machine.settings.throttle, scope, f"{service}:{operation}")
    with machine.lock:
        reply = _done(machine, asked, model)
    if asked.fault is not None and asked.fault.do == ERROR_AFTER:
        raise asked.fault.error()
    return reply


def _pick(machine: Machine, asked: _Asked) -> Fault | None:
    target = asked.target
    fault = machine.faults.pick(target.service, target.operation, asked.params, asked.attempt)
    if fault is not None:
        return fault
    if machine.faults.chance(machine.settings.error_rate):
        return Fault(ERROR)
    if machine.faults.chance(machine.settings.lost_reply_rate):
        return Fault("drop_after")
    return None


def _strike_before(machine: Machine, fault: Fault | None) -> None:
    if fault is None:
        return
    if fault.do in BEFORE:
        raise fault.error()
    if fault.do == DELAY:
        machine.stopping.wait(fault.seconds)


def _done(machine: Machine, asked: _Asked, model: Any) -> Reply:
    """Run the handler, commit, check our own reply and render it; all or nothing."""
    ctx = _context(machine, asked)
    try:
        seed(ctx)
        value = perform(ctx, asked.params)
        machine.store.commit()
    except BaseException:
        machine.store.rollback()
        raise
    _self_check(machine, ctx, model, value)
    reply = render(asked.target.protocol, model, value, asked.request_id)
    reply.headers.update(ctx.reply_headers)
    reply.status = ctx.reply_status or reply.status
    return reply


def _context(machine: Machine, asked: _Asked) -> Context:
    return Context(
        service=asked.target.service,
        operation=asked.target.operation,
        account=asked.caller.account,
        region=asked.caller.region,
        request_id=asked.request_id,
        endpoint=machine.endpoint,
        store=machine.store,
        blobs=machine.blobs,
        clock=machine.clock,
        settings=machine.settings,
        headers=asked.request.headers,
        lock=machine.lock,
    )


def _self_check(machine: Machine, ctx: Context, model: Any, value: Params) -> None:
    shape = model.output_shape
    if shape is not None:
        for finding in reply_findings(ctx.service, shape, value):
            machine.bad_output.append(f"{ctx.service}:{ctx.operation}: {finding}")


def _refusal(asked: _Asked, error: AwsError) -> Reply:
    target = asked.target
    return error_reply(
        target.protocol,
        target.service,
        error,
        asked.request_id,
        head=asked.request.method == "HEAD",
    )


def _log(machine: Machine, asked: _Asked, reply: Reply, code: str) -> None:
    silent = asked.fault is not None and asked.fault.is_silent
    machine.calls.record(
        service=asked.target.service,
        operation=asked.target.operation,
        attempt=asked.attempt,
        invocation_id=asked.request.header("amz-sdk-invocation-id"),
        account=asked.caller.account,
        region=asked.caller.region,
        params=brief(asked.params),
        status=0 if silent else reply.status,
        code=code,
        effect=asked.fault.do if asked.fault else "",
    )
