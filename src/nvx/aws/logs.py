"""CloudWatch Logs of training jobs."""

from __future__ import annotations

from collections.abc import Sequence

from nvx.aws.call import Calls
from nvx.core.cloud import NotFound

TRAINING_GROUP = "/aws/sagemaker/TrainingJobs"


class Logs:
    """The log groups of an account and region."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def last_lines(
        self, prefix: str, group: str = TRAINING_GROUP, limit: int = 100
    ) -> Sequence[str]:
        """The last lines of every stream whose name begins with a prefix; none where there are none."""
        params = {"logGroupName": group, "logStreamNamePrefix": prefix}
        try:
            found = self._calls.call("logs", "DescribeLogStreams", params)
        except NotFound:
            return ()
        names = sorted(str(stream["logStreamName"]) for stream in found.get("logStreams", ()))
        lines: list[str] = []
        for name in names:
            lines += self._stream(group, name, limit)
        return lines[-limit:]

    def _stream(self, group: str, stream: str, limit: int) -> list[str]:
        params = {
            "logGroupName": group,
            "logStreamName": stream,
            "startFromHead": False,
            "limit": limit,
        }
        try:
            reply = self._calls.call("logs", "GetLogEvents", params)
        except NotFound:
            return []
        return [str(event.get("message", "")).rstrip() for event in reply.get("events", ())]
