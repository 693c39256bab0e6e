"""Bedrock: evaluation jobs, their tags, and the models that judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from nvx.aws.call import Calls, Reply
from nvx.core.cloud import AlreadyExists, CloudError, NotFound, Rejected

ENDED = frozenset({"Completed", "Failed", "Stopped", "Deleting"})


class EvaluationJobs:
    """The evaluation jobs of an account and region, by ARN. Raises CloudError."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def create(self, request: Mapping[str, Any]) -> str:
        """Start a job; its ARN. A request with a token that was sent before gives the same job."""
        reply = self._calls.call("bedrock", "CreateEvaluationJob", request)
        return str(reply["jobArn"])

    def describe(self, arn: str) -> Reply | None:
        """One job, None where there is none. Its tags are not in it."""
        try:
            return self._calls.call("bedrock", "GetEvaluationJob", {"jobIdentifier": arn})
        except NotFound:
            return None

    def listed(self, name_contains: str) -> Iterator[Reply]:
        """Summaries of the jobs with a text in their name, newest first, five a page at most."""
        params: dict[str, Any] = {"nameContains": name_contains, "maxResults": 1000}
        while True:
            reply = self._calls.call("bedrock", "ListEvaluationJobs", params)
            yield from reply.get("jobSummaries") or ()
            if not reply.get("nextToken"):
                return
            params["nextToken"] = reply["nextToken"]

    def stop(self, arn: str) -> None:
        """Ask a job to stop. One that has ended, or is not there, is as good as stopped."""
        try:
            self._calls.call("bedrock", "StopEvaluationJob", {"jobIdentifier": arn})
        except NotFound:
            return
        except (AlreadyExists, Rejected):  # a conflict: its status does not allow it
            job = self.describe(arn)
            if job is not None and job["status"] not in ENDED:
                raise


class BedrockTags:
    """Tags of Bedrock resources, by ARN."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def of(self, arn: str) -> Mapping[str, str]:
        """The tags of a resource; none where it does not exist."""
        try:
            said = self._calls.call("bedrock", "ListTagsForResource", {"resourceARN": arn})
        except NotFound:
            return {}
        return {str(tag["key"]): str(tag["value"]) for tag in said.get("tags") or ()}

    def change(self, arn: str, wanted: Mapping[str, str], before: Mapping[str, str]) -> None:
        """Set the wanted tags, and remove those among the earlier ones that are not wanted."""
        gone = sorted(set(before) - set(wanted))
        if wanted:
            params = {"resourceARN": arn, "tags": tag_list(wanted)}
            self._calls.call("bedrock", "TagResource", params)
        if gone:
            params = {"resourceARN": arn, "tagKeys": gone}
            self._calls.call("bedrock", "UntagResource", params)


class FoundationModels:
    """What Bedrock says of its models."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def problem(self, identifier: str, now: datetime) -> str:
        """Why a model cannot be used: it is unknown, or past its end of life; "" for nothing.

        An inference profile is no foundation model: only whether there is one is asked. Where Bedrock
        does not answer, nothing is said.
        """
        try:
            return self._asked(identifier, now)
        except CloudError:
            return ""

    def _asked(self, identifier: str, now: datetime) -> str:
        try:
            params = {"modelIdentifier": identifier}
            said = self._calls.call("bedrock", "GetFoundationModel", params)
        except (NotFound, Rejected):
            return self._profile(identifier)
        lifecycle = (said.get("modelDetails") or {}).get("modelLifecycle") or {}
        end = lifecycle.get("endOfLifeTime")
        if isinstance(end, datetime) and end <= now:
            return f"{identifier} is past its end of life, {end:%Y-%m-%d}"
        return ""

    def _profile(self, identifier: str) -> str:
        params = {"inferenceProfileIdentifier": identifier}
        try:
            self._calls.call("bedrock", "GetInferenceProfile", params)
        except NotFound:
            return f"Bedrock knows no model {identifier} in this region"
        return ""


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as Bedrock takes them, sorted by key."""
    return [{"key": key, "value": tags[key]} for key in sorted(tags)]
