"""Form uploads: each is the PutObject it stands for, checked against its policy first."""

from __future__ import annotations

import uuid

from nvx.local.context import AwsError
from nvx.local.model import REST_XML
from nvx.local.pipeline import Answer, Machine, answer
from nvx.local.wire.errors import error_reply
from nvx.local.wire.form import is_upload, read_upload
from nvx.local.wire.message import Request
from nvx.local.wire.policy import check_policy


def answer_any(machine: Machine, request: Request) -> Answer:
    """The answer to a request of an AWS client or to a form of a web page."""
    if not is_upload(request):
        return answer(machine, request)
    try:
        upload = read_upload(request)
        check_policy(upload, machine.clock.now())
        put = upload.request()
    except AwsError as error:
        return Answer(error_reply(REST_XML, "s3", error, str(uuid.uuid4())))
    stored = answer(machine, put)
    return Answer(upload.reply(stored.reply, machine.endpoint), stored.fault)
