"""The AWS port in memory: what is left of the time of an apply is nvx's own."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from nvx.aws.hub import PAGE
from nvx.core.cloud import AlreadyExists, NotFound

Params = Mapping[str, Any]
K = TypeVar("K")
V = TypeVar("V")

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_RECIPE = {
    "Type": "FineTuning",
    "Name": "sft-lora",
    "CustomizationTechnique": "SFT",
    "Peft": "LORA",
    "SmtjRecipeTemplateS3Uri": "s3://jumpstart/recipe.yaml",
}
_QUESTIONS = {
    "Type": "Evaluation",
    "Name": "benchmark",
    "EvaluationType": "DeterministicTextBenchmark",
}
_MODEL = json.dumps({"GatedBucket": False, "RecipeCollection": [_RECIPE, _QUESTIONS]})


class MemoryAws:
    """A `Calls` that keeps what was made in dictionaries. Everything is ready at once.

    `latency_s` is how long each call takes. Knows the calls that a first apply and a plan make.
    """

    def __init__(self, region: str, account: str, latency_s: float = 0.0) -> None:
        self.calls = 0
        self._latency_s = latency_s
        self._arn = f"arn:aws:sagemaker:{region}:{account}:"
        self._lambda = f"arn:aws:lambda:{region}:{account}:function:"
        self._objects: dict[str, Params] = {}
        self._contents: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self._functions: dict[str, Params] = {}
        self._jobs: dict[str, Params] = {}
        self._pipelines: dict[str, Params] = {}
        self._executions: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._operations: dict[str, Callable[[Params], Params]] = {
            name.removeprefix("_do_"): getattr(self, name)
            for name in dir(self)
            if name.startswith("_do_")
        }

    def call(self, service: str, operation: str, params: Params) -> Params:
        """The reply. Raises CloudError."""
        with self._lock:
            self.calls += 1
        if self._latency_s:
            time.sleep(self._latency_s)  # noqa: TID251  the wire is what is played here
        return self._operations[operation](params)

    def _do_HeadObject(self, params: Params) -> Params:
        return _found(self._objects, f"{params['Bucket']}/{params['Key']}")

    def _do_PutObject(self, params: Params) -> Params:
        self._objects[f"{params['Bucket']}/{params['Key']}"] = {
            "ETag": '"etag"',
            "ContentLength": len(params["Body"].read()),
            "ChecksumSHA256": params["ChecksumSHA256"],
            "Metadata": params["Metadata"],
        }
        return {"ETag": '"etag"'}

    def _do_GetObject(self, params: Params) -> Params:
        raise NotFound(params["Key"])

    def _do_ListObjectsV2(self, params: Params) -> Params:
        return {"Contents": []}

    def _do_DescribeHub(self, params: Params) -> Params:
        return {"HubStatus": "InService"}

    def _do_ImportHubContent(self, params: Params) -> Params:
        name, type_ = params["HubContentName"], params["HubContentType"]
        arn = f"{self._arn}hub-content/{params['HubName']}/{type_}/{name}"
        row = {**params, "HubContentArn": arn, "HubContentStatus": "Available"}
        self._contents.setdefault((type_, name), []).append(row)
        return {"HubArn": f"{self._arn}hub/{params['HubName']}", "HubContentArn": arn}

    def _do_DescribeHubContent(self, params: Params) -> Params:
        name, type_ = params["HubContentName"], params["HubContentType"]
        if type_ == "Model":
            hub = f"arn:aws:sagemaker:us-west-2:aws:hub-content/{params['HubName']}"
            return {
                "HubContentName": name,
                "HubContentArn": f"{hub}/Model/{name}/1.0.0",
                "HubContentVersion": "1.0.0",
                "HubContentDocument": _MODEL,
            }
        return _found(self._contents, (type_, name))[-1]

    def _do_ListHubContentVersions(self, params: Params) -> Params:
        key = (params["HubContentType"], params["HubContentName"])
        return {"HubContentSummaries": list(_found(self._contents, key))}

    def _do_ListHubContents(self, params: Params) -> Params:
        wanted = [
            rows[-1]
            for (type_, _), rows in list(self._contents.items())
            if type_ == params["HubContentType"]
        ]
        begin = int(params.get("NextToken", 0))
        page: dict[str, Any] = {"HubContentSummaries": wanted[begin : begin + PAGE]}
        if begin + PAGE < len(wanted):
            page["NextToken"] = str(begin + PAGE)
        return page

    def _do_GetFunction(self, params: Params) -> Params:
        return _found(self._functions, params["FunctionName"].rpartition(":")[2])

    def _do_CreateFunction(self, params: Params) -> Params:
        arn = self._lambda + params["FunctionName"]
        configuration = {**params, "FunctionArn": arn, "State": "Active"}
        self._functions[params["FunctionName"]] = {
            "Configuration": configuration,
            "Tags": params["Tags"],
        }
        return {"FunctionArn": arn}

    def _do_CreateTrainingJob(self, params: Params) -> Params:
        name = params["TrainingJobName"]
        if name in self._jobs:
            raise AlreadyExists(name)
        arn = f"{self._arn}training-job/{name}"
        package = f"{self._arn}model-package/models/{next(self._numbers)}"
        self._jobs[name] = {
            **params,
            "TrainingJobArn": arn,
            "TrainingJobStatus": "Completed",
            "SecondaryStatus": "Completed",
            "OutputModelPackageArn": package,
            "TrainingStartTime": _NOW,
            "TrainingEndTime": _NOW,
        }
        return {"TrainingJobArn": arn}

    def _do_DescribeTrainingJob(self, params: Params) -> Params:
        return _found(self._jobs, params["TrainingJobName"])

    def _do_ListTrainingJobs(self, params: Params) -> Params:
        return {"TrainingJobSummaries": []}

    def _do_Search(self, params: Params) -> Params:
        return {"Results": []}

    def _do_ListTags(self, params: Params) -> Params:
        kind, _, name = params["ResourceArn"].partition(self._arn)[2].partition("/")
        made = self._pipelines if kind == "pipeline" else self._jobs
        return {"Tags": made[name]["Tags"]}

    def _do_DescribeModelPackage(self, params: Params) -> Params:
        base = {"HubContentName": "nova-textgeneration-lite-v2", "HubContentVersion": "1.0.0"}
        return {
            "ModelPackageArn": params["ModelPackageName"],
            "ModelPackageStatus": "Completed",
            "InferenceSpecification": {"Containers": [{"BaseModel": base}]},
        }

    def _do_CreatePipeline(self, params: Params) -> Params:
        arn = f"{self._arn}pipeline/{params['PipelineName']}"
        self._pipelines[params["PipelineName"]] = {**params, "PipelineArn": arn}
        return {"PipelineArn": arn}

    def _do_DescribePipeline(self, params: Params) -> Params:
        return _found(self._pipelines, params["PipelineName"])

    def _do_ListPipelines(self, params: Params) -> Params:
        return {"PipelineSummaries": []}

    def _do_StartPipelineExecution(self, params: Params) -> Params:
        name = params["PipelineName"]
        pipeline = f"{self._arn}pipeline/{name}"
        arn = f"{pipeline}/execution/e{next(self._numbers):011}"
        execution = {
            "PipelineArn": pipeline,
            "PipelineExecutionArn": arn,
            "PipelineExecutionDisplayName": params["PipelineExecutionDisplayName"],
            "PipelineExecutionStatus": "Succeeded",
            "CreationTime": _NOW,
            "LastModifiedTime": _NOW,
        }
        self._executions[name].append(execution)
        return {"PipelineExecutionArn": arn}

    def _do_ListPipelineExecutions(self, params: Params) -> Params:
        return {"PipelineExecutionSummaries": self._executions[params["PipelineName"]]}

    def _do_DescribePipelineExecution(self, params: Params) -> Params:
        arn = params["PipelineExecutionArn"]
        rows = self._executions[arn.partition(":pipeline/")[2].partition("/")[0]]
        return next(row for row in rows if row["PipelineExecutionArn"] == arn)

    def _do_ListPipelineExecutionSteps(self, params: Params) -> Params:
        return {"PipelineExecutionSteps": []}


def _found(rows: Mapping[K, V], key: K) -> V:
    if key not in rows:
        raise NotFound(str(key))
    return rows[key]
