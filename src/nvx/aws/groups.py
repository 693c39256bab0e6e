"""Model package groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nvx.aws.call import Calls, pages
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

    def packages(self, name: str) -> int:
        """How many model packages are in the group."""
        params = {"ModelPackageGroupName": name, "MaxResults": 100}
        replies = pages(self._calls, "sagemaker", "ListModelPackages", params)
        return sum(len(reply["ModelPackageSummaryList"]) for reply in replies)

    def delete(self, name: str) -> None:
        """Delete an empty group. Absence is success."""
        try:
            self._calls.call(
                "sagemaker", "DeleteModelPackageGroup", {"ModelPackageGroupName": name}
            )
        except NotFound:
            return
