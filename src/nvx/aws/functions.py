"""Lambda functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nvx.aws.call import Calls
from nvx.core.cloud import NotFound


@dataclass(frozen=True, slots=True)
class Function:
    """A function, as it is now. `update` is the status of its last update."""

    name: str
    arn: str
    state: str
    update: str
    reason: str = ""
    role: str = ""
    timeout: int = 0
    memory: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether it will not become usable by itself."""
        return self.state == "Failed" or self.update == "Failed"

    @property
    def active(self) -> bool:
        """Whether it can be invoked as it was last configured."""
        return self.state == "Active" and self.update == "Successful"


class Functions:
    """Calls about functions. Raises CloudError."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def get(self, name: str) -> Function | None:
        """The function of a name or ARN with its tags; None where there is none."""
        try:
            said = self._calls.call("lambda", "GetFunction", {"FunctionName": name})
        except NotFound:
            return None
        return _function(said["Configuration"], said.get("Tags") or {})

    def create(self, params: Mapping[str, Any]) -> str:
        """Create a function; its ARN. Raises AlreadyExists."""
        return str(self._calls.call("lambda", "CreateFunction", params)["FunctionArn"])

    def configure(self, name: str, params: Mapping[str, Any]) -> None:
        """Change its configuration. It takes effect while the function stays usable."""
        self._calls.call(
            "lambda", "UpdateFunctionConfiguration", {"FunctionName": name, **params}
        )

    def change_tags(
        self, arn: str, wanted: Mapping[str, str], unwanted: frozenset[str]
    ) -> None:
        """Set the wanted tags, and remove the unwanted keys among the others."""
        gone = sorted(unwanted - set(wanted))
        if wanted:
            self._calls.call("lambda", "TagResource", {"Resource": arn, "Tags": dict(wanted)})
        if gone:
            self._calls.call("lambda", "UntagResource", {"Resource": arn, "TagKeys": gone})

    def delete(self, name: str) -> None:
        """Delete it. Absence is success."""
        try:
            self._calls.call("lambda", "DeleteFunction", {"FunctionName": name})
        except NotFound:
            return


def _function(said: Mapping[str, Any], tags: Mapping[str, str]) -> Function:
    return Function(
        name=str(said.get("FunctionName") or ""),
        arn=str(said.get("FunctionArn") or ""),
        # Older functions come without a state: they have been active all along.
        state=str(said.get("State") or "Active"),
        update=str(said.get("LastUpdateStatus") or "Successful"),
        reason=str(said.get("StateReason") or said.get("LastUpdateStatusReason") or ""),
        role=str(said.get("Role") or ""),
        timeout=int(said.get("Timeout") or 0),
        memory=int(said.get("MemorySize") or 0),
        tags=dict(tags),
    )
