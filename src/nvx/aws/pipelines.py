"""Pipelines of SageMaker, their versions and executions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nvx.aws.call import Calls, Reply, pages
from nvx.core.cloud import NotFound, Rejected, Uncertain


@dataclass(frozen=True, slots=True)
class PipelineText:
    """A pipeline as it is sent: its definition, the alias of that definition, and what is around it."""

    name: str
    definition: str
    alias: str
    role: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


class Pipelines:
    """The pipelines of an account and region."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def describe(self, name: str, alias: str = "") -> Reply | None:
        """A pipeline, or the version of it that has an alias; None where there is none."""
        params = {"PipelineName": name}
        if alias:
            params["PipelineVersionAlias"] = alias
        try:
            return self._calls.call("sagemaker", "DescribePipeline", params)
        except NotFound:
            return None

    def named(self, prefix: str) -> Iterator[str]:
        """The names of the pipelines whose name begins with a text."""
        params = {"PipelineNamePrefix": prefix, "MaxResults": 100}
        for page in pages(self._calls, "sagemaker", "ListPipelines", params):
            yield from (
                str(found["PipelineName"]) for found in page.get("PipelineSummaries", ())
            )

    def create(self, text: PipelineText, token: str) -> str:
        """Make a pipeline with a first version under an alias; its ARN."""
        params = {
            **_texts(text),
            "PipelineDisplayName": text.name,
            "PipelineVersionAliases": [text.alias],
            "ClientRequestToken": token,
            "Tags": [{"Key": key, "Value": value} for key, value in sorted(text.tags.items())],
        }
        return _arn(self._calls.call("sagemaker", "CreatePipeline", params), "PipelineArn")

    def add_version(self, text: PipelineText) -> str:
        """Put another definition into a pipeline, as a version under an alias; the pipeline's ARN."""
        params = {**_texts(text), "PipelineVersionAliases": [text.alias]}
        return _arn(self._calls.call("sagemaker", "UpdatePipeline", params), "PipelineArn")

    def describe_as(self, name: str, description: str) -> None:
        """Change the description of a pipeline; its definition stays."""
        params = {"PipelineName": name, "PipelineDescription": description}
        self._calls.call("sagemaker", "UpdatePipeline", params)

    def start(self, pipeline: str, alias: str, display_name: str, token: str) -> str:
        """Start the version that has an alias; the execution's ARN. A repeated token starts nothing."""
        params = {
            "PipelineName": pipeline,
            "PipelineVersionAlias": alias,
            "PipelineExecutionDisplayName": display_name,
            "ClientRequestToken": token,
        }
        reply = self._calls.call("sagemaker", "StartPipelineExecution", params)
        return _arn(reply, "PipelineExecutionArn")

    def executions(self, pipeline: str) -> Iterator[Reply]:
        """Summaries of the executions of a pipeline, newest first; none where there is no pipeline."""
        params = {
            "PipelineName": pipeline,
            "SortBy": "CreationTime",
            "SortOrder": "Descending",
            "MaxResults": 100,
        }
        try:
            for page in pages(self._calls, "sagemaker", "ListPipelineExecutions", params):
                yield from page.get("PipelineExecutionSummaries", ())
        except NotFound:
            return

    def execution(self, arn: str) -> Reply | None:
        """One execution, None where there is none."""
        params = {"PipelineExecutionArn": arn}
        try:
            return self._calls.call("sagemaker", "DescribePipelineExecution", params)
        except NotFound:
            return None

    def steps(self, arn: str) -> Sequence[Reply]:
        """The steps of an execution that have begun, in the order of their start."""
        params = {"PipelineExecutionArn": arn, "SortOrder": "Ascending", "MaxResults": 100}
        found: list[Reply] = []
        try:
            for page in pages(self._calls, "sagemaker", "ListPipelineExecutionSteps", params):
                found += page.get("PipelineExecutionSteps", ())
        except NotFound:
            return ()
        return found

    def stop(self, arn: str) -> None:
        """Ask an execution to stop. One that has ended, or is not there, is as good as stopped."""
        token = hashlib.sha256(f"stop {arn}".encode()).hexdigest()
        params = {"PipelineExecutionArn": arn, "ClientRequestToken": token}
        try:
            self._calls.call("sagemaker", "StopPipelineExecution", params)
        except NotFound:
            return
        except Rejected:
            if self._runs(arn):
                raise

    def model_artifact(self, package_arn: str) -> str:
        """The lineage artifact of a model package: the first that exists, else one made now."""
        listed = self._calls.call(
            "sagemaker", "ListArtifacts", {"SourceUri": package_arn, "MaxResults": 1}
        )
        for summary in listed.get("ArtifactSummaries", ()):
            return _arn(summary, "ArtifactArn")
        source_id = hashlib.sha256(package_arn.encode()).hexdigest()
        request = {
            "ArtifactType": "Model",
            "Source": {
                "SourceUri": package_arn,
                "SourceTypes": [{"SourceIdType": "Custom", "Value": source_id}],
            },
            "Properties": {"ModelPackageArn": package_arn},
        }
        return _arn(self._calls.call("sagemaker", "CreateArtifact", request), "ArtifactArn")

    def _runs(self, arn: str) -> bool:
        found = self.execution(arn)
        return found is not None and found.get("PipelineExecutionStatus") == "Executing"


def pipeline_of(execution_arn: str) -> str:
    """The name of the pipeline that an execution's ARN names."""
    return execution_arn.partition(":pipeline/")[2].partition("/")[0]


def _texts(text: PipelineText) -> dict[str, Any]:
    """What creating and updating a pipeline share. An empty description is not allowed on the wire."""
    texts = {
        "PipelineName": text.name,
        "PipelineDefinition": text.definition,
        "RoleArn": text.role,
    }
    return {**texts, "PipelineDescription": text.description} if text.description else texts


def _arn(reply: Reply, member: str) -> str:
    """A member that the model does not mark as required, and that every answer has nevertheless."""
    value = reply.get(member)
    if not value:
        raise Uncertain(f"the reply lacks {member}", code="UnreadableReply")
    return str(value)
