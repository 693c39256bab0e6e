"""`plan` sends nothing that is not on its list of reads."""

from __future__ import annotations

import threading

import pytest

from nvx.aws.reads import ALLOWED_READS
from nvx.aws.session import Aws, AwsSettings, NotARead
from nvx.cli.clock import SystemClock
from support.project import Project

SENT = "stacks/quickstart/data/conversions.jsonl"


def sent(project: Project) -> set[tuple[str, str]]:
    return {(call.service, call.operation) for call in project.calls()}


def test_every_call_of_a_plan_is_on_the_list(quickstart: Project) -> None:
    quickstart.plan()
    quickstart.apply()
    quickstart.forget_calls()
    quickstart.plan()
    quickstart.plan("--refresh", "full")
    data = quickstart.root / SENT
    data.write_bytes(b"".join(data.read_bytes().splitlines(keepends=True)[:-1]))
    quickstart.plan()
    assert sent(quickstart)
    assert sent(quickstart) <= ALLOWED_READS


def test_a_plan_without_refresh_sends_nothing(applied: Project) -> None:
    applied.plan("--no-refresh")
    assert applied.calls() == []


def test_planning_leaves_no_trace(quickstart: Project) -> None:
    before = {path for path in quickstart.root.rglob("*") if ".nvx" not in path.parts}
    quickstart.plan()
    assert {path for path in quickstart.root.rglob("*") if ".nvx" not in path.parts} == before


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("sagemaker", "StopTrainingJob", {"TrainingJobName": "x"}),
        (
            "sagemaker",
            "AddTags",
            {
                "ResourceArn": "arn:aws:sagemaker:us-west-2:000000000000:training-job/x",
                "Tags": [],
            },
        ),
        ("s3", "PutObject", {"Bucket": "b", "Key": "k"}),
        ("lambda", "Invoke", {"FunctionName": "f"}),
        (
            "sts",
            "AssumeRole",
            {"RoleArn": "arn:aws:iam::000000000000:role/r", "RoleSessionName": "rs"},
        ),
    ],
)
def test_any_other_operation_is_refused_before_it_is_sent(
    quickstart: Project, service: str, operation: str, params: dict[str, object]
) -> None:
    settings = AwsSettings("us-west-2", "", quickstart.aws.url, local=True, read_only=True)
    aws = Aws(settings, SystemClock(threading.Event()))
    try:
        with pytest.raises(NotARead):
            aws.call(service, operation, params)
    finally:
        aws.close()
    assert quickstart.calls() == []
