"""Search: records of a resource type that fit an expression."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from nvx.local import tags
from nvx.local.context import Context, Params, operation
from nvx.local.paging import page
from nvx.local.services.sagemaker.content_calls import content_view
from nvx.local.services.sagemaker.contents import CONTENTS, status_of
from nvx.local.services.sagemaker.execution_views import execution_view
from nvx.local.services.sagemaker.filters import fits, value_at
from nvx.local.services.sagemaker.groups import GROUPS, PACKAGES, group_view
from nvx.local.services.sagemaker.jobs import all_jobs
from nvx.local.services.sagemaker.packages import package_view
from nvx.local.services.sagemaker.pipelines import EXECUTIONS, PIPELINES, pipeline_view
from nvx.local.services.sagemaker.refusals import invalid
from nvx.local.services.sagemaker.settling import settle
from nvx.local.services.sagemaker.timetable import GONE, state_at
from nvx.local.services.sagemaker.training_views import job_view

# Source: the members of the Search record of a training job in the service model.
_NOT_IN_RECORDS = frozenset({
    "ServerlessJobConfig", "MlflowConfig", "MlflowDetails", "ProgressInfo", "BillableTokenCount",
    "ProfilerRuleConfigurations", "RemoteDebugConfig", "InfraCheckConfig",
})  # fmt: skip
_ARNS = {
    "TrainingJob": "TrainingJobArn",
    "ModelPackageGroup": "ModelPackageGroupArn",
    "ModelPackage": "ModelPackageArn",
    "Pipeline": "PipelineArn",
    "PipelineExecution": "PipelineExecutionArn",
    "HubContent": "HubContentArn",
}


@operation("sagemaker", "Search")
def search(ctx: Context, params: Params) -> Params:
    """The records that fit, newest change first unless asked otherwise."""
    settle(ctx)
    resource = params["Resource"]
    records = _RECORDS.get(resource)
    if records is None:
        return {"Results": [], "TotalHits": {"Value": 0, "Relation": "EqualTo"}}
    expression = params.get("SearchExpression", {})
    found = [
        record for record in records(ctx) if _shown(ctx, record) and fits(record, expression)
    ]
    sort_by = params.get("SortBy", "LastModifiedTime")
    arn = _ARNS[resource]
    try:
        found.sort(
            key=lambda record: (_sortable(value_at(record, sort_by)), record[arn]),
            reverse=params.get("SortOrder", "Descending") == "Descending",
        )
    except TypeError as error:
        raise invalid(f"Search results cannot be sorted by {sort_by}.") from error
    shown, token = page(found, params, key=lambda record: record[arn])
    return {
        "Results": [{resource: record} for record in shown],
        "TotalHits": {"Value": len(found), "Relation": "EqualTo"},
        **({"NextToken": token} if token else {}),
    }


def _jobs(ctx: Context) -> Iterator[Params]:
    for doc in all_jobs(ctx):
        view = {
            key: value
            for key, value in job_view(ctx, doc).items()
            if key not in _NOT_IN_RECORDS
        }
        yield _tagged(ctx, view, doc["Arn"])


def _groups(ctx: Context) -> Iterator[Params]:
    for _, doc in ctx.table(GROUPS).items():
        view = group_view(ctx, doc)
        view.pop("ManagedConfiguration", None)
        yield _tagged(ctx, view, doc["ModelPackageGroupArn"])


def _packages(ctx: Context) -> Iterator[Params]:
    for _, doc in ctx.table(PACKAGES).items():
        view = package_view(ctx, doc)
        view.pop("ManagedStorageType", None)
        yield _tagged(ctx, view, doc["ModelPackageArn"])


def _pipelines(ctx: Context) -> Iterator[Params]:
    for _, doc in ctx.table(PIPELINES).items():
        if state_at(doc["Timetable"], ctx.now) != GONE:
            yield _tagged(ctx, pipeline_view(ctx, doc), doc["PipelineArn"])


def _executions(ctx: Context) -> Iterator[Params]:
    for _, doc in ctx.table(EXECUTIONS).items():
        pairs = [{"Name": key, "Value": str(value)} for key, value in doc["Parameters"].items()]
        yield {**execution_view(ctx, doc), "PipelineParameters": pairs}


def _contents(ctx: Context) -> Iterator[Params]:
    for _, doc in ctx.table(CONTENTS).items():
        if status_of(ctx, doc) != GONE:
            unversioned = doc["HubContentArn"].rpartition("/")[0]
            yield _tagged(ctx, content_view(ctx, doc), unversioned)


def _tagged(ctx: Context, view: Params, arn: str) -> Params:
    return {**view, "Tags": tags.to_list(tags.tags_of(ctx, arn))}


def _shown(ctx: Context, record: Params) -> bool:
    created: datetime = record["CreationTime"]
    return created + timedelta(seconds=ctx.settings.list_lag) <= ctx.now


def _sortable(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else "")


_RECORDS: Mapping[str, Callable[[Context], Iterator[Params]]] = {
    "TrainingJob": _jobs,
    "ModelPackageGroup": _groups,
    "ModelPackage": _packages,
    "Pipeline": _pipelines,
    "PipelineExecution": _executions,
    "HubContent": _contents,
}
