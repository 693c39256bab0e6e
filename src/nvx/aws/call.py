"""One call to AWS: checked before it is sent, its reply checked, its errors sorted."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from nvx.aws.errors import cloud_error
from nvx.aws.reads import is_read
from nvx.aws.requests import findings
from nvx.core.cloud import CloudError, Rejected, Uncertain
from nvx.core.diagnostics import NvxError

_LOG = logging.getLogger("nvx.aws")

Reply = Mapping[str, Any]

_PROMISED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("lambda", "CreateFunction"): ("FunctionArn",),
    ("lambda", "UpdateFunctionConfiguration"): ("FunctionArn",),
    ("lambda", "GetFunction"): ("Configuration",),
    ("s3", "PutObject"): ("ETag",),
    ("s3", "CopyObject"): ("CopyObjectResult",),
    ("s3", "HeadObject"): ("ETag", "ContentLength"),
    ("s3", "CreateMultipartUpload"): ("UploadId",),
    ("s3", "UploadPart"): ("ETag",),
    ("s3", "CompleteMultipartUpload"): ("ETag",),
    ("sts", "GetCallerIdentity"): ("Account", "Arn"),
}
"""Members that always come, of operations whose model marks none as required."""


class Calls(Protocol):
    """Something that calls AWS. Gateways are made from one; tests pass a fake."""

    def call(self, service: str, operation: str, params: Mapping[str, Any]) -> Reply:
        """The reply. Raises CloudError."""
        ...


def call(client: Any, operation: str, params: Mapping[str, Any]) -> Reply:
    """Call an operation of a botocore client by its name in the service model.

    Raises Rejected for a request that breaks a limit of the model, before it is sent; Uncertain where
    a call that changes something got no usable answer; the classes of `core.cloud` for the rest.
    """
    from botocore import xform_name
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

    model = client.meta.service_model
    service = model.service_name
    _check(model, operation, params)
    try:
        reply = getattr(client, xform_name(operation))(**params)
    except (ClientError, BotoCoreError, HTTPClientError) as error:
        reads = is_read(service, operation)
        raise cloud_error(error, service, operation, reads=reads) from error
    except NvxError:
        raise
    except Exception as error:
        raise _unreadable(service, operation, f"{type(error).__name__}: {error}") from error
    return _checked(model, operation, reply)


def pages(
    calls: Calls, service: str, operation: str, params: Mapping[str, Any]
) -> Iterator[Reply]:
    """Every page of a listing that is followed by NextToken. Pages may be empty."""
    token: Mapping[str, Any] = {}
    while True:
        reply = calls.call(service, operation, {**params, **token})
        yield reply
        if not reply.get("NextToken"):
            return
        token = {"NextToken": reply["NextToken"]}


def _check(model: Any, operation: str, params: Mapping[str, Any]) -> None:
    found = list(findings(model, operation, params))
    for doubt in (problem for problem in found if problem.doubtful):
        _LOG.warning("%s.%s: %s", model.service_name, operation, doubt)
    wrong = [str(problem) for problem in found if not problem.doubtful]
    if wrong:
        raise Rejected(
            "; ".join(wrong),
            operation=f"{model.service_name}.{operation}",
            code="InvalidRequest",
        )


def _checked(model: Any, operation: str, reply: Reply) -> Reply:
    """The reply, if it holds what the operation always answers with."""
    shape = model.operation_model(operation).output_shape
    required = list(shape.required_members) if shape is not None else []
    required += _PROMISED.get((model.service_name, operation), ())
    missing = [name for name in required if reply.get(name) is None]
    if missing:
        text = f"the reply lacks {', '.join(missing)}"
        raise _unreadable(model.service_name, operation, text)
    return {name: value for name, value in reply.items() if name != "ResponseMetadata"}


def _unreadable(service: str, operation: str, text: str) -> CloudError:
    kind = CloudError if is_read(service, operation) else Uncertain
    return kind(text, operation=f"{service}.{operation}", code="UnreadableReply")
