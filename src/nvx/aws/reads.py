"""The operations that change nothing: all that a plan may send."""

from __future__ import annotations

from collections.abc import Mapping

_READS: Mapping[str, tuple[str, ...]] = {
    "sts": ("GetCallerIdentity",),
    "sagemaker": (
        "DescribeAutoMLJobV2",
        "DescribeEndpoint",
        "DescribeEndpointConfig",
        "DescribeHub",
        "DescribeHubContent",
        "DescribeMlflowApp",
        "DescribeModelPackage",
        "DescribeModelPackageGroup",
        "DescribePipeline",
        "DescribePipelineDefinitionForExecution",
        "DescribePipelineExecution",
        "DescribeTrainingJob",
        "ListAutoMLJobs",
        "ListHubContentVersions",
        "ListHubContents",
        "ListModelPackageGroups",
        "ListModelPackages",
        "ListPipelineExecutionSteps",
        "ListPipelineExecutions",
        "ListPipelineVersions",
        "ListPipelines",
        "ListTags",
        "ListTrainingJobs",
        "Search",
    ),
    "bedrock": (
        "GetEvaluationJob",
        "GetFoundationModel",
        "GetInferenceProfile",
        "ListEvaluationJobs",
        "ListFoundationModels",
        "ListTagsForResource",
    ),
    "lambda": ("GetFunction", "GetFunctionConfiguration", "ListTags"),
    "logs": ("DescribeLogStreams", "FilterLogEvents", "GetLogEvents"),
    "s3": (
        "GetBucketLocation",
        "GetObject",
        "GetObjectAttributes",
        "HeadBucket",
        "HeadObject",
        "ListObjectVersions",
        "ListObjectsV2",
    ),
    "iam": ("GetRole", "SimulatePrincipalPolicy"),
    "resourcegroupstaggingapi": ("GetResources",),
}

ALLOWED_READS: frozenset[tuple[str, str]] = frozenset(
    (service, operation) for service, operations in _READS.items() for operation in operations
)
"""(service, operation), by exact name: an operation that is not here counts as changing something."""


def is_read(service: str, operation: str) -> bool:
    """Whether the operation is known to change nothing."""
    return (service, operation) in ALLOWED_READS
