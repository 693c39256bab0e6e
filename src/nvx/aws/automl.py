"""AutoML jobs of SageMaker, and the endpoints that they deploy to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nvx.aws.call import Calls, Reply, pages
from nvx.core.cloud import CloudError, NotFound, Rejected


class AutoMlJobs:
    """The AutoML jobs of an account and region. Their names ignore case, and none is ever deleted."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def create(self, request: Mapping[str, Any]) -> str:
        """Start a job; its ARN. There is no request token: the name is the only guard."""
        reply = self._calls.call("sagemaker", "CreateAutoMLJobV2", request)
        return str(reply["AutoMLJobArn"])

    def describe(self, name: str) -> Reply | None:
        """One job, None where there is none. Its tags are not in it."""
        try:
            return self._calls.call("sagemaker", "DescribeAutoMLJobV2", {"AutoMLJobName": name})
        except NotFound:
            return None

    def listed(self, name_contains: str) -> Iterator[Reply]:
        """Summaries of the jobs with a text in their name, newest first: name, ARN and status."""
        params = {
            "NameContains": name_contains,
            "SortBy": "CreationTime",
            "SortOrder": "Descending",
            "MaxResults": 100,
        }
        for page in pages(self._calls, "sagemaker", "ListAutoMLJobs", params):
            yield from page["AutoMLJobSummaries"]

    def stop(self, name: str) -> None:
        """Ask a job to stop. One that has ended, or is not there, is as good as stopped."""
        try:
            self._calls.call("sagemaker", "StopAutoMLJob", {"AutoMLJobName": name})
        except NotFound:
            return
        except Rejected as refusal:
            if "in status" not in refusal.message:
                raise


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint, and what it is made of."""

    name: str
    arn: str
    status: str
    created: Any
    config: str = ""
    models: tuple[str, ...] = ()


class Endpoints:
    """The endpoints of an account and region. Raises CloudError."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def describe(self, name: str) -> Endpoint | None:
        """An endpoint with its configuration and models; None where there is none."""
        try:
            said = self._calls.call("sagemaker", "DescribeEndpoint", {"EndpointName": name})
        except NotFound:
            return None
        config = str(said.get("EndpointConfigName") or "")
        return Endpoint(
            name=str(said["EndpointName"]),
            arn=str(said["EndpointArn"]),
            status=str(said["EndpointStatus"]),
            created=said["CreationTime"],
            config=config,
            models=self._models(config) if config else (),
        )

    def delete(self, name: str, config: str, models: Sequence[str]) -> None:
        """Delete an endpoint, its configuration and its models. What is not there is no error."""
        self._delete("DeleteEndpoint", "EndpointName", name)
        if config:
            self._delete("DeleteEndpointConfig", "EndpointConfigName", config)
        for model in models:
            self._delete("DeleteModel", "ModelName", model)

    def _delete(self, operation: str, member: str, name: str) -> None:
        try:
            self._calls.call("sagemaker", operation, {member: name})
        except NotFound:
            return

    def _models(self, config: str) -> tuple[str, ...]:
        params = {"EndpointConfigName": config}
        try:
            said = self._calls.call("sagemaker", "DescribeEndpointConfig", params)
        except NotFound:
            return ()
        variants = said["ProductionVariants"]
        return tuple(str(v["ModelName"]) for v in variants if v.get("ModelName"))


class RoleAccess:
    """What a role may do, as far as IAM says it to us."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def denied(
        self, role: str, actions: Sequence[str], resources: Sequence[str]
    ) -> tuple[str, ...]:
        """The actions that a role may not do; none where IAM does not tell."""
        params = {
            "PolicySourceArn": role,
            "ActionNames": list(actions),
            "ResourceArns": list(resources),
        }
        try:
            reply = self._calls.call("iam", "SimulatePrincipalPolicy", params)
        except CloudError:
            return ()
        return tuple(
            str(result["EvalActionName"])
            for result in reply.get("EvaluationResults", ())
            if result["EvalDecision"] != "allowed"
        )
