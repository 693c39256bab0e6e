"""Tags of SageMaker resources, by ARN."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nvx.aws.call import Calls, pages
from nvx.core.cloud import NotFound

_PAGE = 100


class Tags:
    """Calls about tags. Safe to repeat: adding overwrites, removing what is absent does nothing."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def of(self, arn: str) -> Mapping[str, str]:
        """The tags of a resource; none where it does not exist."""
        params = {"ResourceArn": arn, "MaxResults": _PAGE}
        try:
            replies = list(pages(self._calls, "sagemaker", "ListTags", params))
        except NotFound:
            return {}
        return {tag["Key"]: tag["Value"] for reply in replies for tag in reply.get("Tags", ())}

    def change(self, arn: str, wanted: Mapping[str, str], unwanted: Iterable[str]) -> None:
        """Set the wanted tags, and remove the unwanted keys among the others."""
        gone = sorted(set(unwanted) - set(wanted))
        if wanted:
            tags = [{"Key": key, "Value": wanted[key]} for key in sorted(wanted)]
            self._calls.call("sagemaker", "AddTags", {"ResourceArn": arn, "Tags": tags})
        if gone:
            self._calls.call("sagemaker", "DeleteTags", {"ResourceArn": arn, "TagKeys": gone})
