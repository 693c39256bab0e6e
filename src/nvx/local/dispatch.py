"""From checked members to a handler and back."""

from __future__ import annotations

from dataclasses import replace

from nvx.local.check import check_request
from nvx.local.context import AwsError, Context, Params, handler_of
from nvx.local.model import operation_model
from nvx.local.quirks import refusal_code

_WRONG_VALUE = "ValidationException"
NOT_IMPLEMENTED = "NotImplementedByLocalAws"


def not_implemented(service: str, operation: str) -> AwsError:
    """The refusal of an operation that has no handler. A 500 would be retried, this is not."""
    return AwsError(NOT_IMPLEMENTED, f"The local AWS does not have {service}:{operation}.", 501)


def perform(ctx: Context, params: Params) -> Params:
    """Check the members of a request and run its handler."""
    handler = handler_of(ctx.service, ctx.operation)
    model = operation_model(ctx.service, ctx.operation)
    if handler is None or model is None:
        raise not_implemented(ctx.service, ctx.operation)
    check_request(ctx.service, model, params)
    try:
        return handler(ctx, params)
    except AwsError as error:
        # Parts that all services share do not know what theirs calls a wrong value.
        if error.code == _WRONG_VALUE:
            error.code = refusal_code(ctx.service)
        raise


def call_inside(ctx: Context, service: str, operation: str, params: Params) -> Params:
    """Another operation as the service itself would call it.

    Checked against its model, in the transaction of the request that asked, without faults,
    throttling and call log.
    """
    inner = replace(
        ctx,
        service=service,
        operation=operation,
        reply_headers={},
        reply_status=None,
        headers={},
    )
    return perform(inner, params)
