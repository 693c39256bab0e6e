"""The AI registry: the private hub of an account and region, and the content in it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nvx.aws.call import Calls, Reply, pages
from nvx.core.cloud import AlreadyExists, NotFound

DATASET = "DataSet"
DOCUMENT = "JsonDoc"
SCHEMA = "2.0.0"
IN_SERVICE = "InService"
PAGE = 100

_NUMBER = re.compile(r"(\d{1,4})\.(\d{1,4})\.(\d{1,4})")
_FILTER = re.compile(r"[a-zA-Z0-9-]{1,63}")


def registry(region: str, account: str) -> str:
    """The name of the hub that Studio and the SageMaker SDK use as AI registry."""
    digest = hashlib.sha256(display_name(region, account).encode()).digest()
    return base64.b32hexencode(digest).decode().rstrip("=")


def display_name(region: str, account: str) -> str:
    """The name that people see."""
    return f"AiRegistry-{region}-{account}"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where contents of one type are: the hub and the type."""

    hub: str
    type: str


@dataclass(frozen=True, slots=True)
class Content:
    """One version of hub content. A listing gives neither its document nor why it failed."""

    name: str
    arn: str
    version: str
    status: str
    keywords: Sequence[str] = ()
    document: str = ""
    failure: str = ""

    @property
    def number(self) -> tuple[int, int, int]:
        """The version as numbers, which is how versions compare."""
        return _number(self.version)

    @property
    def major(self) -> int:
        """The part of the version that nvx counts up."""
        return self.number[0]


class Hub:
    """Calls about hubs and their contents. Raises CloudError; absence is None where it says so."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def status(self, hub: str) -> str:
        """The status of a hub; "" where there is none."""
        try:
            return str(self._sagemaker("DescribeHub", HubName=hub)["HubStatus"])
        except NotFound:
            return ""

    def create(self, hub: str, shown: str) -> None:
        """Create the hub. One that exists is as good: it is shared by all."""
        try:
            self._sagemaker(
                "CreateHub",
                HubName=hub,
                HubDescription="AI Registry Hub",
                HubDisplayName=shown,
            )
        except AlreadyExists:
            return

    def newest(self, shelf: Shelf, containing: str = "") -> Mapping[str, Content]:
        """The newest version of each name, 100 a page. A row may come late: absence proves nothing."""
        params = {"HubName": shelf.hub, "HubContentType": shelf.type, "MaxResults": PAGE}
        if _FILTER.fullmatch(containing):
            params["NameContains"] = containing
        try:
            replies = list(pages(self._calls, "sagemaker", "ListHubContents", params))
        except NotFound:
            return {}
        rows = [_content(row) for reply in replies for row in reply["HubContentSummaries"]]
        # A row may come twice when versions arrive between two pages: the newer one counts.
        return {row.name: row for row in sorted(rows, key=lambda row: row.number)}

    def versions(self, shelf: Shelf, name: str) -> Sequence[Content]:
        """Every version of a name, oldest first; none where the name or the hub does not exist."""
        params = {
            "HubName": shelf.hub,
            "HubContentType": shelf.type,
            "HubContentName": name,
            "MaxResults": PAGE,
        }
        try:
            replies = list(pages(self._calls, "sagemaker", "ListHubContentVersions", params))
        except NotFound:
            return ()
        rows = [_content(row) for reply in replies for row in reply["HubContentSummaries"]]
        return sorted(rows, key=lambda row: row.number)

    def describe(self, shelf: Shelf, name: str, version: str = "") -> Content | None:
        """One version of a name, the newest where none is named; None where there is none."""
        params = {"HubName": shelf.hub, "HubContentType": shelf.type, "HubContentName": name}
        if version:
            params["HubContentVersion"] = version
        try:
            return _content(self._sagemaker("DescribeHubContent", **params))
        except NotFound:
            return None

    def import_content(self, shelf: Shelf, params: Mapping[str, Any]) -> str:
        """Start the import of a version; its ARN. Raises AlreadyExists where the number is used."""
        reply = self._sagemaker(
            "ImportHubContent",
            HubName=shelf.hub,
            HubContentType=shelf.type,
            DocumentSchemaVersion=SCHEMA,
            **params,
        )
        return with_version(str(reply["HubContentArn"]), str(params["HubContentVersion"]))

    def delete(self, shelf: Shelf, name: str, version: str) -> None:
        """Delete one version. Absence is success."""
        try:
            self._sagemaker(
                "DeleteHubContent",
                HubName=shelf.hub,
                HubContentType=shelf.type,
                HubContentName=name,
                HubContentVersion=version,
            )
        except NotFound:
            return

    def _sagemaker(self, operation: str, **params: Any) -> Reply:
        return self._calls.call("sagemaker", operation, params)


def with_version(arn: str, version: str) -> str:
    """The ARN of a version, whether or not the ARN at hand names one."""
    last = arn.rsplit("/", 1)[-1]
    return arn if _NUMBER.fullmatch(last) else f"{arn}/{version}"


def without_version(arn: str) -> str:
    """The ARN that tags belong to: versioned ones are unknown to the tagging service."""
    head, _, last = arn.rpartition("/")
    return head if _NUMBER.fullmatch(last) else arn


def version_in(arn: str) -> str:
    """The version that an ARN names; "" where it names none."""
    last = arn.rpartition("/")[2]
    return last if _NUMBER.fullmatch(last) else ""


def _number(version: str) -> tuple[int, int, int]:
    match = _NUMBER.fullmatch(version)
    return (int(match[1]), int(match[2]), int(match[3])) if match else (0, 0, 0)


def _content(row: Mapping[str, Any]) -> Content:
    version = str(row["HubContentVersion"])
    return Content(
        name=str(row["HubContentName"]),
        arn=with_version(str(row["HubContentArn"]), version),
        version=version,
        status=str(row["HubContentStatus"]),
        keywords=tuple(row.get("HubContentSearchKeywords") or ()),
        document=str(row.get("HubContentDocument") or ""),
        failure=str(row.get("FailureReason") or ""),
    )
