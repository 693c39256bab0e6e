"""A local AWS with a dataset and a group, and the kinds of serverless runs that work in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from nvx.aws.models import Models
from nvx.aws.session import Aws, AwsSettings
from nvx.core.address import Address
from nvx.core.kind import Target
from nvx.core.resource import Declared, Scope, StackSettings
from nvx.core.state import Record, Status
from nvx.kinds.evaluation.benchmark import Benchmarks
from nvx.kinds.fine_tune.serverless_sft import ServerlessSft
from support.clock import FakeClock
from support.local_aws import Cloud, running
from support.runs import (
    ACCOUNT,
    APP,
    REGION,
    SCOPE,
    STACK,
    declared,
    intent_of,
    record_of,
    wish_of,
)

BUCKET = f"sagemaker-{REGION}-{ACCOUNT}"
QWEN = "huggingface-reasoning-qwen3-06b"
LLAMA = "meta-textgeneration-llama-3-2-1b-instruct"
TUNED = Address("fine_tune", "support")
LONG = 120.0


class World:
    """A local AWS with a dataset and a group, and the kinds that work in it."""

    def __init__(self, cloud: Cloud, aws: Aws) -> None:
        self.cloud = cloud
        self.sagemaker = cloud.client("sagemaker", region=REGION)
        self.s3 = cloud.client("s3", region=REGION)
        models = Models(aws)
        self.sft = ServerlessSft(aws, models)
        self.benchmarks = Benchmarks(aws, models)
        row = {"messages": [{"role": "user", "content": "a"}]}
        body = json.dumps(row).encode() * 3
        self.s3.put_object(Bucket=BUCKET, Key="data/train.jsonl", Body=body)
        self.sagemaker.create_model_package_group(ModelPackageGroupName="support")

    def tuning(self, **fields: Any) -> Declared:
        """A declared fine-tune."""
        given = {
            "base_model": QWEN,
            "dataset": f"s3://{BUCKET}/data/train.jsonl",
            "model_group": "support",
            **fields,
        }
        return declared(ServerlessSft, **given)

    def started(self, one: Declared) -> Record:
        """A fine-tune that was started."""
        seen = self.sft.create(wish_of(one), intent_of(one))
        return replace(record_of(one, seen.id, seen.outputs), name=seen.name)

    def tuned(self) -> str:
        """A tuned model; its ARN."""
        record = self.started(self.tuning())
        self.cloud.server.advance(LONG)
        seen = self.look(self.sft, record)
        assert seen.status is Status.READY, seen
        return str(seen.outputs["model_arn"])

    def look(self, kind: Any, record: Record) -> Any:
        """What a kind sees of a record."""
        target = Target(record.address, record.name, record)
        return kind.observe(SCOPE, [target])[record.address].newest


@contextmanager
def opened(cloud: Cloud) -> Iterator[Aws]:
    """The door of nvx to a cloud."""
    aws = Aws(
        AwsSettings(region=REGION, endpoint_url=cloud.server.url, local=True), FakeClock()
    )
    try:
        yield aws
    finally:
        aws.close()


@contextmanager
def serverless_world() -> Iterator[World]:
    """A new one."""
    with running() as cloud, opened(cloud) as aws:
        yield World(cloud, aws)


STACK_MLFLOW: StackSettings = replace(STACK, mlflow=APP)
SCOPE_MLFLOW = Scope(STACK_MLFLOW, SCOPE.lineage)


def asked(**fields: Any) -> Declared:
    given = {"model": QWEN, "benchmark": "gpqa", **fields}
    return declared(Benchmarks, "exam", STACK_MLFLOW, **given)
