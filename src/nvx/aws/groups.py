"""Model package groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nvx.aws.call import Calls
from nvx.core.cloud import NotFound


@dataclass(frozen=True, slots=True)
class Group:
    """A model package group, as it is now."""

    name: str
    arn: str
    status: str
    description: str = ""


class Groups:
    """Calls about model package groups. Raises CloudError."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def describe(self, name: str) -> Group | None:
        """The group of a name or ARN; None where there is none."""
        try:
            said = self._calls.call(
                "sagemaker", "DescribeModelPackageGroup", {"ModelPackageGroupName": name}
            )
        except NotFound:
            return None
        return Group(
            name=str(said["ModelPackageGroupName"]),
            arn=str(said["ModelPackageGroupArn"]),
            status=str(said["ModelPackageGroupStatus"]),
            description=str(said.get("ModelPackageGroupDescription") or ""),
        )

    def create(self, params: Mapping[str, Any]) -> str:
        """Create a group; its ARN. Raises AlreadyExists."""
        reply = self._calls.call("sagemaker", "CreateModelPackageGroup", params)
        return str(reply["ModelPackageGroupArn"])

    def holds_packages(self, name: str) -> bool:
        """Whether there is at least one model package in the group."""
        token: Mapping[str, Any] = {}
        while True:
            params = {"ModelPackageGroupName": name, "MaxResults": 1, **token}
            reply = self._calls.call("sagemaker", "ListModelPackages", params)
            if reply["ModelPackageSummaryList"]:
                return True
            if not reply.get("NextToken"):
                return False
            token = {"NextToken": reply["NextToken"]}

    def delete(self, name: str) -> None:
        """Delete an empty group. Absence is success."""
        try:
            self._calls.call(
                "sagemaker", "DeleteModelPackageGroup", {"ModelPackageGroupName": name}
            )
        except NotFound:
            return
