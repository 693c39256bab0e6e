"""Training jobs of SageMaker: create, describe, list, stop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nvx.aws.call import Calls, Reply, pages
from nvx.core.cloud import NotFound, Rejected


class TrainingJobs:
    """The training jobs of an account and region, serverless ones among them."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def create(self, request: Mapping[str, Any]) -> str:
        """Start a job; its ARN. There is no request token: the name is the only guard."""
        reply = self._calls.call("sagemaker", "CreateTrainingJob", request)
        return str(reply["TrainingJobArn"])

    def describe(self, name: str) -> Reply | None:
        """One job, None where there is none. Its tags are not in it."""
        try:
            return self._calls.call(
                "sagemaker", "DescribeTrainingJob", {"TrainingJobName": name}
            )
        except NotFound:
            return None

    def listed(self, name_contains: str) -> Iterator[Reply]:
        """Summaries of the jobs with a text in their name, newest first: name, ARN and status."""
        params = {"NameContains": name_contains, "MaxResults": 100}
        for page in pages(self._calls, "sagemaker", "ListTrainingJobs", params):
            yield from page["TrainingJobSummaries"]

    def tagged(self, key: str, value: str) -> Iterator[Reply]:
        """Jobs with a tag, their tags among what is shown. New ones may be missing for minutes."""
        expression = {
            "Filters": [{"Name": f"Tags.{key}", "Operator": "Equals", "Value": value}]
        }
        params = {"Resource": "TrainingJob", "SearchExpression": expression, "MaxResults": 100}
        for page in pages(self._calls, "sagemaker", "Search", params):
            for result in page.get("Results", ()):
                yield result["TrainingJob"]

    def stop(self, name: str) -> None:
        """Ask a job to stop. One that has ended, or is not there, is as good as stopped."""
        try:
            self._calls.call("sagemaker", "StopTrainingJob", {"TrainingJobName": name})
        except NotFound:
            return
        except Rejected as refusal:
            if "in status" not in refusal.message:
                raise
